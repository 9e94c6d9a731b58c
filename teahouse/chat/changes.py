"""The few words that all slow changes of a chat share: who is told."""

from collections.abc import Collection, Iterable, Sequence

from teahouse.chat import rules
from teahouse.chat.events import MembersChanged
from teahouse.chat.model import Member
from teahouse.chat.receipts import told_in
from teahouse.chat.state import ChatState, MemberState
from teahouse.events import Event
from teahouse.people.model import Person
from teahouse.storage.transaction import Tx


def leads(state: ChatState) -> tuple[str, ...]:
    return tuple(member.person for member in state.members.values() if rules.is_lead(member))


def readers_of(state: ChatState, seq: int) -> tuple[Collection[str], Sequence[str]]:
    """Return the members who may read a message, and the scopes to keep its changes in: the chat's own, unless some
    joined after it and must not learn of it."""
    readers = [member.person for member in state.members.values() if member.history_from <= seq]
    if len(readers) == len(state.members):
        return state.audience, (state.id,)
    return readers, readers


def as_member(state: ChatState, member: MemberState) -> Member:
    told = told_in(state)
    return Member(
        person=member.person,
        role=member.role,
        joined_at=member.joined_at,
        muted_until=member.muted_until,
        read_seq=member.read_seq if told else 0,
        delivered_seq=member.delivered_seq if told else 0,
    )


def tell_leads(tx: Tx, state: ChatState, event: Event) -> None:
    people = leads(state)
    if people:
        tx.tell(event, people, scopes=people)


def tell_members(
    tx: Tx,
    state: ChatState,
    *,
    changed: Iterable[MemberState] = (),
    removed: Sequence[str] = (),
    people: Iterable[Person] = (),
    quiet: bool = False,
) -> None:
    """Tell that members came, changed or went. `quiet`: they are readers of a channel, so only its leads are told."""
    event = MembersChanged(
        chat=state.id,
        member_count=len(state.members),
        members=tuple(as_member(state, member) for member in changed),
        removed=tuple(removed),
        people=tuple(people),
    )
    if quiet and state.kind == "channel":
        tell_leads(tx, state, event)
    elif state.members:
        tx.tell(event, state.audience, scopes=(state.id,))
