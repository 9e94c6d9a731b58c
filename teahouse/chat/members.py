"""Members: they are let in, leave, are removed, get a role, lose their voice for a while.

A member's row outlives the membership: it says what the person may still read.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from teahouse.chat import reads, rules, store
from teahouse.chat.changes import tell_leads, tell_members
from teahouse.chat.content import System
from teahouse.chat.events import ChatLeft, ChatOpened, JoinRequestClosed
from teahouse.chat.model import AddMembers, LeaveChat, MuteMember, RemoveMember, SetRole
from teahouse.chat.send import Sending
from teahouse.chat.state import Chats, ChatState, MemberState
from teahouse.commands import Actor, Done
from teahouse.people.model import Person
from teahouse.people.service import PeopleService
from teahouse.storage.transaction import Tx

_DONE = Done()
IN_AT_ONCE = 500


class Members:
    def __init__(self, chats: Chats, sending: Sending, people: PeopleService) -> None:
        self._chats = chats
        self._sending = sending
        self._people = people

    # --- commands ---

    def add(self, tx: Tx, actor: Actor, command: AddMembers) -> Done:
        state = self._chats.get(tx, command.chat)
        rules.may_add(state, rules.member_of(state, actor.person))
        new = [person for person in dict.fromkeys(command.people) if person not in state.members]
        if not new:
            return _DONE
        self.must_be_contacts(tx, actor.person, new)
        rules.has_room(state, len(new))
        self.admit(tx, state, new, System(what="added", people=(actor.person, *new)))
        return _DONE

    def remove(self, tx: Tx, actor: Actor, command: RemoveMember) -> Done:
        state = self._chats.get(tx, command.chat)
        rules.may_rule(state, rules.member_of(state, actor.person), self._other(state, command.person))
        self._dismiss(tx, state, command.person, System(what="removed", people=(actor.person, command.person)))
        return _DONE

    def leave(self, tx: Tx, actor: Actor, command: LeaveChat) -> Done:
        state = self._chats.get(tx, command.chat)
        rules.may_leave(state, rules.member_of(state, actor.person))
        self._dismiss(tx, state, actor.person, System(what="left", people=(actor.person,)))
        return _DONE

    def set_role(self, tx: Tx, actor: Actor, command: SetRole) -> Done:
        state = self._chats.get(tx, command.chat)
        member = rules.member_of(state, actor.person)
        other = self._other(state, command.person)
        rules.may_set_role(state, member, other, command.role)
        if other.role == command.role:
            return _DONE
        self._chats.changing(tx, state)
        other.role = command.role
        self._keep(tx, state, other.person, role=other.role)
        if command.role == "owner":
            member.role = "admin"
            self._keep(tx, state, member.person, role=member.role)
            tell_members(tx, state, changed=(other, member), people=self._faces(tx, (other.person, member.person)))
            self.notice(tx, state, System(what="owner_changed", people=(actor.person, other.person)))
        else:
            tell_members(tx, state, changed=(other,), people=self._faces(tx, (other.person,)))
            notice = System(what="role_changed", people=(actor.person, other.person), value=command.role)
            self.notice(tx, state, notice)
        return _DONE

    def mute(self, tx: Tx, actor: Actor, command: MuteMember) -> Done:
        state = self._chats.get(tx, command.chat)
        other = self._other(state, command.person)
        rules.may_rule(state, rules.member_of(state, actor.person), other)
        until = tx.now + min(command.duration, rules.MUTE_MAX_MS) if command.duration else 0
        if until == other.muted_until:
            return _DONE
        self._chats.changing(tx, state)
        other.muted_until = until
        self._keep(tx, state, other.person, muted_until=until)
        tell_members(tx, state, changed=(other,))
        return _DONE

    # --- for the rest of the room ---

    def must_be_contacts(self, tx: Tx, person: str, others: Sequence[str]) -> None:
        """Raises `NotContacts`. Somebody who blocked one, or whom one blocked, is no contact here either."""
        known = self._people.contacts_among(tx.connection, person, others)
        known -= self._people.blocked_among(tx.connection, person, others)
        strangers = [other for other in others if other not in known]
        if strangers:
            raise rules.NotContacts(people=strangers)

    def admit(self, tx: Tx, state: ChatState, new: Sequence[str], notice: System) -> None:
        """Let people in who are not: open the chat to them, tell the others, leave a notice.

        The newcomers of a group read what comes from now on; those of a channel read all that is there.
        """
        self._chats.changing(tx, state)
        tx.flush()
        history_from = 1 if state.kind == "channel" else state.last_seq + 1
        joined_number = tx.number()
        before = self._rows_of(tx, state, new)
        values = {
            "role": "member",
            "joined_at": tx.now,
            "joined_number": joined_number,
            "left_number": 0,
            "history_from": history_from,
            "history_to": 0,
            "delivered_seq": state.last_seq,
            "read_seq": state.last_seq,
        }
        fresh = []
        for person in new:
            if person in before:
                self._keep(tx, state, person, **values)
            else:
                fresh.append({"chat": state.id, "person": person, **values})
            # Who was muted and comes again is muted still.
            muted_until = before.get(person, 0)
            state.members[person] = MemberState(
                person, "member", tx.now, history_from, muted_until, state.last_seq, state.last_seq
            )
        if fresh:
            tx.connection.execute(sa.insert(store.members), fresh)
        state.members_changed()
        self._count(tx, state)
        self._close_requests(tx, state, new)
        self.open_to(tx, state, new)
        came = [state.members[person] for person in new]
        tell_members(tx, state, changed=came, people=self._faces(tx, new), quiet=True)
        self.notice(tx, state, notice, quiet=True)

    def open_to(self, tx: Tx, state: ChatState, people: Sequence[str]) -> None:
        """Show the chat to people who are new in it; once for all to whom it looks the same."""
        tx.flush()
        if self._looks_alike(tx, state, people):
            self._open(tx, state, people[0], people)
        else:
            for person in people:
                self._open(tx, state, person, (person,))

    def notice(self, tx: Tx, state: ChatState, notice: System, *, quiet: bool = False) -> None:
        """Leave a trace of what happened. Readers of a channel come and go without one (`quiet`)."""
        if state.members and not (quiet and state.kind == "channel"):
            self._sending.append(tx, state, "", None, notice)

    # --- within ---

    def _other(self, state: ChatState, person: str) -> MemberState:
        return rules.member_of(state, person)

    def _dismiss(self, tx: Tx, state: ChatState, person: str, notice: System) -> None:
        self._chats.changing(tx, state)
        tx.flush()
        del state.members[person]
        state.members_changed()
        self._keep(tx, state, person, left_number=tx.number(), history_to=state.last_seq, role="member")
        self._count(tx, state)
        tx.connection.execute(
            sa.delete(store.drafts).where(store.drafts.c.person == person, store.drafts.c.chat == state.id)
        )
        tx.tell(ChatLeft(chat=state.id), (person,), scopes=(person,))
        tell_members(tx, state, removed=(person,), quiet=True)
        self.notice(tx, state, notice, quiet=True)
        if not state.members:
            self._end(tx, state)

    def _end(self, tx: Tx, state: ChatState) -> None:
        """Nobody is left: no way leads into the chat any more; what was said stays readable to those who were in it."""
        tx.connection.execute(sa.delete(store.links).where(store.links.c.chat == state.id))
        tx.connection.execute(sa.delete(store.join_requests).where(store.join_requests.c.chat == state.id))

    def _rows_of(self, tx: Tx, state: ChatState, people: Sequence[str]) -> dict[str, int]:
        """Return who of them was in the chat before, and until when they were muted."""
        m = store.members.c
        found: dict[str, int] = {}
        for at in range(0, len(people), IN_AT_ONCE):
            some = people[at : at + IN_AT_ONCE]
            rows = tx.connection.execute(
                sa.select(m.person, m.muted_until).where(m.chat == state.id, m.person.in_(some))
            )
            found.update((row.person, row.muted_until) for row in rows)
        return found

    def _open(self, tx: Tx, state: ChatState, seen_by: str, told: Sequence[str]) -> None:
        (view,) = reads.views(tx.connection, seen_by, state.id)
        faces = reads.people_of(tx.connection, self._people, (view,))
        tx.tell(ChatOpened(chat=view, people=faces), told, scopes=tuple(told))

    def _looks_alike(self, tx: Tx, state: ChatState, people: Sequence[str]) -> bool:
        """Whether all of them see the same: everybody is listed, and nobody has a pin or the like from before."""
        if not reads.lists_all(state.kind, len(state.members)):
            return False
        m = store.members.c
        rows = tx.connection.execute(
            sa.select(m.history_from, m.cleared_to, m.pinned_at, m.muted, m.archived)
            .where(m.chat == state.id, m.person.in_(list(people)))
            .distinct()
        )
        return len(rows.all()) == 1

    def _faces(self, tx: Tx, people: Sequence[str]) -> tuple[Person, ...]:
        return tuple(self._people.people_by_id(tx.connection, people).values())

    def _close_requests(self, tx: Tx, state: ChatState, people: Sequence[str]) -> None:
        r = store.join_requests.c
        waiting = tx.connection.execute(sa.select(r.id).where(r.chat == state.id, r.person.in_(list(people)))).scalars()
        for request in waiting.all():
            tx.connection.execute(sa.delete(store.join_requests).where(r.id == request))
            tell_leads(tx, state, JoinRequestClosed(chat=state.id, request=request))

    @staticmethod
    def _keep(tx: Tx, state: ChatState, person: str, **values: object) -> None:
        m = store.members.c
        tx.connection.execute(sa.update(store.members).where(m.chat == state.id, m.person == person).values(**values))

    @staticmethod
    def _count(tx: Tx, state: ChatState) -> None:
        tx.connection.execute(
            sa.update(store.chats).where(store.chats.c.id == state.id).values(member_count=len(state.members))
        )
