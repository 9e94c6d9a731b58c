"""Money commands happen once: a command's key and body are kept with its answer, in the same transaction."""

from collections.abc import Callable
from hashlib import sha256
from typing import TypeVar

import msgspec
from msgspec import UNSET

from teahouse.commands import Actor, Command
from teahouse.errors import Refusal
from teahouse.storage.transaction import Tx
from teahouse.wallet import store
from teahouse.wallet.ledger.rules import KeyReused

T = TypeVar("T", bound=msgspec.Struct)
_encode = msgspec.json.Encoder(order="deterministic").encode
NOT_THE_BODY = ("id", "approval")
"""The client's number of a frame, and the proof of consent: a repeat after a cut may come with new ones."""


class NewRequests:
    """The group's money commands, until they are written together."""

    def __init__(self) -> None:
        self.rows: list[tuple[object, ...]] = []

    def flush(self, tx: Tx) -> None:
        if self.rows:
            rows, self.rows = self.rows, []
            store.append_requests(tx.connection, rows)

    def forget(self) -> None:
        self.rows.clear()


def once(tx: Tx, actor: Actor, command: Command, answer: type[T], decide: Callable[[], T]) -> T:
    """Return `decide()`, or what it returned when this person sent this key first. The command has a `key`.

    Raises `KeyReused` when the body is another one. A hot command looks for an earlier use only when it is refused, or
    when the group's append failed for it.
    """
    key: str = command.key  # type: ignore[attr-defined]
    if tx.alone and (first := _first(tx, actor, command, key, answer)) is not None:
        return first
    try:
        made = decide()
    except Refusal:
        if (first := _first(tx, actor, command, key, answer)) is not None:
            return first
        raise
    new: NewRequests = tx.gathered(NewRequests)
    new.rows.append((key, actor.person, digest(command), _encode(made), tx.now))
    return made


def digest(command: Command) -> bytes:
    """Return what tells two bodies apart: SHA-256 of the command without what may differ in a repeat."""
    fields = {
        name: value
        for name in command.__struct_fields__
        if name not in NOT_THE_BODY and (value := getattr(command, name)) is not UNSET
    }
    return sha256(_encode((str(command.__struct_config__.tag), fields))).digest()


def _first(tx: Tx, actor: Actor, command: Command, key: str, answer: type[T]) -> T | None:
    tx.flush()
    found = store.request_of(tx.connection, key, actor.person)
    if found is None:
        return None
    first, answered = found
    if bytes(first) != digest(command):
        raise KeyReused()
    return msgspec.json.decode(answered, type=answer)
