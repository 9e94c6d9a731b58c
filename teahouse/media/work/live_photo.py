"""Live photos: a still and its moment, from an Apple pair, a Motion Photo or Teahouse's own camera.

The originals can be downloaded. Unless the sender keeps them as they are, they lose where and by what they were taken,
and stay live photos: a Motion Photo again, or a JPEG and a film that carry a fresh content identifier.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
from PIL import Image

from teahouse.media.work.containers import jpeg
from teahouse.media.work.containers.apple import identifier_of_exif, identifier_of_film, maker_note
from teahouse.media.work.containers.exif import ExifParts
from teahouse.media.work.containers.motion_photo import parse, write_jpeg
from teahouse.media.work.containers.source import opened
from teahouse.media.work.jobs import Job, Made, MadeFile, MediaRefused
from teahouse.media.work.moments import FILM_TYPES, FilmForm, copy_without_metadata, cut_out, film_form
from teahouse.media.work.picture_reader import TYPES, decoding, fitted, open_picture, orientation_of, upright
from teahouse.media.work.pictures import SIDES, kept, write_sizes
from teahouse.media.work.thumb_hash import thumb_hash
from teahouse.media.work.video import transcode

DURATION_MAX_MS: Final = 10_000
SHORT_SIDE_MAX: Final = 720
ORIGINAL_QUALITY: Final = 92


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    still: str
    """Path; of a Motion Photo, the whole of it: what decodes a picture stops at its end."""
    film: str
    form: FilmForm
    apple: bool = False
    """The two carry the same content identifier."""
    motion_photo: bool = False
    timestamp_us: int | None = None


def make_live_photo(job: Job, progress: Callable[[int], None]) -> Made:
    """Make the sizes of the still, the `video` (the moment, H.264 and AAC), and `original` (for a pair also
    `original_video`), which comes first. `width` and `height` are those of `large`, `duration` is the moment's.

    Raises `MediaRefused`: "no_pair" when there are not a still and a film that belong together, "too_long" beyond
    `DURATION_MAX_MS`, and as pictures and videos do.
    """
    folder = Path(job.folder)
    if len(job.sources) == 1:
        parts = _of_motion_photo(job.sources[0], folder)
    elif len(job.sources) == 2:
        parts = _of_pair(*job.sources)
    else:
        raise MediaRefused("no_pair", "a live photo is one file or two")
    with open_picture(parts.still) as image:
        if job.keep_metadata or TYPES[str(image.format)] == "image/jpeg":
            still, whole = upright(image, parts.still, side_max=SIDES["large"]), None
        else:  # its original will be made of what is decoded here
            whole = upright(image, parts.still)
            still = whole.resize(fitted(whole.size, SIDES["large"]), Image.Resampling.BICUBIC, reducing_gap=1.5)
    files, small = write_sizes(still, folder, "photo")
    progress(25)
    target = str(folder / "video.mp4")
    facts = transcode(
        parts.film,
        target,
        short_side_max=SHORT_SIDE_MAX,
        duration_max_ms=DURATION_MAX_MS,
        progress=lambda percent: progress(25 + percent * 6 // 10),
    )
    files.append(MadeFile("video", target, "video/mp4"))
    originals = _kept(parts, folder) if job.keep_metadata else _cleaned(parts, folder, target, whole)
    if parts.motion_photo:
        Path(parts.film).unlink()
    progress(100)
    return Made(
        files=(*originals, *files),
        width=still.width,
        height=still.height,
        duration=facts.duration_ms,
        thumbhash=thumb_hash(small),
    )


def _of_motion_photo(source: str, folder: Path) -> Parts:
    with opened(source) as data:
        found = parse(data)
    if found is None:
        with open_picture(source):  # says what is wrong with it when it is not even a picture
            raise MediaRefused("no_pair", "there is no film in this picture")
    film = folder / "moment"
    cut_out(source, film, found.video_start, found.video_end)
    form: FilmForm = "mov" if film_form(str(film)) == "mov" else "mp4"
    return Parts(
        still=source,
        film=str(film),
        form=form,
        motion_photo=True,
        timestamp_us=found.timestamp_us,
    )


def _of_pair(one: str, other: str) -> Parts:
    forms = {path: film_form(path) for path in (one, other)}
    films = [path for path, form in forms.items() if form is not None]
    if len(films) != 1 or one == other:
        raise MediaRefused("no_pair", "a live photo is one still and one film")
    film = films[0]
    still = other if film == one else one
    with opened(film) as data:
        of_film = identifier_of_film(data)
    with open_picture(still) as image, decoding():
        of_still = identifier_of_exif(image.info.get("exif") or b"")
    if of_still.upper() != of_film.upper():
        raise MediaRefused("no_pair", "the still and the film do not carry the same content identifier")
    form = forms[film]
    assert form is not None
    return Parts(still=still, film=film, form=form, apple=bool(of_still))


def _kept(parts: Parts, folder: Path) -> list[MadeFile]:
    with open_picture(parts.still) as image:
        kind = TYPES[str(image.format)]
    files = [kept(parts.still, folder, "original", kind)]
    if not parts.motion_photo:
        files.append(kept(parts.film, folder, "original_video", FILM_TYPES[parts.form]))
    return files


def _cleaned(parts: Parts, folder: Path, made_film: str, whole: Image.Image | None) -> list[MadeFile]:
    """The originals without their metadata, without coding anything again where that can be done."""
    identifier = str(uuid.uuid4()).upper() if parts.apple else ""
    # Apple pairs its stills with QuickTime films only.
    form: FilmForm = "mov" if parts.apple else parts.form
    film = folder / f"original.{form}"
    if not copy_without_metadata(parts.film, film, form, identifier=identifier):
        form = "mov" if parts.apple else "mp4"
        film = folder / f"original.{form}"
        if not copy_without_metadata(made_film, film, form, identifier=identifier):
            raise MediaRefused("unreadable", "its film cannot be copied")
    still = _clean_still(parts, identifier, whole)
    target = folder / "original.jpg"
    if parts.motion_photo:
        target.write_bytes(write_jpeg(still, film.read_bytes(), timestamp_us=parts.timestamp_us))
        film.unlink()
        return [MadeFile("original", str(target), "image/jpeg")]
    target.write_bytes(still)
    return [MadeFile("original", str(target), "image/jpeg"), MadeFile("original_video", str(film), FILM_TYPES[form])]


def _clean_still(parts: Parts, identifier: str, whole: Image.Image | None) -> bytes:
    """A JPEG keeps its coefficients; any other format becomes a JPEG of full size."""
    note = maker_note(identifier) if identifier else b""
    if whole is None:
        with open_picture(parts.still) as image, opened(parts.still) as data:
            same = jpeg.stripped(data, exif=ExifParts(orientation_of(image), note))
            if same is not None:
                return same
            whole = upright(image, parts.still)  # without an end, yet every decoder takes it
    clean = jpeg.stripped(_full_size(whole), exif=ExifParts(maker_note=note))
    assert clean is not None  # we have just written it
    return clean


def _full_size(still: Image.Image) -> bytes:
    out = io.BytesIO()
    still.convert("RGB").save(out, "JPEG", quality=ORIGINAL_QUALITY, subsampling="4:4:4")
    return out.getvalue()
