"""The starter sticker pack, drawn in code.

`python -m art.stickers` writes `teahouse/stickers/starter/`: one Lottie file for each sticker, and `pack.json`.
Same code, same bytes.

The rooms: `geometry` (paths), `motion` (keyframes and easing), `lottie` (layers and the file), `palette` and
`props` (small things: hearts, steam, drops), `teapot` and `cup` (the two friends), `scenes/` (the stickers).
"""
