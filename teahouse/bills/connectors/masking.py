"""Names of a biller's customers, as a payer may see them. Pure."""

from teahouse.wallet.masking import masked as hidden


def masked(name: str) -> str:
    """Hide a name as real names are hidden; one that the biller has masked stays as it is."""
    name = " ".join(name.split())
    return name if "*" in name or "•" in name else hidden(name)
