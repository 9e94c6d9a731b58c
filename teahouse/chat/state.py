"""What the writer keeps in memory of the chats in use: who is in them and how far they are.

Only the writer's thread touches it. It is loaded from the store when first needed, changed together with the store, and
dropped when a command that changed it is rolled back.
"""

from collections import OrderedDict
from collections.abc import Callable

import sqlalchemy as sa

from teahouse.chat import store
from teahouse.chat.model import ChatKind, Role
from teahouse.errors import NotFound
from teahouse.storage.transaction import Tx

CHATS_MAX = 20_000


class MemberState:
    __slots__ = ("delivered_seq", "history_from", "joined_at", "muted_until", "person", "read_seq", "role")

    def __init__(
        self,
        person: str,
        role: Role,
        joined_at: int,
        history_from: int = 1,
        muted_until: int = 0,
        delivered_seq: int = 0,
        read_seq: int = 0,
    ) -> None:
        self.person = person
        self.role: Role = role
        self.joined_at = joined_at
        self.history_from = history_from
        self.muted_until = muted_until
        self.delivered_seq = delivered_seq
        self.read_seq = read_seq


class ChatState:
    """A chat as the writer knows it. `members` are those who are in it now."""

    __slots__ = (
        "announcement_only",
        "apart",
        "audience",
        "group",
        "id",
        "join_approval",
        "kind",
        "last_seq",
        "members",
        "name",
        "picture",
        "topic",
    )

    def __init__(
        self,
        id: str,
        kind: ChatKind,
        name: str,
        picture: str,
        topic: str,
        announcement_only: bool,
        join_approval: bool,
        last_seq: int,
        members: dict[str, MemberState],
    ) -> None:
        self.id = id
        self.kind = kind
        self.name = name
        self.picture = picture
        self.topic = topic
        self.announcement_only = announcement_only
        self.join_approval = join_approval
        self.last_seq = last_seq
        self.members = members
        self.audience: tuple[str, ...] = tuple(members)
        """All members: the same object until they change, so that fan-out can share what it makes for it."""
        self.apart = False
        """Direct chats: one blocked the other, or they are no contacts: nothing can be sent."""
        self.group: Tx | None = None
        """The group that changed it last (its rollback drops it)."""

    def members_changed(self) -> None:
        self.audience = tuple(self.members)


class Chats:
    """The chats in use, the least recently used dropped first. `apart(connection, one, other)` is people's word."""

    def __init__(self, apart: Callable[[sa.Connection, str, str], bool]) -> None:
        self._apart = apart
        self._chats: OrderedDict[str, ChatState] = OrderedDict()

    def get(self, tx: Tx, chat: str) -> ChatState:
        """Raises `NotFound` when there is no such chat. Say `changing` before you change what you got."""
        state = self._chats.get(chat)
        if state is not None:
            self._chats.move_to_end(chat)
            return state
        tx.flush()
        state = self._chats[chat] = self._load(tx.connection, chat)
        if len(self._chats) > CHATS_MAX:
            self._chats.popitem(last=False)
        return state

    def changing(self, tx: Tx, state: ChatState) -> None:
        """Say that this command is about to change the state: its failure drops it from memory."""
        state.group = tx
        tx.undo(lambda: self.drop(state.id))

    def changing_hot(self, tx: Tx, state: ChatState) -> None:
        """The same for a hot command, whose failure fails its whole group: once a group is enough."""
        if state.group is not tx or tx.careful:
            self.changing(tx, state)

    def add(self, tx: Tx, state: ChatState) -> None:
        self._chats[state.id] = state
        self.changing(tx, state)

    def drop(self, chat: str) -> None:
        self._chats.pop(chat, None)

    def _load(self, connection: sa.Connection, chat: str) -> ChatState:
        c, m = store.chats.c, store.members.c
        row = connection.execute(sa.select(store.chats).where(c.id == chat)).one_or_none()
        if row is None:
            raise NotFound("There is no such chat, or you are not in it.")
        last_seq = connection.execute(
            sa.select(sa.func.max(store.messages.c.seq)).where(store.messages.c.chat == chat)
        ).scalar_one()
        found = connection.execute(
            sa.select(m.person, m.role, m.joined_at, m.history_from, m.muted_until, m.delivered_seq, m.read_seq).where(
                m.chat == chat, m.left_number == 0
            )
        )
        state = ChatState(
            row.id,
            row.kind,
            row.name,
            row.picture,
            row.topic,
            row.announcement_only,
            row.join_approval,
            last_seq or 0,
            {each.person: MemberState(*each) for each in found},
        )
        if state.kind == "direct":
            state.apart = len(state.members) < 2 or self._apart(connection, *sorted(state.members))
        return state
