"""Meter numbers: eight digits, the last of which is a check digit (Luhn, as on payment cards)."""

FIRST = 4_000_000


def check_digit(digits: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (2 if place % 2 == 0 else 1)
        total += number - 9 if number > 9 else number
    return str(-total % 10)


def meter(number: int) -> str:
    """Return the company's n-th meter, from 0."""
    digits = str(FIRST + number)
    return digits + check_digit(digits)


def is_meter(text: str) -> bool:
    return len(text) == 8 and text.isascii() and text.isdigit() and check_digit(text[:-1]) == text[-1]
