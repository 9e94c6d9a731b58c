"""Chats come to be and change: groups and channels by command, direct chats when two people become contacts."""

import sqlalchemy as sa
from msgspec import UNSET

from teahouse import ids
from teahouse.chat import rules, store
from teahouse.chat.content import System
from teahouse.chat.events import ChatUpdated
from teahouse.chat.members import Members
from teahouse.chat.model import ChatCreated, ChatKind, CreateChat, Role, UpdateChat
from teahouse.chat.state import Chats, ChatState, MemberState
from teahouse.commands import Actor, Done
from teahouse.storage.transaction import Tx

_DONE = Done()


class Groups:
    def __init__(self, chats: Chats, members: Members) -> None:
        self._chats = chats
        self._members = members

    def create(self, tx: Tx, actor: Actor, command: CreateChat) -> ChatCreated:
        """The same person's same nonce answers with the chat that it made."""
        c = store.chats.c
        person = actor.person
        made = tx.connection.execute(
            sa.select(c.id).where(c.created_by == person, c.nonce == command.nonce)
        ).scalar_one_or_none()
        if made is not None:
            return ChatCreated(chat=made)
        others = [other for other in dict.fromkeys(command.people) if other != person]
        if command.kind == "direct":
            if len(others) != 1:
                raise rules.OnePersonNeeded()
            self._members.must_be_contacts(tx, person, others)
            return ChatCreated(chat=self._direct(tx, person, others[0]) or self.open_direct(tx, person, others[0]))
        name = "" if command.name is UNSET else command.name.strip()
        if not name:
            raise rules.NameNeeded()
        if others:
            self._members.must_be_contacts(tx, person, others)
        state = self._make(
            tx,
            command.kind,
            {person: "owner", **dict.fromkeys(others, "member")},
            name,
            command.topic,
            person,
            command.nonce,
        )
        self._members.notice(tx, state, System(what="created", people=(person, *others), value=name))
        return ChatCreated(chat=state.id)

    def update(self, tx: Tx, actor: Actor, command: UpdateChat) -> Done:
        state = self._leading(tx, actor, command.chat)
        notices = []
        if command.name is not UNSET and command.name.strip() != state.name:
            if not command.name.strip():
                raise rules.NameNeeded()
            notices.append(System(what="renamed", people=(actor.person,), value=command.name.strip()))
        if command.topic is not UNSET and command.topic != state.topic:
            notices.append(System(what="topic_changed", people=(actor.person,), value=command.topic))
        if command.announcement_only is not UNSET and command.announcement_only != state.announcement_only:
            now_only = command.announcement_only
            notices.append(System(what="announcement_only" if now_only else "open_to_all", people=(actor.person,)))
        approval = state.join_approval if command.join_approval is UNSET else command.join_approval
        if not notices and approval == state.join_approval:
            return _DONE
        self._chats.changing(tx, state)
        state.name = state.name if command.name is UNSET else command.name.strip()
        state.topic = state.topic if command.topic is UNSET else command.topic
        if command.announcement_only is not UNSET:
            state.announcement_only = command.announcement_only
        state.join_approval = approval
        self._changed(tx, state, notices)
        return _DONE

    def set_picture(self, tx: Tx, actor: Actor, chat: str, picture: str) -> str:
        """Return the name of the picture before, which nothing shows any more."""
        state = self._leading(tx, actor, chat)
        before = state.picture
        self._chats.changing(tx, state)
        state.picture = picture
        self._changed(tx, state, [System(what="picture_changed", people=(actor.person,))])
        return before

    def open_direct(self, tx: Tx, one: str, other: str) -> str:
        """Two people became contacts: return their direct chat, which is made once and says so each time."""
        chat = self._direct(tx, one, other)
        if chat is None:
            first, second = sorted((one, other))
            state = self._make(tx, "direct", {first: "member", second: "member"}, "", "", one, None)
        else:
            state = self._chats.get(tx, chat)
        self._chats.changing(tx, state)
        self._members.notice(tx, state, System(what="contacts_now", people=(one, other)))
        # Whether they are apart is asked again when it is next needed, when the caller has kept the relation.
        self._chats.drop(state.id)
        return state.id

    def direct(self, tx: Tx, one: str, other: str) -> str:
        """Return the direct chat of two people, made now if there is none, without a word in it."""
        first, second = sorted((one, other))
        return (
            self._direct(tx, one, other)
            or self._make(tx, "direct", {first: "member", second: "member"}, "", "", one, None).id
        )

    def relation_changed(self, tx: Tx, one: str, other: str) -> None:
        """Two people became or ceased to be contacts, or one blocked the other: forget what memory says of it."""
        chat = self._direct(tx, one, other)
        if chat is not None:
            self._chats.drop(chat)
            tx.undo(lambda: self._chats.drop(chat))

    # --- within ---

    def _leading(self, tx: Tx, actor: Actor, chat: str) -> ChatState:
        state = self._chats.get(tx, chat)
        rules.must_lead(state, rules.member_of(state, actor.person))
        return state

    @staticmethod
    def _direct(tx: Tx, one: str, other: str) -> str | None:
        pair = ":".join(sorted((one, other)))
        found: str | None = tx.connection.execute(
            sa.select(store.chats.c.id).where(store.chats.c.pair == pair)
        ).scalar_one_or_none()
        return found

    def _make(
        self,
        tx: Tx,
        kind: ChatKind,
        roles: dict[str, Role],
        name: str,
        topic: str,
        by: str,
        nonce: str | None,
    ) -> ChatState:
        members = {person: MemberState(person, role, tx.now) for person, role in roles.items()}
        state = ChatState(ids.new_id(), kind, name, "", topic, False, False, 0, members)
        self._chats.add(tx, state)
        self._chats.changing(tx, state)
        tx.connection.execute(
            sa.insert(store.chats).values(
                id=state.id,
                kind=kind,
                name=name,
                topic=topic,
                created_at=tx.now,
                created_by=by,
                nonce=nonce,
                pair=":".join(sorted(roles)) if kind == "direct" else None,
                member_count=len(roles),
            )
        )
        joined_number = tx.number()
        tx.connection.execute(
            sa.insert(store.members),
            [
                {
                    "chat": state.id,
                    "person": person,
                    "role": role,
                    "joined_at": tx.now,
                    "joined_number": joined_number,
                }
                for person, role in roles.items()
            ],
        )
        self._members.open_to(tx, state, list(roles))
        return state

    def _changed(self, tx: Tx, state: ChatState, notices: list[System]) -> None:
        """Keep the chat as it is in memory now, tell its members, and leave the notices."""
        tx.connection.execute(
            sa.update(store.chats)
            .where(store.chats.c.id == state.id)
            .values(
                name=state.name,
                picture=state.picture,
                topic=state.topic,
                announcement_only=state.announcement_only,
                join_approval=state.join_approval,
            )
        )
        event = ChatUpdated(
            chat=state.id,
            name=state.name,
            picture=state.picture,
            topic=state.topic,
            announcement_only=state.announcement_only,
            join_approval=state.join_approval,
        )
        tx.tell(event, state.audience, scopes=(state.id,), key="updated")
        for notice in notices:
            self._members.notice(tx, state, notice)
