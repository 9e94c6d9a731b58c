"""Media from the asking to the telling: what is decided in the writer's thread."""

import base64
from collections.abc import Callable, Sequence

import msgspec
import sqlalchemy as sa
from msgspec import UNSET

from teahouse import ids
from teahouse.commands import Actor, Done
from teahouse.errors import Malformed, NotFound
from teahouse.media import model, rules, store, uploads
from teahouse.media.model import MediaCard, MediaChanged, MediaFile, MediaKind, MediaState
from teahouse.media.store import Source
from teahouse.media.work.jobs import Made, Variant
from teahouse.storage.transaction import Tx

Kept = tuple[Variant, str, str, int]
"""A made file that is kept: variant, SHA-256, MIME type, bytes."""

_encode = msgspec.json.Encoder().encode
_cards = msgspec.json.Decoder(MediaCard)
_sources = msgspec.json.Decoder(tuple[Source, ...])


class Making:
    def __init__(self, queue: Callable[[str, str, MediaKind], object], drop: Callable[[str], object]) -> None:
        """`queue(media, owner, kind)` and `drop(media)` are called in the writer's thread, after the commit."""
        self._queue = queue
        self._drop = drop

    def make(self, tx: Tx, actor: Actor, command: model.MakeMedia) -> model.MediaMade:
        """Raises `NotFound` and `NotUploaded` for the uploads, and `TooMuchWaiting`."""
        known = store.media_by_nonce(tx.connection, actor.person, command.nonce)
        if known is not None:
            return model.MediaMade(media=state_of(known))
        given = dict.fromkeys(command.uploads)
        if len(given) < len(command.uploads) or len(given) > rules.SOURCES_MAX[command.kind]:
            raise Malformed(
                f"A {command.kind} is not made of these uploads.", uploads_max=rules.SOURCES_MAX[command.kind]
            )
        whole = [uploads.whole(tx.connection, actor.person, upload) for upload in given]
        if store.processing_count(tx.connection, actor.person) >= rules.PROCESSING_MAX:
            raise rules.TooMuchWaiting()
        media = ids.new_id()
        sources = tuple(Source(each.id, each.sha256, each.size, each.name, each.type) for each in whole)
        name = sources[0].name if command.name is UNSET else rules.clean_name(command.name)
        tx.connection.execute(
            sa.insert(store.medias).values(
                id=media,
                owner=actor.person,
                nonce=command.nonce,
                kind=command.kind,
                state="processing",
                name=name,
                keep_metadata=command.keep_metadata,
                sources=_encode(sources),
                attempts=0,
                reason="",
                check_at=tx.now + rules.UNSENT_KEPT_MS,
            )
        )
        store.use(tx.connection, f"source:{media}", actor.person, *((each.sha256, each.size) for each in sources))
        if command.kind == "file":
            source = sources[0]
            return model.MediaMade(
                media=ready(tx, media, Made(files=()), [("original", source.sha256, source.type, source.size)])
            )
        owner, kind = actor.person, command.kind
        tx.after(lambda: self._queue(media, owner, kind))
        return model.MediaMade(media=MediaState(id=media, kind=command.kind, state="processing"))

    def discard(self, tx: Tx, actor: Actor, command: model.DiscardMedia, in_use: bool) -> Done:
        """Raises `NotFound`."""
        row = store.media_of(tx.connection, command.media)
        if row is None or row.owner != actor.person:
            raise NotFound("There is no such media of yours.")
        if not in_use:
            for source in _sources.decode(row.sources):
                uploads.forget(tx, source.upload)
            forget(tx, command.media)
            tx.after(lambda: self._drop(command.media))
        return Done()


