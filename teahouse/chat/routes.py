"""HTTP of chats: what is read, and a chat's picture. Commands have their twins."""

from typing import Annotated, Any

from litestar import Request, get, put
from litestar.di import NamedDependency as Given
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from teahouse.chat import model
from teahouse.chat.reads import PAGE_MAX
from teahouse.chat.search import PAGE_MAX as HITS_MAX
from teahouse.chat.service import ChatService
from teahouse.commands import Done, Id, Signed
from teahouse.ids import PATTERN
from teahouse.people.model import Secret
from teahouse.people.pictures import PICTURE_BYTES_MAX

SeqParameter = Annotated[int, QueryParameter(ge=0, le=2**53)]


@get("/chats")
async def list_chats(signed: Given[Signed], chats: Given[ChatService]) -> model.ChatList:
    """All chats of one's own, the newest first. Groups of more than 200 name only their leads and oneself here."""
    return await chats.chats(signed.person)


@get("/chats/{chat:str}")
async def read_chat(chat: FromPath[Id], signed: Given[Signed], chats: Given[ChatService]) -> model.Chat:
    """One chat, a group with all its members."""
    return await chats.chat(signed.person, chat)


@get("/chats/{chat:str}/messages")
async def list_messages(
    chat: FromPath[Id],
    signed: Given[Signed],
    chats: Given[ChatService],
    before: SeqParameter = 0,
    after: Annotated[int | None, QueryParameter(ge=0, le=2**53)] = None,
    around: SeqParameter = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 50,
) -> model.MessagePage:
    """The newest messages, or those before, after or around a seq (give one of them); in seq order."""
    return await chats.messages(signed.person, chat, before=before, after=after, around=around, limit=limit)


@get("/chats/{chat:str}/media")
async def list_chat_media(
    chat: FromPath[Id],
    signed: Given[Signed],
    chats: Given[ChatService],
    shelf: Annotated[model.Shelf, QueryParameter()] = "pictures",
    before: SeqParameter = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 50,
) -> model.MessagePage:
    """The newest messages that show pictures and videos, files or voices (before a seq, if given); in seq order."""
    return await chats.shown(signed.person, chat, shelf, before=before, limit=limit)


@put("/chats/{chat:str}/picture", request_max_body_size=PICTURE_BYTES_MAX)
async def set_chat_picture(
    chat: FromPath[Id], request: Request[Any, Any, Any], signed: Given[Signed], chats: Given[ChatService]
) -> Done:
    """Give a group or channel a picture. The body is the image itself: JPEG, PNG or WebP, at most 5 MiB."""
    return await chats.set_picture(signed, chat, await request.body())


@get("/chats/{chat:str}/links")
async def list_chat_links(
    chat: FromPath[Id], signed: Given[Signed], chats: Given[ChatService]
) -> tuple[model.ChatLink, ...]:
    """A chat's links, the newest first, without their secrets. For the owner and the admins."""
    return await chats.links(signed.person, chat)


@get("/chats/{chat:str}/joins")
async def list_join_requests(
    chat: FromPath[Id], signed: Given[Signed], chats: Given[ChatService]
) -> tuple[model.JoinRequest, ...]:
    """Who waits to join, the longest first. For the owner and the admins."""
    return await chats.joins(signed.person, chat)


@get("/link-cards/{secret:str}")
async def read_link_card(secret: FromPath[Secret], signed: Given[Signed], chats: Given[ChatService]) -> model.ChatCard:
    """The chat that a join link leads to."""
    return await chats.link_card(signed.person, secret)


@get("/search")
async def search(
    signed: Given[Signed],
    chats: Given[ChatService],
    text: Annotated[str, QueryParameter(min_length=1, max_length=200)],
    chat: Annotated[str, QueryParameter(pattern=f"^$|{PATTERN}")] = "",
    after: Annotated[str, QueryParameter(max_length=20)] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=HITS_MAX)] = 20,
) -> model.SearchPage:
    """Messages that hold all of the words, the newest first; the last word may go on. `chat` looks into one only."""
    return await chats.search(signed.person, text, chat=chat, after=after, limit=limit)


routes: list[HTTPRouteHandler] = [
    list_chats,
    read_chat,
    list_messages,
    list_chat_media,
    set_chat_picture,
    list_chat_links,
    list_join_requests,
    read_link_card,
    search,
]
