"""Link previews: what clients may ask and what they are told."""

from typing import Annotated

import msgspec

URL_MAX = 2000


class Preview(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a page says of itself. Its picture, if it has one, is at `/previews/{id}/picture`."""

    id: str
    url: str
    """As it was asked for."""
    title: str
    description: str = ""
    site: str = ""
    width: int = 0
    """Of the picture, in pixels; 0: there is none."""
    height: int = 0
    thumbhash: str = ""
    """Base64."""


class AskPreview(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    url: Annotated[str, msgspec.Meta(min_length=1, max_length=URL_MAX, pattern=r"^[Hh][Tt][Tt][Pp][Ss]?://\S+$")]
