"""Ways in: links that are shared, and requests that wait for an admin's answer."""

import sqlalchemy as sa

from teahouse import clock, ids
from teahouse.chat import rules, store
from teahouse.chat.changes import tell_leads
from teahouse.chat.content import System
from teahouse.chat.events import JoinRequestClosed, JoinRequested
from teahouse.chat.members import Members
from teahouse.chat.model import (
    AnswerJoinRequest,
    ChatCard,
    ChatLink,
    ChatLinkMade,
    JoinChat,
    Joined,
    JoinRequest,
    MakeChatLink,
    RevokeChatLink,
)
from teahouse.chat.reach import membership
from teahouse.chat.state import Chats, ChatState
from teahouse.commands import Actor, Done
from teahouse.errors import NotFound
from teahouse.people.service import PeopleService
from teahouse.storage.transaction import Tx

_DONE = Done()
_l, _r = store.links.c, store.join_requests.c


class Links:
    def __init__(self, chats: Chats, members: Members, people: PeopleService, public_url: str) -> None:
        self._chats = chats
        self._members = members
        self._people = people
        self._public_url = public_url

    # --- commands ---

    def make(self, tx: Tx, actor: Actor, command: MakeChatLink) -> ChatLinkMade:
        """The secret is shown in this answer only: the store keeps its hash."""
        state = self._leading(tx, actor, command.chat)
        working = tx.connection.execute(
            sa.select(sa.func.count()).where(_l.chat == state.id, _l.expires_at > tx.now, _l.used < _l.uses)
        ).scalar_one()
        if working >= rules.LINKS_MAX:
            raise rules.TooManyLinks(links_max=rules.LINKS_MAX)
        secret = ids.new_token()
        link = ChatLink(
            id=ids.new_id(),
            chat=state.id,
            uses=command.uses,
            used=0,
            expires_at=tx.now + command.hours * clock.HOUR_MS,
            created_by=actor.person,
            url=f"{self._public_url}/j/{secret}",
        )
        tx.connection.execute(
            sa.insert(store.links).values(
                id=link.id,
                chat=link.chat,
                secret=ids.hash_token(secret),
                uses=link.uses,
                expires_at=link.expires_at,
                created_by=link.created_by,
            )
        )
        return ChatLinkMade(link=link)

    def revoke(self, tx: Tx, actor: Actor, command: RevokeChatLink) -> Done:
        state = self._leading(tx, actor, command.chat)
        gone = tx.connection.execute(sa.delete(store.links).where(_l.chat == state.id, _l.id == command.link))
        if not gone.rowcount:
            raise rules.LinkUnknown()
        return _DONE

    def join(self, tx: Tx, actor: Actor, command: JoinChat) -> Joined:
        """Repeating it changes nothing and gives the same answer."""
        link = tx.connection.execute(
            sa.select(store.links).where(_l.secret == ids.hash_token(command.link))
        ).one_or_none()
        if link is None:
            raise rules.LinkUnknown()
        state = self._chats.get(tx, link.chat)
        if actor.person in state.members:
            return Joined(chat=state.id)
        waiting = tx.connection.execute(
            sa.select(_r.id).where(_r.chat == state.id, _r.person == actor.person)
        ).scalar_one_or_none()
        if waiting is not None and state.join_approval:
            return Joined(chat=state.id, waiting=True)
        rules.link_works(link.uses, link.used, link.expires_at, tx.now)
        rules.has_room(state, 1)
        if state.join_approval:
            self._ask(tx, state, actor.person)
        tx.connection.execute(sa.update(store.links).where(_l.id == link.id).values(used=link.used + 1))
        if not state.join_approval:
            self._members.admit(tx, state, (actor.person,), System(what="joined", people=(actor.person,)))
        return Joined(chat=state.id, waiting=state.join_approval)

    def answer(self, tx: Tx, actor: Actor, command: AnswerJoinRequest) -> Done:
        state = self._leading(tx, actor, command.chat)
        person = tx.connection.execute(
            sa.select(_r.person).where(_r.id == command.request, _r.chat == state.id)
        ).scalar_one_or_none()
        if person is None:
            raise NotFound("Nobody waits with this request any more.")
        if command.accept:
            rules.has_room(state, 1)
            self._members.admit(tx, state, (person,), System(what="joined", people=(person,)))
            return _DONE
        tx.connection.execute(sa.delete(store.join_requests).where(_r.id == command.request))
        tell_leads(tx, state, JoinRequestClosed(chat=state.id, request=command.request))
        return _DONE

    # --- within ---

    def _leading(self, tx: Tx, actor: Actor, chat: str) -> ChatState:
        state = self._chats.get(tx, chat)
        rules.must_lead(state, rules.member_of(state, actor.person))
        return state

    def _ask(self, tx: Tx, state: ChatState, person: str) -> None:
        count = tx.connection.execute(sa.select(sa.func.count()).where(_r.chat == state.id)).scalar_one()
        if count >= rules.JOIN_REQUESTS_MAX:
            raise rules.TooManyWaiting(requests_max=rules.JOIN_REQUESTS_MAX)
        face = self._people.person(tx.connection, person)
        if face is None:
            raise NotFound("There is no such person.")
        request = JoinRequest(id=ids.new_id(), chat=state.id, person=face, at=tx.now)
        tx.connection.execute(
            sa.insert(store.join_requests).values(id=request.id, chat=state.id, person=person, at=tx.now)
        )
        tell_leads(tx, state, JoinRequested(request=request))


