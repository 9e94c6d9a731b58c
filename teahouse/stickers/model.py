"""Stickers: what clients may ask and what they are told."""

import msgspec


class StickerCard(msgspec.Struct, frozen=True, omit_defaults=True):
    """As a message or a pack shows it. Its file is at `/stickers/{id}/file`, a still at `/stickers/{id}/still`."""

    id: str
    type: str
    """MIME of its file: `image/webp`, `video/webm`, or `application/json` for Lottie."""
    emoji: str
    """What it says, as emoji: the first stands for it where no sticker can be shown."""
    pack: str = ""
    """Empty for one that belongs to nobody's pack any more."""
    label: str = ""
    """What it shows, for those who cannot see it."""
    width: int = 512
    height: int = 512
    animated: bool = False
    still: int = 0
    """Lottie only: the frame to rest at."""
