"""What is a person's own in a chat: that they are typing, their draft, their view of it."""

import sqlalchemy as sa
from msgspec import UNSET

from teahouse.chat import rules, store
from teahouse.chat.events import ChatPreferred, DraftChanged, TypingNow
from teahouse.chat.model import Draft, SetChatPreferences, SetDraft, Typing
from teahouse.chat.reach import membership
from teahouse.chat.state import Chats
from teahouse.commands import Actor, Done
from teahouse.storage.transaction import Tx

_DONE = Done()


class Own:
    def __init__(self, chats: Chats) -> None:
        self._chats = chats

    def typing(self, tx: Tx, actor: Actor, command: Typing) -> Done:
        """Hot: told to whoever is connected, then forgotten. In large groups nobody would know whom to look at."""
        state = self._chats.get(tx, command.chat)
        rules.may_send(state, rules.member_of(state, actor.person), tx.now)
        if state.kind != "channel" and len(state.audience) <= rules.TYPING_MEMBERS_MAX:
            others = [person for person in state.audience if person != actor.person]
            tx.tell(TypingNow(chat=state.id, person=actor.person), others)
        return _DONE

    def set_draft(self, tx: Tx, actor: Actor, command: SetDraft) -> Done:
        """The newest one stays, from whichever device it came."""
        state = self._chats.get(tx, command.chat)
        rules.member_of(state, actor.person)
        d = store.drafts.c
        reply = command.reply if command.reply is not UNSET else 0
        tx.connection.execute(sa.delete(store.drafts).where(d.person == actor.person, d.chat == state.id))
        draft = None
        if command.text or reply:
            draft = Draft(text=command.text, at=tx.now, reply=reply)
            tx.connection.execute(
                sa.insert(store.drafts).values(
                    person=actor.person, chat=state.id, text=draft.text, reply=draft.reply, at=draft.at
                )
            )
        event = DraftChanged(chat=state.id, draft=draft)
        tx.tell(event, (actor.person,), scopes=(actor.person,), key=f"draft:{state.id}")
        return _DONE

    def prefer(self, tx: Tx, actor: Actor, command: SetChatPreferences) -> Done:
        """For chats that one left, too."""
        row = membership(tx.connection, command.chat, actor.person)
        values: dict[str, object] = {}
        if command.pinned is not UNSET and command.pinned != bool(row.pinned_at):
            values["pinned_at"] = tx.now if command.pinned else 0
        if command.muted is not UNSET and command.muted != row.muted:
            values["muted"] = command.muted
        if command.archived is not UNSET and command.archived != row.archived:
            values["archived"] = command.archived
        if values:
            m = store.members.c
            tx.connection.execute(
                sa.update(store.members).where(m.chat == row.chat, m.person == row.person).values(**values)
            )
            tell_preferred(tx, row.chat, row.person)
        return _DONE


def tell_preferred(tx: Tx, chat: str, person: str) -> None:
    """Tell a person's devices their view of a chat as the store has it now."""
    row = membership(tx.connection, chat, person)
    event = ChatPreferred(
        chat=chat, pinned_at=row.pinned_at, muted=row.muted, archived=row.archived, cleared_to=row.cleared_to
    )
    tx.tell(event, (person,), scopes=(person,), key=f"prefer:{chat}")
