"""Invitations to the house: a secret link with a number of uses and an end, stored hashed."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa

from teahouse import clock, ids
from teahouse.commands import Signed
from teahouse.errors import Forbidden, NotFound
from teahouse.people import invitation_store, rules, store
from teahouse.people.model import Invitation, InvitationCard, NewInvitation
from teahouse.people.relations import Relations
from teahouse.storage.transaction import Tx

if TYPE_CHECKING:
    from teahouse.house import House


class HouseRules(Protocol):
    """What people need to know of the house's settings."""

    @property
    def name(self) -> str: ...

    @property
    def registration(self) -> str: ...


class Invitations:
    def __init__(self, house: "House", relations: Relations, house_rules: Callable[[], HouseRules]) -> None:
        self._house = house
        self._relations = relations
        self._house_rules = house_rules

    def admit(self, connection: sa.Connection, secret: str) -> None:
        """Raises when the house would not take somebody in with this secret (empty: without one)."""
        row = _find(connection, secret)
        rules.admit(
            self._house_rules().registration, _invited(row) if row else None, given=bool(secret), now=clock.now_ms()
        )

    def redeem(self, tx: Tx, secret: str, person: str) -> None:
        """Use an admitted invitation up: the two become contacts, or the holder of the first link the operator."""
        row = _find(tx.connection, secret)
        if row is None:
            return
        invitation_store.use(tx.connection, row.id)
        if row.operator:
            store.change_person(tx.connection, person, operator=True)
        elif store.person_by_id(tx.connection, row.inviter) is not None:
            self._relations.meet(tx, row.inviter, person)

    async def first_link(self) -> str | None:
        """While the house has no operator: a new link that makes its holder one. It voids the older ones."""
        secret = ids.new_token()

        def commit(tx: Tx) -> bool:
            if store.has_operator(tx.connection):
                return False
            invitation_store.remove_first_links(tx.connection)
            self._add(tx, "", secret, uses=1, until=tx.now + rules.FIRST_LINK_MS, note="", operator=True)
            return True

        return self._url(secret) if await self._house.store.write(commit) else None

    async def make(self, signed: Signed, asked: NewInvitation) -> Invitation:
        secret = ids.new_token()

        def commit(tx: Tx) -> Invitation:
            if self._house_rules().registration == "closed":
                raise rules.RegistrationClosed()
            if not signed.is_operator:
                if asked.uses > rules.INVITATION_USES_MAX:
                    raise Forbidden("Only operators invite so many at once.", uses_max=rules.INVITATION_USES_MAX)
                if invitation_store.count_open(tx.connection, signed.person, tx.now) >= rules.INVITATIONS_MAX:
                    raise rules.TooManyInvitations(max=rules.INVITATIONS_MAX)
            invitation_store.remove_over(tx.connection, signed.person, tx.now - rules.INVITATION_SHOWN_MS)
            until = tx.now + asked.hours * clock.HOUR_MS
            identifier = self._add(
                tx, signed.person, secret, uses=asked.uses, until=until, note=rules.clean_line(asked.note)
            )
            row = invitation_store.by_id(tx.connection, identifier)
            assert row is not None
            return _as_invitation(row, self._url(secret))

        return await self._house.store.write(commit)

    def shown(self, connection: sa.Connection, signed: Signed) -> tuple[Invitation, ...]:
        """One's own; an operator sees everybody's."""
        rows = invitation_store.shown(connection, signed.person, everybodys=signed.is_operator)
        return tuple(_as_invitation(row) for row in rows)

    def revoke(self, tx: Tx, signed: Signed, identifier: str) -> None:
        row = invitation_store.by_id(tx.connection, identifier)
        if row is None or not row.inviter or not (signed.is_operator or row.inviter == signed.person):
            raise NotFound("There is no such invitation of yours.")
        invitation_store.remove(tx.connection, identifier)

    def card(self, connection: sa.Connection, secret: str) -> InvitationCard:
        row = _find(connection, secret)
        if row is None or not _invited(row).is_good(clock.now_ms()):
            raise rules.InvitationSpent()
        return InvitationCard(
            house=self._house_rules().name,
            inviter=store.person_by_id(connection, row.inviter) if row.inviter else None,
            operator=bool(row.operator),
        )

    def _add(
        self, tx: Tx, inviter: str, secret: str, *, uses: int, until: int, note: str, operator: bool = False
    ) -> str:
        values = {
            "id": ids.new_id(),
            "secret_hash": ids.hash_token(secret),
            "inviter": inviter,
            "operator": operator,
            "note": note,
            "uses": uses,
            "used": 0,
            "created_at": tx.now,
            "expires_at": until,
        }
        invitation_store.add(tx.connection, values)
        return str(values["id"])

    def _url(self, secret: str) -> str:
        return f"{self._house.settings.public_url}/i/{secret}"


def _find(connection: sa.Connection, secret: str) -> sa.Row[Any] | None:
    return invitation_store.by_secret(connection, ids.hash_token(secret)) if secret else None


def _invited(row: sa.Row[Any]) -> rules.Invited:
    return rules.Invited(row.uses, row.used, row.expires_at, bool(row.operator))


def _as_invitation(row: sa.Row[Any], url: str = "") -> Invitation:
    return Invitation(row.id, row.note, row.uses, row.used, row.expires_at, row.created_at, row.inviter, url)
