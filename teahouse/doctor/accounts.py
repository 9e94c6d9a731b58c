"""The account that the house pays out from."""

from __future__ import annotations

from collections.abc import Iterator

from teahouse.config import Settings
from teahouse.doctor.model import Finding


def bank(settings: Settings) -> Iterator[Finding]:
    from teahouse.errors import Refusal
    from teahouse.wallet.bank.rules import house_account

    try:
        account = house_account(settings.bank_name, settings.bank_iban, settings.bank_bic)
    except Refusal as refusal:
        yield Finding("Bank", "fail", refusal.title, "Set bank_name, bank_iban and bank_bic, or none of them.")
        return
    if account:
        yield Finding("Bank", "ok", f"pays out from {account.iban} ({account.name})")
