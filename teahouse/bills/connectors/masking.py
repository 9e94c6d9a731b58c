"""Names of a biller's customers, as a payer may see them. Pure."""

STARS_MAX = 8


def masked(name: str) -> str:
    """Hide a name but for the first letter of each word; one that the biller has masked stays as it is."""
    name = " ".join(name.split())
    if "*" in name or "•" in name:
        return name
    return " ".join(word[0] + "*" * min(len(word) - 1, STARS_MAX) for word in name.split())
