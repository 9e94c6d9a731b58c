"""The XMP of a Motion Photo: what it claims of the film that follows, read and written (ISO 16684-1, RDF/XML)."""

import re
from typing import Final
from xml.etree import ElementTree

import msgspec

CAMERA: Final = "{http://ns.google.com/photos/1.0/camera/}"
ITEM: Final = "{http://ns.google.com/photos/1.0/container/item/}"
LIST_ITEM: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}li"
TAGS_MAX: Final = 2000
_NUMBER: Final = re.compile(r"-?[0-9]{1,15}")


class Claim(msgspec.Struct, frozen=True):
    """What the XMP says, in bytes; nothing of it is to be believed before one has looked."""

    length: int
    """Of the film."""
    padding: int = 0
    """Between the still (or what goes with it) and the film."""
    after: int = 0
    """What follows the film."""
    timestamp_us: int | None = None


def read_claim(xmp: bytes) -> Claim | None:
    """Read a packet; None when it does not speak of a film, or is not the plain XML that a camera writes.

    A declaration or a DOCTYPE is refused before any parser sees it: nothing is ever expanded.
    """
    try:
        text = xmp.decode().strip("\ufeff\x00 \t\r\n")
    except UnicodeDecodeError:
        return None
    if "<!" in text or text.count("<") > TAGS_MAX:
        return None
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError):
        return None
    camera = _properties(root, CAMERA)
    timestamp = _number(camera.get("MotionPhotoPresentationTimestampUs"))
    if timestamp is None:
        timestamp = _number(camera.get("MicroVideoPresentationTimestampUs"))
    if timestamp is not None and timestamp < 0:  # -1 is the format's word for "not known"
        timestamp = None
    items = [_properties(element, ITEM) for element in root.iter(LIST_ITEM)]
    places = [index for index, item in enumerate(items) if item.get("Semantic") == "MotionPhoto"]
    if camera.get("MotionPhoto") == "1" and places:
        film, *rest = items[places[0] :]
        before = items[places[0] - 1] if places[0] else {}
        after = sum(_size(item.get("Length")) + _size(item.get("Padding")) for item in rest)
        return Claim(_size(film.get("Length")), _size(before.get("Padding")), after, timestamp)
    if camera.get("MotionPhoto") == "1" or camera.get("MicroVideo") == "1":
        return Claim(_size(camera.get("MicroVideoOffset")), timestamp_us=timestamp)
    return None


def packet(still: str, length: int, *, padding: int, timestamp_us: int | None, micro_video: bool) -> bytes:
    """A packet that announces `length` bytes of film after a still of the given MIME type."""
    when = -1 if timestamp_us is None else timestamp_us
    if micro_video:
        camera = (
            f'GCamera:MicroVideo="1" GCamera:MicroVideoVersion="1" GCamera:MicroVideoOffset="{length}" '
            f'GCamera:MicroVideoPresentationTimestampUs="{when}"'
        )
        directory = ""
    else:
        camera = (
            'GCamera:MotionPhoto="1" GCamera:MotionPhotoVersion="1" '
            f'GCamera:MotionPhotoPresentationTimestampUs="{when}"'
        )
        directory = (
            "<Container:Directory><rdf:Seq>"
            f'<rdf:li rdf:parseType="Resource"><Container:Item Item:Mime="{still}" Item:Semantic="Primary" '
            f'Item:Length="0" Item:Padding="{padding}"/></rdf:li>'
            '<rdf:li rdf:parseType="Resource"><Container:Item Item:Mime="video/mp4" Item:Semantic="MotionPhoto" '
            f'Item:Length="{length}" Item:Padding="0"/></rdf:li>'
            "</rdf:Seq></Container:Directory>"
        )
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:GCamera="http://ns.google.com/photos/1.0/camera/" '
        'xmlns:Container="http://ns.google.com/photos/1.0/container/" '
        f'xmlns:Item="http://ns.google.com/photos/1.0/container/item/" {camera}>{directory}'
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def _properties(root: ElementTree.Element, namespace: str) -> dict[str, str]:
    """Every property of a namespace below an element, whether written as an attribute or as an element of its own."""
    found: dict[str, str] = {}
    for element in root.iter():
        for name, value in element.attrib.items():
            if name.startswith(namespace):
                found.setdefault(name.removeprefix(namespace), value)
        if element.tag.startswith(namespace) and element.text:
            found.setdefault(element.tag.removeprefix(namespace), element.text.strip())
    return found


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and _NUMBER.fullmatch(text) else None


def _size(text: str | None) -> int:
    return max(_number(text) or 0, 0)
