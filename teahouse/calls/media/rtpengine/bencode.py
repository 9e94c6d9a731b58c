"""Bencoding, as the `ng` protocol uses it: numbers, strings, lists, and dictionaries in any order."""

from typing import Final

Value = int | str | list["Value"] | dict[str, "Value"]

DEPTH_MAX: Final = 16
VALUES_MAX: Final = 10_000
DIGITS_MAX: Final = 20


def encode(value: Value) -> bytes:
    match value:
        case int():
            return b"i%de" % value
        case str():
            text = value.encode()
            return b"%d:%s" % (len(text), text)
        case list():
            return b"l" + b"".join(map(encode, value)) + b"e"
        case dict():
            return b"d" + b"".join(encode(key) + encode(one) for key, one in value.items()) + b"e"


def decode(data: bytes) -> Value:
    """Raises `ValueError` when it is no bencoding, or one beyond the bounds."""
    reader = _Reader(data)
    value = reader.value(0)
    if reader.at != len(data):
        raise ValueError("something follows the value")
    return value


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.at = 0
        self._data = data
        self._values = 0

    def value(self, depth: int) -> Value:
        self._values += 1
        if depth > DEPTH_MAX or self._values > VALUES_MAX:
            raise ValueError("too deep or too many values")
        match self._data[self.at : self.at + 1]:
            case b"i":
                self.at += 1
                return self._number(b"e")
            case b"l":
                return self._items(depth)
            case b"d":
                items = self._items(depth)
                keys = items[::2]
                if len(items) % 2 or not all(isinstance(key, str) for key in keys):
                    raise ValueError("a dictionary without a key or a value")
                return {str(key): one for key, one in zip(keys, items[1::2], strict=True)}
            case _:
                return self._string()

    def _items(self, depth: int) -> list[Value]:
        self.at += 1
        items = []
        while self._data[self.at : self.at + 1] != b"e":
            items.append(self.value(depth + 1))
        self.at += 1
        return items

    def _string(self) -> str:
        size = self._number(b":")
        text = self._data[self.at : self.at + size]
        if size < 0 or len(text) != size:
            raise ValueError("a string that ends early")
        self.at += size
        return text.decode("utf-8", "replace")

    def _number(self, end: bytes) -> int:
        stop = self._data.find(end, self.at, self.at + DIGITS_MAX + 1)
        digits = self._data[self.at : stop] if stop >= 0 else b""
        if not digits.removeprefix(b"-").isdigit():
            raise ValueError("no number where one should be")
        self.at = stop + 1
        return int(digits)
