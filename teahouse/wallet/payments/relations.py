"""How payer and payee stand to each other, remembered by the writer's thread, for each payment asks it."""

from typing import Literal

from teahouse.errors import NotFound
from teahouse.people.service import PeopleService
from teahouse.storage.transaction import Tx

Relation = Literal["contacts", "strangers", "blocked"]
PAIRS_MAX = 200_000


class Relations:
    def __init__(self, people: PeopleService) -> None:
        self._people = people
        self._known: dict[tuple[str, str], Relation] = {}

    def register(self) -> None:
        """Hear, after chat, of what changes between two people."""
        others_hear = self._people.on_relation

        def heard(tx: Tx, one: str, other: str) -> None:
            others_hear(tx, one, other)
            self._forget(one, other)
            tx.undo(lambda: self._forget(one, other))

        self._people.on_relation = heard

    def between(self, tx: Tx, payer: str, payee: str) -> Relation:
        """Raises `NotFound` when the payee is gone. `blocked`: by either of them."""
        found = self._known.get((payer, payee))
        if found is not None:
            return found
        if self._people.person(tx.connection, payee) is None:
            raise NotFound("There is no such person.")
        relation: Relation = "strangers"
        if self._people.blocked_between(tx.connection, payer, payee):
            relation = "blocked"
        elif self._people.are_contacts(tx.connection, payer, payee):
            relation = "contacts"
        if len(self._known) >= PAIRS_MAX:
            self._known.clear()
        self._known[payer, payee] = relation
        return relation

    def _forget(self, one: str, other: str) -> None:
        self._known.pop((one, other), None)
        self._known.pop((other, one), None)
