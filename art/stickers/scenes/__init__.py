"""One function a sticker, grouped by what one says with it."""
