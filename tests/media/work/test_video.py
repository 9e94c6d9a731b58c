"""Videos: real files of every kind go in, and what comes out is decoded and looked at."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from teahouse.media.work import video
from teahouse.media.work.jobs import Job, Made, MediaRefused
from tests.media.work.recordings import boxes, heard, main_frequency, seen, tone, write_sound, write_video

Make = Callable[..., Made]
PLACE = "+52.5200+013.4050/"


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def make(source: Path, kind: str = "video", steps: list[int] | None = None, **more: int) -> Made:
        folder = tmp_path / "made"
        folder.mkdir(exist_ok=True)
        job = Job(kind=kind, sources=(str(source),), folder=str(folder), **more)  # type: ignore[arg-type]
        return video.make_video(job, (steps if steps is not None else []).append)

    return make


def film(made: Made) -> Path:
    assert [(file.variant, file.type) for file in made.files] == [
        ("video", "video/mp4"),
        ("poster", "image/jpeg"),
        ("small", "image/jpeg"),
    ]
    return Path(made.files[0].path)


def key_times(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        return [
            float(packet.pts * packet.time_base)
            for packet in container.demux(container.streams.video[0])
            if packet.is_keyframe and packet.pts is not None
        ]


def brightness(made_or_frame: av.VideoFrame, x: float, y: float) -> float:
    """Mean luma around a point given in shares of width and height."""
    luma = made_or_frame.to_ndarray(format="gray8")
    across, down = int(luma.shape[1] * x), int(luma.shape[0] * y)
    return float(luma[down - 4 : down + 4, across - 4 : across + 4].mean())


def bits(path: Path) -> str:
    """The codec, profile and pixel format of the picture, and the sound's."""
    with av.open(str(path)) as container:
        picture = container.streams.video[0]
        sounds = [f"{s.codec_context.name} {s.profile} {s.rate}" for s in container.streams.audio]
        return ", ".join([f"{picture.codec_context.name} {picture.profile} {picture.pix_fmt}", *sounds])


MOTION_JPEG: dict[str, Any] = {"codec": "mjpeg", "pixels": "yuvj420p", "sound": ""}

FORMATS = [
    pytest.param("libx264", "yuv420p", "mp4", "aac", {}, id="mp4-h264"),
    pytest.param("libx265", "yuv420p", "mov", "aac", {"x265-params": "log-level=none:pools=1"}, id="mov-hevc"),
    pytest.param("libx265", "yuv420p10le", "mp4", "aac", {"x265-params": "log-level=none:pools=1"}, id="hevc-10"),
    pytest.param("libx264", "yuv444p", "matroska", "flac", {}, id="mkv-h264-444"),
    pytest.param("libvpx", "yuv420p", "webm", "libopus", {"deadline": "realtime", "cpu-used": "8"}, id="webm-vp8"),
    pytest.param("libvpx-vp9", "yuv420p", "webm", "libopus", {"deadline": "realtime", "cpu-used": "8"}, id="webm-vp9"),
    pytest.param("libsvtav1", "yuv420p", "mp4", "aac", {"preset": "12"}, id="mp4-av1"),
    pytest.param("mpeg4", "yuv420p", "avi", "libmp3lame", {}, id="avi-mpeg4"),
    pytest.param("mjpeg", "yuvj420p", "mov", "pcm_s16le", {}, id="mov-mjpeg"),
    pytest.param("libx264", "yuv420p", "mpegts", "aac", {}, id="mpegts"),
    pytest.param("mpeg4", "yuv420p", "3gp", "aac", {}, id="3gp"),
]


