"""Link previews: what clients may ask and what they are told."""

import msgspec


class Preview(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a page says of itself. Its picture, if it has one, is at `/previews/{id}/picture`."""

    id: str
    url: str
    title: str
    description: str = ""
    site: str = ""
    width: int = 0
    """Of the picture, in pixels; 0: there is none."""
    height: int = 0
    thumbhash: str = ""
    """Base64."""
