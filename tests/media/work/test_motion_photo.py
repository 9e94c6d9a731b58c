"""Motion Photos: what is written is read again; what cameras in the wild write is read too; nothing makes it fall."""

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from teahouse.media.work.containers import jpeg
from teahouse.media.work.containers.boxes import box, boxes, film_end
from teahouse.media.work.containers.motion_photo import (
    SAMSUNG_MARKER,
    XMP_HEADER,
    MotionPhoto,
    parse,
    without_xmp,
    write_heic,
    write_jpeg,
)
from teahouse.media.work.containers.motion_xmp import read_claim
from teahouse.media.work.containers.source import opened
from tests.media.work.shots import encoded, film, photo, quadrants, taken

FTYP = box(b"ftyp", b"isom" + bytes(4) + b"isommp42")
films = st.builds(
    lambda samples, order: FTYP + b"".join(order(box(b"moov", bytes(16)), box(b"mdat", samples))),
    st.binary(max_size=300),
    st.sampled_from([lambda moov, mdat: (moov, mdat), lambda moov, mdat: (mdat, moov)]),
)
stills = st.builds(
    lambda size, grey, quality, progressive: encoded(
        Image.new("L", size, grey), "JPEG", quality=quality, progressive=progressive
    ),
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.integers(0, 255),
    st.integers(1, 95),
    st.booleans(),
)
timestamps = st.none() | st.integers(0, 10**9)


def parts(data: bytes, found: MotionPhoto | None) -> tuple[bytes, bytes, int | None]:
    assert found is not None
    return data[: found.still_end], data[found.video_start : found.video_end], found.timestamp_us


@settings(deadline=None)
@given(still=stills, video=films, timestamp=timestamps, micro=st.booleans())
def test_a_written_jpeg_is_read_again(still: bytes, video: bytes, timestamp: int | None, micro: bool) -> None:
    written = write_jpeg(still, video, timestamp_us=timestamp, micro_video=micro)
    found_still, found_video, found_timestamp = parts(written, parse(written))
    assert without_xmp(found_still) == still
    assert (found_video, found_timestamp) == (video, timestamp)
    assert Image.open(io.BytesIO(written)).size == Image.open(io.BytesIO(still)).size


@settings(deadline=None, max_examples=25)
@given(size=st.tuples(st.integers(16, 64), st.integers(16, 64)), video=films, timestamp=timestamps)
def test_a_written_heic_is_read_again(size: tuple[int, int], video: bytes, timestamp: int | None) -> None:
    stills: list[bytes] = []

    def encode(xmp: bytes) -> bytes:
        stills.append(encoded(quadrants(size), "HEIF", xmp=xmp))
        return stills[-1]

    written = write_heic(encode, video, timestamp_us=timestamp)
    assert parts(written, parse(written)) == (stills[0], video, timestamp)
    assert Image.open(io.BytesIO(written)).size == size


@settings(deadline=None, max_examples=300)
@given(
    still=stills,
    video=films,
    changes=st.lists(st.tuples(st.integers(0, 5000), st.binary(min_size=1, max_size=9)), max_size=8),
    cut=st.integers(0, 5000),
)
def test_a_damaged_one_is_read_or_not_and_nothing_else(
    still: bytes, video: bytes, changes: list[tuple[int, bytes]], cut: int
) -> None:
    damaged = bytearray(write_jpeg(still, video))
    for place, what in changes:
        at = place % len(damaged)
        damaged[at : at + len(what)] = what
    data = bytes(damaged if cut % 2 else damaged[: cut % len(damaged)])
    found = parse(data)
    if found is not None:
        assert 0 < found.still_end <= found.video_start < found.video_end <= len(data)
        assert film_end(data, found.video_start, found.video_end) == found.video_end


@settings(deadline=None)
@given(data=st.binary(max_size=400), start=st.sampled_from([b"", b"\xff\xd8", b"\xff\xd8\xff\xe1", FTYP[:8] + b"heic"]))
def test_any_bytes_are_no_motion_photo(data: bytes, start: bytes) -> None:
    assert parse(start + data) is None


def test_a_real_film_comes_out_as_it_went_in(tmp_path: Path) -> None:
    video = film(tmp_path / "moment.mp4")
    path = tmp_path / "PXL_0001.MP.jpg"
    path.write_bytes(write_jpeg(taken("JPEG"), video, timestamp_us=500_000))
    with opened(str(path)) as data:
        found = parse(data)
        assert found is not None
        assert data[found.video_start : found.video_end] == video
        assert found.timestamp_us == 500_000


def in_the_wild(packet: str, still: bytes = b"") -> bytes:
    """A JPEG with an XMP packet as some phone writes it."""
    still = still or encoded(photo((64, 48)), "JPEG")
    return jpeg.inserted(still, jpeg.application(jpeg.APP1, XMP_HEADER + packet.encode()))