@pytest.mark.parametrize(("codec", "pixels", "format", "sound", "options"), FORMATS)
def test_every_format_becomes_mp4_that_browsers_play(
    make: Make, tmp_path: Path, codec: str, pixels: str, format: str, sound: str, options: dict[str, str]
) -> None:
    source = write_video(
        tmp_path / "in", codec=codec, pixels=pixels, format=format, sound=sound, options=options, seconds=3
    )
    steps: list[int] = []
    made = make(source, steps=steps)
    path = film(made)
    assert bits(path) == "h264 High yuv420p, aac LC 48000"
    assert boxes(path).index("moov") < boxes(path).index("mdat")
    assert (made.width, made.height) == (640, 360)
    assert made.duration == pytest.approx(3000, abs=100)
    frames = seen(path)
    assert len(frames) == pytest.approx(90, abs=2)
    middle = frames[len(frames) // 2]
    assert brightness(middle, 0.25, 0.25) == pytest.approx(200, abs=16)
    assert brightness(middle, 0.75, 0.25) == pytest.approx(40, abs=16)
    assert brightness(middle, 0.5, 0.75) > 180
    samples, rate = heard(path)
    assert main_frequency(samples, rate) == pytest.approx(440, abs=2)
    assert len(samples) / rate == pytest.approx(3, abs=0.15)
    assert steps == sorted(steps)
    assert steps[-1] == 100


@pytest.mark.skipif(not hasattr(os, "sched_getscheduler"), reason="Linux only")
def test_a_recording_leaves_the_priority_of_who_makes_it(tmp_path: Path) -> None:
    before = os.sched_getscheduler(0)
    write_video(tmp_path / "in.mp4", codec="libsvtav1", options={"preset": "12"}, seconds=0.2)
    assert os.sched_getscheduler(0) == before


def test_a_large_video_is_brought_down_and_can_be_sought_in(make: Make, tmp_path: Path) -> None:
    source = write_video(tmp_path / "in.mp4", size=(1920, 1080), seconds=5, options={"preset": "ultrafast"})
    made = make(source)
    assert (made.width, made.height) == (1280, 720)
    keys = key_times(film(made))
    assert keys[0] == 0
    assert max(np.diff([*keys, 5.0])) <= 2.1
    with av.open(str(film(made))) as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        container.seek(int(4.5 / stream.time_base), stream=stream)
        assert next(container.decode(stream)).time == pytest.approx(4, abs=0.1)


@pytest.mark.parametrize(
    ("size", "height_max", "expected"),
    [
        ((1080, 1920), 720, (720, 1280)),
        ((320, 240), 720, (320, 240)),
        ((1280, 720), 480, (854, 480)),
        ((2000, 160), 720, (1920, 154)),
        ((322, 182), 720, (322, 182)),
    ],
)
def test_sizes_are_even_and_never_grow(
    make: Make, tmp_path: Path, size: tuple[int, int], height_max: int, expected: tuple[int, int]
) -> None:
    source = write_video(tmp_path / "in.mkv", size=size, seconds=0.5, codec="mpeg4", sound="")
    made = make(source, height_max=height_max)
    assert (made.width, made.height) == expected
    frame = seen(film(made))[0]
    assert (frame.width, frame.height) == expected


@pytest.mark.parametrize(
    ("turned", "size", "bright"),
    [
        (-90, (360, 640), (0.75, 0.25)),
        (90, (360, 640), (0.25, 0.75)),
        (180, (640, 360), (0.75, 0.75)),
    ],
)
def test_a_phone_held_upright_is_shown_upright_and_says_nothing_of_the_place(
    make: Make, tmp_path: Path, turned: int, size: tuple[int, int], bright: tuple[float, float]
) -> None:
    metadata = {"location": PLACE, "com.apple.quicktime.location.ISO6709": PLACE, "com.apple.quicktime.make": "Apple"}
    source = write_video(tmp_path / "in.mov", turned=turned, metadata=metadata)
    assert PLACE.encode() in source.read_bytes()
    made = make(source)
    assert (made.width, made.height) == size
    frame = seen(film(made))[2]
    assert (frame.width, frame.height, frame.rotation) == (*size, 0)
    for x in (0.25, 0.75):
        for y in (0.25, 0.75):
            if (x, y) == bright:
                assert brightness(frame, x, y) > 150
    assert brightness(frame, *bright) > brightness(frame, 1 - bright[0], bright[1]) + 100
    for file in made.files:
        content = Path(file.path).read_bytes()
        assert PLACE.encode() not in content
        assert b"Apple" not in content
        assert b"Exif" not in content


def test_a_video_that_browsers_play_is_copied_without_loss_or_metadata(make: Make, tmp_path: Path) -> None:
    source = write_video(
        tmp_path / "in.mp4", options={"g": "60", "x264-params": "keyint=60"}, metadata={"location": PLACE}, seconds=4
    )
    content = source.read_bytes()
    assert PLACE.encode() in content
    assert b"x264 - core" in content
    made = make(source)
    copied = film(made).read_bytes()
    assert PLACE.encode() not in copied
    # The encoder's own message (SEI) stands for whatever apps hide there.
    assert b"x264 - core" not in copied
    assert boxes(film(made)).index("moov") < boxes(film(made)).index("mdat")
    assert made.duration == pytest.approx(4000, abs=50)
    for before, after in zip(seen(source), seen(film(made)), strict=True):
        assert np.array_equal(before.to_ndarray(), after.to_ndarray())
    assert np.array_equal(heard(source)[0], heard(film(made))[0])


def test_a_video_with_few_key_frames_is_not_copied(make: Make, tmp_path: Path) -> None:
    source = write_video(tmp_path / "in.mp4", seconds=7, options={"g": "900", "x264-params": "keyint=900:scenecut=0"})
    assert len(key_times(source)) == 1
    assert len(key_times(film(make(source)))) == 4


def test_sixty_frames_a_second_become_thirty_evenly(make: Make, tmp_path: Path) -> None:
    made = make(write_video(tmp_path / "in.mp4", rate=60, seconds=2))
    times = [frame.time for frame in seen(film(made))]
    assert len(times) == 60
    assert np.diff(times) == pytest.approx(1 / 30, abs=0.002)
    assert made.duration == pytest.approx(2000, abs=50)


def test_uneven_frames_keep_their_times(make: Make, tmp_path: Path) -> None:
    times = [0.0, 0.04, 0.5, 0.55, 1.6, 1.7, 3.0]
    made = make(write_video(tmp_path / "in.mkv", times=times, seconds=3.1, codec="mpeg4"))
    assert [frame.time for frame in seen(film(made))] == pytest.approx(times, abs=0.004)
    assert made.duration == pytest.approx(3100, abs=60)


def test_a_video_note_is_the_middle_square(make: Make, tmp_path: Path) -> None:
    made = make(write_video(tmp_path / "in.webm", size=(960, 540), codec="libvpx", sound="libopus"), "video_note")
    assert (made.width, made.height) == (480, 480)
    frame = seen(film(made))[1]
    assert (frame.width, frame.height) == (480, 480)
    # The bright quarter of 480 x 270 is 270 pixels of the middle 540: half of the square.
    assert brightness(frame, 0.4, 0.25) == pytest.approx(200, abs=16)
    assert brightness(frame, 0.6, 0.25) == pytest.approx(40, abs=16)


def test_a_small_upright_video_note_is_not_enlarged(make: Make, tmp_path: Path) -> None:
    made = make(write_video(tmp_path / "in.mov", size=(320, 240), turned=-90), "video_note")
    assert (made.width, made.height) == (240, 240)
    assert brightness(seen(film(made))[1], 0.8, 0.2) > 150


def test_posters_show_something_and_fit_their_sizes(make: Make, tmp_path: Path) -> None:
    made = make(write_video(tmp_path / "in.mp4", size=(1920, 1080), seconds=5, black_s=2.5), height_max=1080)
    with Image.open(made.files[1].path) as poster, Image.open(made.files[2].path) as small:
        assert poster.size == (1280, 720)
        assert small.size == (480, 270)
        assert not poster.getexif()
        assert np.asarray(poster.convert("L"))[100:300, 100:500].mean() > 180
    assert 10 < len(made.thumbhash) < 40


def test_an_all_black_video_has_a_poster_too(make: Make, tmp_path: Path) -> None:
    made = make(write_video(tmp_path / "in.mp4", seconds=1, black_s=5))
    with Image.open(made.files[1].path) as poster:
        assert poster.size == (640, 360)


def test_sound_that_starts_late_stays_in_step(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "in.mkv"
    write_video(tmp_path / "silent.mkv", codec="mpeg4", sound="", seconds=3)
    write_sound(tmp_path / "sound.mka", tone(1.5), "flac", format="matroska")
    with (
        av.open(str(tmp_path / "silent.mkv")) as pictures,
        av.open(str(tmp_path / "sound.mka")) as sounds,
        av.open(str(path), "w") as out,
    ):
        picture = out.add_stream_from_template(pictures.streams.video[0])
        sound = out.add_stream_from_template(sounds.streams.audio[0])
        for container, stream, late_ms in ((pictures, picture, 0), (sounds, sound, 1000)):
            for packet in container.demux(container.streams[0]):
                if packet.dts is not None and packet.pts is not None:
                    packet.pts, packet.dts = packet.pts + late_ms, packet.dts + late_ms
                    packet.stream = stream
                    out.mux(packet)
    samples, rate = heard(film(make(path)))
    loud = np.flatnonzero(np.abs(samples) > 0.05) / rate
    assert loud[0] == pytest.approx(1.0, abs=0.06)
    assert loud[-1] == pytest.approx(2.5, abs=0.06)


def test_hdr_is_brought_down_to_what_a_page_shows(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "in.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx265", rate=30, options={"x265-params": "log-level=none:pools=1"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p10le"
        context = stream.codec_context
        context.color_primaries, context.color_trc, context.colorspace, context.color_range = 9, 16, 9, 1
        ramp = np.tile(np.linspace(64, 900, 640), (360, 1)).astype(np.uint16)
        grey = np.full((180, 640), 512, np.uint16)
        for number in range(15):
            frame = av.VideoFrame.from_ndarray(np.concatenate([ramp, grey]), format="yuv420p10le")
            frame.color_primaries, frame.color_trc, frame.colorspace, frame.color_range = 9, 16, 9, 1
            frame.pts = number
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    frame = seen(film(make(path)))[5]
    assert (frame.format.name, frame.color_trc, frame.color_primaries, frame.colorspace) == ("yuv420p", 1, 1, 1)
    row = frame.to_ndarray()[180, ::40].astype(int)
    assert (np.diff(row) >= -1).all()
    assert row[0] < 24
    assert row[-1] > 200
    # 203 nits are white on paper (ITU-R BT.2408): at 58% of the signal, far above what its code says in SDR curves.
    assert 120 < frame.to_ndarray()[180, 440] < 235


def test_what_is_too_long_is_refused_whatever_its_header_says(make: Make, tmp_path: Path) -> None:
    source = write_video(tmp_path / "in.mp4", seconds=4)
    assert make(source, duration_max_ms=4000).duration
    content = bytearray(source.read_bytes())
    at = content.index(b"mvhd") + 4 + 16
    # A header that says one second, and one that says 49 days.
    content[at : at + 4] = (1000).to_bytes(4, "big")
    short = tmp_path / "short.mp4"
    short.write_bytes(content)
    with pytest.raises(MediaRefused) as refused:
        make(short, duration_max_ms=2000)
    assert refused.value.reason == "too_long"
    content[at : at + 4] = b"\xff\xff\xff\xf0"
    endless = tmp_path / "endless.mp4"
    endless.write_bytes(content)
    assert make(endless, duration_max_ms=5000).duration == pytest.approx(4000, abs=100)


def test_a_gap_without_end_between_two_frames_is_refused(make: Make, tmp_path: Path) -> None:
    source = write_video(tmp_path / "in.mkv", times=[0.0, 0.04, 9_000_000.0], **MOTION_JPEG)
    with pytest.raises(MediaRefused) as refused:
        make(source)
    assert refused.value.reason == "too_long"


def test_a_note_longer_than_a_minute_is_refused(make: Make, tmp_path: Path) -> None:
    source = write_video(tmp_path / "in.mp4", size=(64, 64), rate=5, seconds=62)
    with pytest.raises(MediaRefused) as refused:
        make(source, "video_note")
    assert refused.value.reason == "too_long"


def test_a_frame_too_large_is_refused(make: Make, tmp_path: Path) -> None:
    source = write_video(
        tmp_path / "in.mkv", size=(8200, 4700), seconds=0.04, codec="mjpeg", pixels="yuvj420p", sound=""
    )
    with pytest.raises(MediaRefused) as refused:
        make(source)
    assert refused.value.reason == "too_many_pixels"


def test_a_truncated_video_is_shown_as_far_as_it_goes_or_refused(make: Make, tmp_path: Path) -> None:
    webm = write_video(tmp_path / "in.webm", codec="libvpx", sound="libopus", seconds=4)
    whole = webm.read_bytes()
    webm.write_bytes(whole[: len(whole) * 2 // 3])
    assert 1000 < make(webm).duration < 3900
    mp4 = write_video(tmp_path / "in.mp4")
    whole = mp4.read_bytes()
    mp4.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(MediaRefused) as refused:
        make(mp4)
    assert refused.value.reason == "unreadable"


def test_a_damaged_video_is_shown_as_well_as_it_goes(make: Make, tmp_path: Path) -> None:
    source = write_video(tmp_path / "in.avi", codec="mpeg4", sound="libmp3lame", seconds=4, options={"g": "10"})
    content = bytearray(source.read_bytes())
    random = np.random.default_rng(7)
    for at in random.integers(len(content) // 4, len(content) * 3 // 4, 40):
        content[at] ^= int(random.integers(1, 255))
    source.write_bytes(content)
    assert make(source).duration > 2000


def test_a_stream_that_begins_in_the_middle_is_no_end(make: Make, tmp_path: Path) -> None:
    # Long and dense enough that FFmpeg finds the sound in the middle neither by its start nor by its end.
    dense = {"preset": "ultrafast", "b": "3M", "maxrate": "3M", "bufsize": "1M", "x264-params": "nal-hrd=cbr"}
    silent = write_video(tmp_path / "silent.ts", sound="", seconds=14, rate=10, options=dense)
    later = write_video(tmp_path / "later.ts", seconds=1, rate=10)
    source = tmp_path / "in.ts"
    source.write_bytes(silent.read_bytes() + later.read_bytes() + silent.read_bytes())
    assert make(source).duration == pytest.approx(14_000, abs=200)


NOT_VIDEOS = {
    "nothing": b"",
    "text": b"A letter, not a film.\n" * 300,
    "page": b"<!doctype html><script>alert(1)</script>",
    "drawing": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "playlist": b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n",
    "list of files": b"ffconcat version 1.0\nfile '/etc/hostname'\n",
    "noise": np.random.default_rng(2).bytes(60_000),
}


@pytest.mark.parametrize("what", NOT_VIDEOS)
def test_what_is_not_a_video_is_refused(make: Make, tmp_path: Path, what: str) -> None:
    source = tmp_path / "film.mp4"
    source.write_bytes(NOT_VIDEOS[what])
    with pytest.raises(MediaRefused) as refused:
        make(source)
    assert refused.value.reason == "unreadable"


def test_sound_alone_is_no_video(make: Make, tmp_path: Path) -> None:
    with pytest.raises(MediaRefused) as refused:
        make(write_sound(tmp_path / "in.m4a", tone(1), "aac", format="mp4"))
    assert refused.value.reason == "wrong_kind"
