"""Files that somebody sends to do harm: each is made here, by hand where no encoder would write it."""

from __future__ import annotations

import gzip
import io
import struct
import wave
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from tests.media.work.recordings import tone, write_sound, write_video
from tests.media.work.shots import encoded, photo

SCRIPT = b"<script>document.title='ran';localStorage.setItem('ran','yes')</script>"
HTML = b"<!doctype html><html><body>" + SCRIPT + b"</body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="localStorage.ran=1">' + SCRIPT + b"</svg>"
JAVASCRIPT = b"document.title='ran';localStorage.setItem('ran','yes');self.ran=true"
PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
CONCAT = b"ffconcat version 1.0\nfile /etc/passwd\n"


def jpeg(size: tuple[int, int] = (320, 240), **options: object) -> bytes:
    return encoded(photo(size), "JPEG", quality=85, **options)


def png(size: tuple[int, int], idat: bytes, *chunks: bytes, bits: int = 8) -> bytes:
    """A greyscale PNG of any pixel data, or none."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, bits, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IDAT", idat) + chunk(b"IEND", b"")


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def zeros(count: int) -> bytes:
    """So many zero bytes, deflated: a thousandth of it."""
    squeezed = zlib.compressobj(9)
    block = bytes(1 << 20)
    parts = [squeezed.compress(block) for _ in range(count >> 20)]
    return b"".join([*parts, squeezed.compress(bytes(count & 0xFFFFF)), squeezed.flush()])


def png_bomb() -> bytes:
    """50,000 x 50,000 pixels, all of them there."""
    return png((50_000, 50_000), zeros(50_000 * (50_000 // 8 + 1)), bits=1)


def png_with_more_than_it_says() -> bytes:
    return png((16, 16), zeros(400 << 20))


def png_with_text_bomb() -> bytes:
    return png((16, 16), zlib.compress(bytes(17 * 16)), chunk(b"zTXt", b"Comment\0\0" + zeros(200 << 20)))


def png_with_profile_bomb() -> bytes:
    return png((16, 16), zlib.compress(bytes(17 * 16)), chunk(b"iCCP", b"icc\0\0" + zeros(200 << 20)))


def png_edge(length: int) -> bytes:
    return png((length, 1), zlib.compress(bytes(1 + length)))


def gif(canvas: tuple[int, int], frames: int, delay: int = 5) -> bytes:
    """A canvas of any size on which each frame changes one pixel."""
    head = b"GIF89a" + struct.pack("<HHBBB", *canvas, 0x80, 0, 0) + bytes((0, 0, 0, 255, 255, 255))
    control = b"\x21\xf9\x04\x00" + struct.pack("<H", delay) + b"\x00\x00"
    pixel = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return head + (control + pixel) * frames + b"\x3b"


def gif_that_is_javascript() -> bytes:
    """`GIF89a` is a JavaScript name; the width makes a comment of all up to the script (0x2A2F is `/*`)."""
    picture = gif((0x2A2F, 8), 1)
    return picture[:-1] + b"*/=1;" + JAVASCRIPT + b"//\x3b"


def jpeg_of_size(width: int, height: int) -> bytes:
    """A small JPEG whose header (SOF0) says another size."""
    data = bytearray(jpeg((64, 64)))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def avif_of_size(width: int, height: int) -> bytes:
    data = bytearray(encoded(photo((64, 64)), "AVIF"))
    at = data.index(b"ispe") + 8
    data[at : at + 8] = struct.pack(">II", width, height)
    return bytes(data)


def jpeg_with_looped_exif() -> bytes:
    """Directories of EXIF that name themselves as the next, as their own sub-directory, with four billion values."""
    entries = [
        (0x0112, 3, 1, 6 << 16),  # orientation
        (0x8769, 4, 1, 8),  # Exif IFD: this one
        (0x8825, 4, 1, 8),  # GPS IFD: this one
        (0x927C, 7, 0xFFFFFFFF, 8),  # maker's note: longer than any file
        (0x014A, 4, 0x0FFFFFFF, 8),  # sub IFDs: many
    ]
    ifd = struct.pack(">H", len(entries)) + b"".join(struct.pack(">HHII", *each) for each in entries)
    tiff = b"MM\x00\x2a" + struct.pack(">I", 8) + ifd + struct.pack(">I", 8)
    segment = b"Exif\0\0" + tiff
    whole = jpeg()
    return whole[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + whole[2:]


def jpeg_within_zip() -> bytes:
    """A JPEG that is a zip too: a zip is read from its end."""
    out = io.BytesIO(jpeg())
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("index.html", HTML)
    return out.getvalue()


def pdf_and_jpeg() -> bytes:
    comment = b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n"
    return jpeg(comment=comment) + b"\ntrailer<</Root 1 0 R>>\n%%EOF"


def motion_photo_that_lies(length: int) -> bytes:
    """A JPEG whose XMP says that it ends with a film of so many bytes."""
    xmp = (
        b"http://ns.adobe.com/xap/1.0/\0"
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:GCamera="http://ns.google.com/photos/1.0/camera/" GCamera:MicroVideo="1" '
        b'GCamera:MicroVideoVersion="1" GCamera:MicroVideoOffset="%d"/></rdf:RDF></x:xmpmeta>' % length
    )
    whole = jpeg()
    return whole[:2] + b"\xff\xe1" + struct.pack(">H", len(xmp) + 2) + xmp + whole[2:]


def box(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data) + 8) + name + data


def nested_boxes(depth: int = 20_000) -> bytes:
    """An MP4 whose film is in a film is in a film."""
    inner = b""
    heads = [struct.pack(">I", 8 * (depth - level)) + b"moov" for level in range(depth)]
    return box(b"ftyp", b"isom\0\0\2\0isommp42") + b"".join(heads) + inner


def brand_without_film() -> bytes:
    """An MP4 that promises 16 EiB of film."""
    return box(b"ftyp", b"isom\0\0\2\0isommp42") + struct.pack(">I4sQ", 1, b"mdat", 2**63 - 1) + bytes(1000)


def mp4(folder: Path, **fields: object) -> bytes:
    return write_video(folder / "film.mp4", **{"size": (320, 180), "seconds": 2.0, **fields}).read_bytes()  # type: ignore[arg-type]


def webm(folder: Path) -> bytes:
    path = folder / "film.webm"
    return write_video(path, size=(320, 180), seconds=2.0, codec="libvpx", sound="libopus").read_bytes()


def with_duration(film: bytes, units: int) -> bytes:
    """An MP4 whose header boxes (version 0) all say another duration."""
    data = bytearray(film)
    for name, skip in ((b"mvhd", 16), (b"tkhd", 20), (b"mdhd", 16)):
        for at in places(film, name):
            data[at + 4 + skip : at + 8 + skip] = struct.pack(">I", units)
    return bytes(data)


def with_many_samples(film: bytes) -> bytes:
    """An MP4 whose tables (`stts`, `stsz`) count four billion samples."""
    data = bytearray(film)
    for at in places(film, b"stts"):
        data[at + 12 : at + 16] = b"\xff\xff\xff\xff"
    for at in places(film, b"stsz"):
        data[at + 12 : at + 16] = b"\xff\xff\xff\xff"
    return bytes(data)


def places(data: bytes, name: bytes) -> Iterator[int]:
    at = data.find(name)
    while at >= 0:
        yield at
        at = data.find(name, at + 1)


def film_over_days(folder: Path) -> bytes:
    """Two frames, twenty hours apart."""
    return mp4(folder, times=[0.0, 72_000.0], sound="")


def sound(folder: Path, codec: str, ending: str) -> bytes:
    return write_sound(folder / f"voice.{ending}", tone(1.0), codec, format=ending).read_bytes()


def wav(channels: int, rate: int, frames: int, *, said: int | None = None) -> bytes:
    """Silence in 8 bits; `said`: the bytes that the header says there are."""
    out = io.BytesIO()
    with wave.open(out, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(1)
        writer.setframerate(rate)
        writer.writeframes(bytes((0x80,)) * frames * channels)
    data = bytearray(out.getvalue())
    if said is not None:
        data[4:8] = data[40:44] = struct.pack("<I", said)
    return bytes(data)


def flac_of_days(folder: Path) -> bytes:
    """A second of FLAC whose STREAMINFO says 2**36 - 1 samples."""
    data = bytearray(sound(folder, "flac", "flac"))
    # magic 4, block head 4, sizes 10; then 20 bits rate, 3 channels, 5 depth, 36 total samples
    data[21] |= 0x0F
    data[22:26] = b"\xff\xff\xff\xff"
    return bytes(data)


def tgs_bomb() -> bytes:
    return gzip.compress(b'{"v":"5.5.2","w":512,"h":512,"layers":[' + b" " * (64 << 20) + b"]}")


def picture_opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image