# --- reads ----------------------------------------------------------------------------------------


def links_of(connection: sa.Connection, person: str, chat: str) -> tuple[ChatLink, ...]:
    """Return a chat's links, the newest first, for its owner and admins."""
    must_lead(connection, person, chat)
    rows = connection.execute(
        sa.select(_l.id, _l.chat, _l.uses, _l.used, _l.expires_at, _l.created_by)
        .where(_l.chat == chat)
        .order_by(_l.id.desc())
        .limit(200)
    )
    return tuple(ChatLink(*row) for row in rows)


def requests_of(connection: sa.Connection, people: PeopleService, person: str, chat: str) -> tuple[JoinRequest, ...]:
    """Return who waits to join, the longest first, for the owner and admins."""
    must_lead(connection, person, chat)
    rows = connection.execute(sa.select(store.join_requests).where(_r.chat == chat).order_by(_r.id)).all()
    faces = people.people_by_id(connection, [row.person for row in rows])
    return tuple(
        JoinRequest(id=row.id, chat=chat, person=faces[row.person], at=row.at) for row in rows if row.person in faces
    )


def card_of(connection: sa.Connection, person: str, secret: str, now: int) -> ChatCard:
    """Return what a link leads to. Raises when it does not work (any more)."""
    link = connection.execute(sa.select(store.links).where(_l.secret == ids.hash_token(secret))).one_or_none()
    if link is None:
        raise rules.LinkUnknown()
    m = store.members.c
    member = connection.execute(
        sa.select(m.person).where(m.chat == link.chat, m.person == person, m.left_number == 0)
    ).one_or_none()
    if member is None:
        rules.link_works(link.uses, link.used, link.expires_at, now)
    chat = connection.execute(sa.select(store.chats).where(store.chats.c.id == link.chat)).one()
    return ChatCard(
        id=chat.id,
        kind=chat.kind,
        name=chat.name,
        picture=chat.picture,
        topic=chat.topic,
        member_count=chat.member_count,
        join_approval=chat.join_approval,
        member=member is not None,
    )


def must_lead(connection: sa.Connection, person: str, chat: str) -> None:
    """Raises unless the person is the chat's owner or one of its admins."""
    row = membership(connection, chat, person)
    if row.left_number:
        raise NotFound(rules.NO_SUCH_CHAT)
    if row.role == "member":
        raise rules.LeadsOnly()