def ready(tx: Tx, media: str, made: Made, kept: Sequence[Kept]) -> MediaState:
    """Make a media ready with all of its files, and tell its owner. Raises `NotFound` when it was discarded."""
    row = _waiting(tx.connection, media)
    card = MediaCard(
        id=media,
        files=tuple(MediaFile(variant, type_, size) for variant, _, type_, size in kept),
        name=row.name,
        width=made.width,
        height=made.height,
        duration=made.duration,
        waveform=base64.b64encode(made.waveform).decode(),
        thumbhash=base64.b64encode(made.thumbhash).decode(),
        animated=made.animated,
    )
    tx.connection.execute(
        sa.insert(store.files),
        [
            {"media": media, "variant": variant, "sha256": sha256, "type": type_, "size": size}
            for variant, sha256, type_, size in kept
        ],
    )
    store.use(tx.connection, f"media:{media}", row.owner, *((sha256, size) for _, sha256, _, size in kept))
    for source in _sources.decode(row.sources):
        uploads.forget(tx, source.upload)
    store.release(tx.connection, tx.now, f"source:{media}")
    _set(tx, media, state="ready", card=_encode(card))
    return _tell(tx, row.owner, MediaState(id=media, kind=row.kind, state="ready", progress=100, card=card))


def failed(tx: Tx, media: str, reason: str) -> MediaState:
    """Say why a media cannot be made. Its uploads stay a while: they may be sent as files. Raises `NotFound`."""
    row = _waiting(tx.connection, media)
    store.release(tx.connection, tx.now, f"source:{media}")
    _set(tx, media, state="failed", reason=reason)
    return _tell(tx, row.owner, MediaState(id=media, kind=row.kind, state="failed", reason=reason))


def sources_of(connection: sa.Connection, media: str) -> tuple[tuple[Source, ...], bool]:
    """Return what a media is to be made of, and whether the original is kept. Raises `NotFound`."""
    row = _waiting(connection, media)
    return _sources.decode(row.sources), row.keep_metadata


def count_attempt(tx: Tx, media: str, by: int = 1) -> int:
    """Count an attempt, durably, before a worker begins it; return how many there were before. Raises `NotFound`."""
    row = _waiting(tx.connection, media)
    _set(tx, media, attempts=row.attempts + by)
    attempts: int = row.attempts
    return attempts


def forget(tx: Tx, media: str) -> None:
    """Take a media, its files and their uses away."""
    tx.connection.execute(sa.delete(store.medias).where(store.medias.c.id == media))
    tx.connection.execute(sa.delete(store.files).where(store.files.c.media == media))
    store.release(tx.connection, tx.now, f"media:{media}")
    store.release(tx.connection, tx.now, f"source:{media}")


def taken(
    connection: sa.Connection, person: str, media: str, kinds: Sequence[MediaKind]
) -> tuple[MediaKind, MediaCard]:
    """Return what a message shows. Raises `NotFound`, `MediaNotReady` and `WrongKind`."""
    row = store.media_of(connection, media)
    if row is None or row.owner != person:
        raise NotFound("There is no such media of yours.")
    if row.state != "ready":
        raise rules.MediaNotReady(media=media, state=row.state, reason=row.reason)
    if row.kind not in kinds:
        raise rules.WrongKind(media=media, kind=row.kind)
    return row.kind, _cards.decode(row.card)


def state_of(row: store.AnyRow, progress: int = 0) -> MediaState:
    is_ready = row.state == "ready"
    return MediaState(
        id=row.id,
        kind=row.kind,
        state=row.state,
        progress=100 if is_ready else progress,
        reason=row.reason,
        card=_cards.decode(row.card) if is_ready else None,
    )


def _waiting(connection: sa.Connection, media: str) -> store.AnyRow:
    row = store.media_of(connection, media)
    if row is None or row.state != "processing":
        raise NotFound("It is not waited for any more.")
    return row


def _set(tx: Tx, media: str, **values: object) -> None:
    tx.connection.execute(sa.update(store.medias).where(store.medias.c.id == media).values(**values))


def _tell(tx: Tx, owner: str, state: MediaState) -> MediaState:
    tx.tell(MediaChanged(media=state), (owner,), scopes=(owner,), key=f"media:{state.id}")
    return state