VIDEO = FTYP + box(b"moov", bytes(30)) + box(b"mdat", bytes(range(200)))
GAIN_MAP = encoded(Image.new("L", (8, 8), 90), "JPEG")
PIXEL = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 5.1.0-jc003">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
  xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" xmlns:GCamera="http://ns.google.com/photos/1.0/camera/"
  xmlns:Container="http://ns.google.com/photos/1.0/container/"
  xmlns:Item="http://ns.google.com/photos/1.0/container/item/"
  hdrgm:Version="1.0" GCamera:MotionPhoto="1" GCamera:MotionPhotoVersion="1"
  GCamera:MotionPhotoPresentationTimestampUs="968644">
  <Container:Directory><rdf:Seq>
   <rdf:li rdf:parseType="Resource"><Container:Item Item:Mime="image/jpeg" Item:Semantic="Primary"/></rdf:li>
   <rdf:li rdf:parseType="Resource">
    <Container:Item Item:Semantic="GainMap" Item:Mime="image/jpeg" Item:Length="{len(GAIN_MAP)}"/></rdf:li>
   <rdf:li rdf:parseType="Resource">
    <Container:Item Item:Mime="video/mp4" Item:Semantic="MotionPhoto" Item:Length="{len(VIDEO)}"/></rdf:li>
  </rdf:Seq></Container:Directory></rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""
ELEMENTS = f"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:C="http://ns.google.com/photos/1.0/camera/">
<C:MicroVideo>1</C:MicroVideo><C:MicroVideoVersion>1</C:MicroVideoVersion>
<C:MicroVideoOffset>{len(VIDEO)}</C:MicroVideoOffset>
<C:MicroVideoPresentationTimestampUs>12</C:MicroVideoPresentationTimestampUs>
</rdf:Description></rdf:RDF></x:xmpmeta>"""
LOST = ELEMENTS.replace(str(len(VIDEO)), "77")


def test_a_pixel_phones_gain_map_stays_with_the_still() -> None:
    still = in_the_wild(PIXEL) + GAIN_MAP
    assert parts(still + VIDEO, parse(still + VIDEO)) == (still, VIDEO, 968_644)


def test_properties_written_as_elements_are_read() -> None:
    still = in_the_wild(ELEMENTS)
    assert parts(still + VIDEO, parse(still + VIDEO)) == (still, VIDEO, 12)


def test_a_wrong_length_does_not_lose_the_film() -> None:
    still = in_the_wild(LOST)
    assert parts(still + VIDEO, parse(still + VIDEO)) == (still, VIDEO, 12)


def test_samsungs_trailer_is_no_part_of_still_or_film() -> None:
    trailer = bytes(16) + b"SEFH" + bytes(20) + b"SEFT"
    for still in (encoded(photo((64, 48)), "JPEG"), in_the_wild(LOST)):
        data = still + bytes(4) + b"\x10\x00\x00\x00" + SAMSUNG_MARKER + VIDEO + trailer
        found_still, found_video, _ = parts(data, parse(data))
        assert (found_still, found_video) == (still, VIDEO)


def test_a_picture_that_only_claims_a_film_is_none() -> None:
    assert parse(in_the_wild(PIXEL)) is None
    assert parse(in_the_wild(ELEMENTS) + bytes(300)) is None
    assert parse(encoded(photo((64, 48)), "JPEG") + VIDEO) is None  # a film that nobody announced


@pytest.mark.parametrize(
    "packet",
    [
        '<!DOCTYPE x [<!ENTITY a "1"><!ENTITY b "&a;&a;&a;">]>' + ELEMENTS,
        ELEMENTS.replace("<C:MicroVideo>", "<!-- -->" + "<C:MicroVideo>"),
        "<x>" * 30_000,
        ELEMENTS.replace(str(len(VIDEO)), "9" * 5000),
        ELEMENTS.replace(str(len(VIDEO)), "-5"),
        "",
        "\x00",
    ],
)
def test_hostile_xml_is_not_even_parsed(packet: str) -> None:
    claim = read_claim(packet.encode())
    assert claim is None or claim.length == 0
    assert read_claim(packet.encode("utf-16")) is None


def test_parts_that_are_not_whole_are_not_written() -> None:
    still = encoded(photo((64, 48)), "JPEG")
    for broken_still, broken_video in ((still[:-2], VIDEO), (b"", VIDEO), (still, VIDEO[:-1]), (still, b"")):
        with pytest.raises(ValueError, match="whole"):
            write_jpeg(broken_still, broken_video)
    with pytest.raises(ValueError, match="whole"):
        write_heic(lambda xmp: still, b"")


def test_boxes_in_a_row_have_an_end() -> None:
    row = box(b"free", b"") * 100_000
    assert len(list(boxes(row, 0, len(row)))) < 10_000
    assert [found.type for found in boxes(b"\x00\x00\x00\x00mdat" + bytes(9), 0, 17)] == [b"mdat"]  # to the end
    wide = b"\x00\x00\x00\x01mdat" + (20).to_bytes(8) + bytes(4)
    assert [found.content for found in boxes(wide, 0, len(wide))] == [16]
    assert list(boxes(b"\x00\x00\x00\x04mdat" + bytes(9), 0, 17)) == []
