"""Voice messages: real recordings of every kind go in, and what comes out is listened to."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from teahouse.media.work import voice
from teahouse.media.work.jobs import WAVEFORM_POINTS, Job, Made, MediaRefused
from teahouse.media.work.loudness import RATE as WORK_RATE
from teahouse.media.work.loudness import integrated, powers
from tests.media.work.recordings import (
    Floats,
    boxes,
    heard,
    loudness,
    main_frequency,
    speech,
    tone,
    write_sound,
    write_video,
)

Make = Callable[..., Made]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def make(source: Path, duration_max_ms: int = 0, steps: list[int] | None = None) -> Made:
        folder = tmp_path / "made"
        folder.mkdir(exist_ok=True)
        job = Job(kind="voice", sources=(str(source),), folder=str(folder), duration_max_ms=duration_max_ms)
        return voice.make_voice(job, (steps if steps is not None else []).append)

    return make


def audio(made: Made) -> Path:
    (file,) = made.files
    assert (file.variant, file.type) == ("audio", "audio/mp4")
    return Path(file.path)


FORMATS = [
    # Chromium's MediaRecorder: WebM without duration or cues.
    pytest.param("libopus", "webm", {"live": "1"}, 48_000, id="webm-opus"),
    pytest.param("libopus", "ogg", {}, 48_000, id="ogg-opus"),
    pytest.param("aac", "mp4", {}, 44_100, id="mp4-aac"),
    pytest.param("aac", "mp4", {"movflags": "frag_keyframe+empty_moov"}, 48_000, id="fragmented-mp4"),
    pytest.param("libmp3lame", "mp3", {}, 44_100, id="mp3"),
    pytest.param("pcm_s16le", "wav", {}, 16_000, id="wav"),
    pytest.param("flac", "flac", {}, 48_000, id="flac"),
]


@pytest.mark.parametrize(("codec", "format", "options", "rate"), FORMATS)
def test_every_recording_becomes_aac_that_starts_fast(
    make: Make, tmp_path: Path, codec: str, format: str, options: dict[str, str], rate: int
) -> None:
    source = write_sound(tmp_path / "in", tone(3, 440, rate=rate), codec, format=format, rate=rate, options=options)
    steps: list[int] = []
    made = make(source, steps=steps)
    samples, out_rate = heard(audio(made))
    assert main_frequency(samples, out_rate) == pytest.approx(440, abs=2)
    assert made.duration == pytest.approx(3000, abs=60)
    assert len(samples) / out_rate == pytest.approx(3, abs=0.1)
    with av.open(str(audio(made))) as container:
        stream = container.streams.audio[0]
        assert (stream.codec_context.name, stream.profile, stream.codec_context.layout.name) == ("aac", "LC", "mono")
        assert container.duration == pytest.approx(3_000_000, abs=60_000)
    names = boxes(audio(made))
    assert names.index("moov") < names.index("mdat")
    assert steps == sorted(steps)
    assert steps[-1] == 100


def test_a_recording_without_a_duration_gets_the_true_one(make: Make, tmp_path: Path) -> None:
    source = write_sound(tmp_path / "in", speech(7.3), "libopus", format="webm", options={"live": "1"})
    with av.open(str(source)) as container:
        assert container.duration is None
    assert make(source).duration == pytest.approx(7300, abs=20)


@pytest.mark.parametrize("level", [0.02, 0.1, 0.6])
def test_quiet_and_loud_voices_become_equally_loud(make: Make, tmp_path: Path, level: float) -> None:
    samples = speech(12, level)
    before, _ = loudness(samples, 48_000)
    made = make(write_sound(tmp_path / "in", np.clip(samples, -1, 1), "pcm_f32le", format="wav"))
    after, peak = loudness(*heard(audio(made)))
    # What is quieter by more than the largest boost comes as near as that boost brings it.
    assert after == pytest.approx(min(-16, before + 24), abs=1.5)
    assert peak < -1


def test_silence_and_noise_are_not_turned_up(make: Make, tmp_path: Path) -> None:
    noise = (np.random.default_rng(3).standard_normal(48_000 * 4) * 0.0005).astype(np.float32)
    for samples in (noise, np.zeros(48_000 * 2, np.float32)):
        made = make(write_sound(tmp_path / "in", samples, "pcm_s16le", format="wav"))
        after, _ = heard(audio(made))
        assert np.abs(after).max() <= max(float(np.abs(samples).max()), 1e-4) * 1.3


def test_silence_has_a_flat_waveform(make: Make, tmp_path: Path) -> None:
    made = make(write_sound(tmp_path / "in", np.zeros(48_000, np.float32), "pcm_s16le", format="wav"))
    assert made.waveform == bytes(WAVEFORM_POINTS)


def test_a_clip_too_short_to_measure_keeps_its_level(make: Make, tmp_path: Path) -> None:
    made = make(write_sound(tmp_path / "in", tone(0.3, level=0.02), "pcm_s16le", format="wav"))
    samples, _ = heard(audio(made))
    assert made.duration == 300
    assert np.abs(samples).max() == pytest.approx(0.02, rel=0.3)
    assert len(made.waveform) == WAVEFORM_POINTS


def test_a_clap_in_a_quiet_voice_is_held_down(make: Make, tmp_path: Path) -> None:
    samples = speech(10, 0.05)
    samples[240_000:240_480] = np.random.default_rng(4).uniform(-1, 1, 480)
    made = make(write_sound(tmp_path / "in", samples, "pcm_f32le", format="wav"))
    after, peak = loudness(*heard(audio(made)))
    assert peak < 0
    assert after == pytest.approx(-16, abs=1.5)


def test_the_waveform_shows_who_speaks_when(make: Make, tmp_path: Path) -> None:
    parts = [np.zeros(96_000, np.float32), tone(2), tone(2, level=0.01), tone(2, level=0.05)]
    made = make(write_sound(tmp_path / "in", np.concatenate(parts), "libopus", format="ogg"))
    silent, loud, quiet, half = np.frombuffer(made.waveform, np.uint8).reshape(4, -1)[:, 3:-3].mean(axis=1)
    assert silent < 5
    assert loud > 245
    assert loud > half > quiet > silent
    # Stevens' law: a tenth of the pressure is a quarter as loud.
    assert quiet / loud == pytest.approx(0.1**0.6, abs=0.03)


def test_both_channels_are_heard(make: Make, tmp_path: Path) -> None:
    source = write_sound(tmp_path / "in", np.stack([tone(3, 440), tone(3, 880)]), "aac", format="mp4")
    samples, rate = heard(audio(make(source)))
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    at = len(samples) / rate
    assert spectrum[round(440 * at)] == pytest.approx(spectrum[round(880 * at)], rel=0.3)


def test_a_long_recording_is_done_in_parts_without_a_seam(make: Make, tmp_path: Path) -> None:
    made = make(write_sound(tmp_path / "in", tone(31.5, 100), "pcm_s16le", format="wav"))
    samples, rate = heard(audio(made))
    assert made.duration == 31_500
    # A seam would be a step far steeper than a tone of 100 Hz ever is.
    middle = samples[rate : 30 * rate]
    assert np.abs(np.diff(middle)).max() < 1.3 * 2 * np.pi * 100 / rate * np.abs(middle).max()


def test_a_recording_whose_form_changes_in_the_middle_is_heard_whole(make: Make, tmp_path: Path) -> None:
    first = write_sound(tmp_path / "first", tone(2, rate=44_100), "aac", format="adts", rate=44_100)
    second = write_sound(tmp_path / "second", tone(2, rate=22_050), "aac", format="adts", rate=22_050)
    both = tmp_path / "both"
    both.write_bytes(first.read_bytes() + second.read_bytes())
    made = make(both)
    samples, rate = heard(audio(made))
    assert made.duration == pytest.approx(4000, abs=200)
    assert main_frequency(samples[: rate * 3 // 2], rate) == pytest.approx(440, abs=3)
    assert main_frequency(samples[-rate * 3 // 2 :], rate) == pytest.approx(440, abs=3)


def test_the_sound_of_a_video_will_do(make: Make, tmp_path: Path) -> None:
    samples, rate = heard(audio(make(write_video(tmp_path / "in.mp4"))))
    assert main_frequency(samples, rate) == pytest.approx(440, abs=2)


def test_what_is_too_long_is_refused(make: Make, tmp_path: Path) -> None:
    source = write_sound(tmp_path / "in", tone(5), "libopus", format="webm", options={"live": "1"})
    assert make(source, duration_max_ms=5000).duration
    with pytest.raises(MediaRefused) as refused:
        make(source, duration_max_ms=4000)
    assert refused.value.reason == "too_long"


def test_a_truncated_recording_is_heard_as_far_as_it_goes(make: Make, tmp_path: Path) -> None:
    source = write_sound(tmp_path / "in", tone(6), "libopus", format="webm", options={"live": "1"})
    whole = source.read_bytes()
    source.write_bytes(whole[: len(whole) // 2])
    assert 1000 < make(source).duration < 5900


def _nothing(folder: Path) -> bytes:
    return b""


def _text(folder: Path) -> bytes:
    return b"This is a letter, not a voice.\n" * 200


def _moov_only(folder: Path) -> bytes:
    return write_sound(folder / "whole", tone(2), "aac", format="mp4").read_bytes()[:4000]


def _playlist(folder: Path) -> bytes:
    secret = write_sound(folder / "secret.ts", tone(1), "aac", format="mpegts")
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{secret}\n#EXT-X-ENDLIST\n".encode()


def _concat(folder: Path) -> bytes:
    secret = write_sound(folder / "secret.wav", tone(1), "pcm_s16le", format="wav")
    return f"ffconcat version 1.0\nfile '{secret.name}'\n".encode()


def _noise(folder: Path) -> bytes:
    return np.random.default_rng(9).bytes(50_000)


def _html(folder: Path) -> bytes:
    return b"<!doctype html><script>alert(1)</script>"


@pytest.mark.parametrize("content", [_nothing, _text, _moov_only, _playlist, _concat, _noise, _html])
def test_what_is_not_a_recording_is_refused(make: Make, tmp_path: Path, content: Callable[[Path], bytes]) -> None:
    source = tmp_path / "voice.mp4"
    source.write_bytes(content(tmp_path))
    with pytest.raises(MediaRefused) as refused:
        make(source)
    assert refused.value.reason == "unreadable"


def test_a_video_without_sound_is_no_voice(make: Make, tmp_path: Path) -> None:
    with pytest.raises(MediaRefused) as refused:
        make(write_video(tmp_path / "in.mp4", sound=""))
    assert refused.value.reason == "wrong_kind"


@pytest.mark.parametrize("rate", [1, 1_442_888_576])
def test_a_rate_that_no_recorder_writes_is_refused(make: Make, tmp_path: Path, rate: int) -> None:
    source = write_sound(tmp_path / "in.wav", tone(1), "pcm_s16le", format="wav")
    content = bytearray(source.read_bytes())
    content[24:28] = rate.to_bytes(4, "little")
    source.write_bytes(content)
    with pytest.raises(MediaRefused) as refused:
        make(source)
    assert refused.value.reason == "unreadable"


def test_infinite_samples_do_not_spread(make: Make, tmp_path: Path) -> None:
    samples = tone(3)
    samples[40_000:40_100] = np.inf
    samples[60_000:60_100] = np.nan
    after, rate = heard(audio(make(write_sound(tmp_path / "in", samples, "pcm_f32le", format="wav"))))
    assert np.isfinite(after).all()
    assert main_frequency(after[-rate:], rate) == pytest.approx(440, abs=2)


@pytest.mark.parametrize(
    "samples",
    [tone(5, 1000), tone(5, 60), tone(5, 6000), speech(20), np.concatenate([tone(4), np.zeros(96_000, np.float32)])],
    ids=["1 kHz", "60 Hz", "6 kHz", "speech", "half silence"],
)
def test_loudness_is_what_ffmpeg_measures(samples: Floats) -> None:
    assert WORK_RATE * 2 == 48_000
    # An ideal half-band filter: every second point of the spectrum's lower half.
    spectrum = np.fft.rfft(samples)[: len(samples) // 4 + 1]
    halved = (np.fft.irfft(spectrum) / 2).astype(np.float32)
    assert integrated(powers(halved)) == pytest.approx(loudness(samples, 48_000)[0], abs=0.1)
