"""What strangers' zips and folders say of a pack, and what they cannot do."""

import contextlib
import io
import stat
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teahouse.stickers import manifest, rules, zips
from teahouse.stickers.manifest import Plan
from teahouse.stickers.rules import FileFacts, emoji_in
from tests.stickers.making import zipped


def unpacked(folder: Path, data: bytes) -> dict[str, bytes]:
    path = folder / "pack.zip"
    path.write_bytes(data)
    out = folder / "out"
    out.mkdir(exist_ok=True)
    return {name: where.read_bytes() for name, where in zips.unpack(path, out)}


def reason(folder: Path, data: bytes) -> str:
    with pytest.raises(zips.ZipRefused) as refused:
        unpacked(folder, data)
    return refused.value.reason


def planned(folder: Path, files: Mapping[str, bytes | str]) -> Plan:
    path = folder / "pack.zip"
    path.write_bytes(zipped(files))
    out = folder / "out"
    out.mkdir()
    return manifest.plan(zips.unpack(path, out))


def emoji_of(plan: Plan) -> list[tuple[str, str]]:
    return [(each.name, each.emoji) for each in plan.stickers]


# --- zips -----------------------------------------------------------------------------------------


def test_nothing_lands_outside_and_what_systems_leave_is_passed_over(tmp_path: Path) -> None:
    files = {
        "../../evil.png": b"1",
        "/etc/evil.png": b"2",
        "c:\\windows\\evil.png": b"3",
        "cats/./a.png": b"4",
        "__MACOSX/cats/._a.png": b"5",
        "cats/.DS_Store": b"6",
        ".hidden/a.png": b"7",
        "folder/": b"",
        "..": b"8",
    }
    found = unpacked(tmp_path, zipped(files))
    assert found == {"evil.png": b"1", "etc/evil.png": b"2", "c:/windows/evil.png": b"3", "cats/a.png": b"4"}
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["0", "1", "2", "3", "out", "pack.zip"]


def test_links_are_no_files(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("passwords.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("a.png", "fine")
    assert unpacked(tmp_path, out.getvalue()) == {"a.png": b"fine"}


def test_bombs_are_let_go_before_they_burst(tmp_path: Path) -> None:
    assert reason(tmp_path, zipped({"a.png": bytes(zips.ENTRY_BYTES_MAX + 1)})) == "too_large"
    assert reason(tmp_path, zipped({"a.png": bytes(zips.RATIO_FROM * 4)})) == "too_large", "a thousand to one"
    assert unpacked(tmp_path, zipped({"a.png": bytes(1000)})) == {"a.png": bytes(1000)}
    assert sum(path.stat().st_size for path in (tmp_path / "out").iterdir()) <= zips.ENTRY_BYTES_MAX


def test_a_file_that_lies_of_its_size_is_held_to_what_it_is(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.png": bytes(zips.ENTRY_BYTES_MAX * 2)}))
    central = data.rindex(b"PK\x01\x02")
    data[central + 24 : central + 28] = struct.pack("<I", 10)
    data[22:26] = struct.pack("<I", 10)
    assert reason(tmp_path, bytes(data)) in ("unreadable", "too_large")
    assert sum(path.stat().st_size for path in (tmp_path / "out").iterdir()) <= zips.ENTRY_BYTES_MAX


def test_too_many_entries_are_refused_before_they_are_read(tmp_path: Path) -> None:
    assert reason(tmp_path, zipped({f"{number}.png": b"" for number in range(zips.ENTRIES_MAX + 1)})) == "too_many"
    honest = zipped({"a.png": b"1"})
    end = honest.rindex(zips.END)
    boasting = honest[:end] + zips.ZIP64_LOCATOR + bytes(16) + honest[end:]
    assert reason(tmp_path, boasting) == "too_many"


def test_what_is_broken_or_locked_is_refused(tmp_path: Path) -> None:
    whole = zipped({"a.png": b"1" * 100})
    locked = bytearray(whole)
    locked[whole.rindex(b"PK\x01\x02") + 8] |= 1
    before = bytearray(whole)
    before[-6:-2] = struct.pack("<I", 60)  # its directory begins after its files, which then begin before the file
    for data in (b"", b"PK\x03\x04", whole[:40], whole[:-30], bytes(locked), b"PK\x05\x06" + bytes(17), bytes(before)):
        assert reason(tmp_path, data) == "unreadable"
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        assert reason(tmp_path, zipped({"a.png": b"1"}, method)) == "unreadable"


@settings(max_examples=200, deadline=None)
@given(at=st.integers(0, 400), value=st.integers(0, 255), cut=st.integers(0, 400))
def test_a_zip_that_was_changed_is_unpacked_or_refused(
    tmp_path_factory: pytest.TempPathFactory, at: int, value: int, cut: int
) -> None:
    data = bytearray(zipped({"cats/a.png": b"meow" * 20, "emojis.txt": "a.png 😀"}))
    data[at % len(data)] = value
    with contextlib.suppress(zips.ZipRefused):
        unpacked(tmp_path_factory.mktemp("zip"), bytes(data[: len(data) - cut % 5]))


# --- what a pack says of itself -------------------------------------------------------------------


def test_our_own_manifest_says_all(tmp_path: Path) -> None:
    told = """{"name": "Cats", "author": "Ann", "stickers": [
        {"file": "b.tgs", "emoji": ["😺", "😸"], "keywords": ["cat", "猫"], "label": {"en": "A cat", "zh": "猫"},
         "still": 12},
        {"file": "a.png", "emoji": "😿"}, {"file": "lost.png", "emoji": "😀"}]}"""
    plan = planned(tmp_path, {"cats/pack.json": told, "cats/a.png": b"a", "cats/b.tgs": b"b", "cats/extra.png": b"c"})
    assert (plan.name, plan.author) == ("Cats", "Ann")
    assert emoji_of(plan) == [("b.tgs", "😺 😸"), ("a.png", "😿")]
    first = plan.stickers[0]
    assert (first.label, first.labels, first.keywords, first.still) == (
        "A cat",
        {"en": "A cat", "zh": "猫"},
        ("cat", "猫"),
        12,
    )


def test_a_manifest_reaches_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(b"secret")
    told = '{"stickers": [{"file": "../secret.png"}, {"file": "/etc/passwd"}, {"file": "a.png"}]}'
    assert [each.name for each in planned(tmp_path, {"pack.json": told, "a.png": b"1"}).stickers] == ["a.png"]


def test_without_one_names_of_files_and_folders_speak(tmp_path: Path) -> None:
    files = {"Мои коты/10_😿.webp": b"", "Мои коты/2 👨‍👩‍👧.png": b"", "Мои коты/1.gif": b"", "Мои коты/notes.txt": b""}
    plan = planned(tmp_path, files)
    assert plan.name == "Мои коты"
    assert emoji_of(plan) == [
        ("Мои коты/1.gif", ""),
        ("Мои коты/2 👨‍👩‍👧.png", "👨‍👩‍👧"),
        ("Мои коты/10_😿.webp", "😿"),
    ]


@pytest.mark.parametrize(
    "listed", ["a.png 😀\nb.png = 😢 😭", "b: 😢😭\na: 😀", "😀\n😢😭", "\ufeffa.png;😀\r\n\r\nb.png;😢 😭\r\n"]
)
def test_a_list_of_emoji_is_understood(tmp_path: Path, listed: str) -> None:
    plan = planned(tmp_path, {"emojis.txt": listed, "a.png": b"", "b.png": b""})
    assert emoji_of(plan) == [("a.png", "😀"), ("b.png", "😢 😭")]


def test_a_pack_of_wechats_form_is_its_main_pictures(tmp_path: Path) -> None:
    main = {f"main/{number:02}.gif": b"" for number in range(1, 17)}
    thumbs = {f"thumb/{number:02}.png": b"" for number in range(1, 17)}
    plan = planned(tmp_path, {**main, **thumbs, "banner.png": b"", "icon.png": b"", "cover.png": b""})
    assert [each.name for each in plan.stickers] == sorted(main)


def test_a_pack_of_whatsapps_form_has_a_title(tmp_path: Path) -> None:
    plan = planned(tmp_path, {"title.txt": "Tea\n", "author.txt": "Ben", "tray.png": b"", "1.webp": b"", "2.webp": b""})
    assert (plan.name, plan.author, len(plan.stickers)) == ("Tea", "Ben", 2)


def test_more_than_a_pack_holds_is_listed(tmp_path: Path) -> None:
    plan = planned(tmp_path, {f"{number}.png": b"" for number in range(203)})
    assert len(plan.stickers) == 200
    assert plan.too_many == ("200.png", "201.png", "202.png")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("👍🏽👍🏽", "👍🏽"),
        ("🇳🇱 flag", "🇳🇱"),
        ("1️⃣ and 2", "1️⃣"),
        ("❤️‍🔥x☕", "❤️‍🔥 ☕"),
        ("001_file-name (2)", ""),
        ("茶 чай tea 、", ""),
        ("👩‍💻", "👩‍💻"),
    ],
)
def test_emoji_are_found_whole(text: str, found: str) -> None:
    assert emoji_in(text) == found


def test_whose_rules_files_keep_to() -> None:
    still = FileFacts(type="image/webp", size=90_000, width=512, height=400, duration=0)
    vector = FileFacts(type="application/gzip", size=60_000, width=512, height=512, duration=3000, frames_per_second=60)
    gif = FileFacts(type="image/gif", size=400_000, width=240, height=240, duration=900)
    assert rules.fits([still, vector]) == ("telegram",)
    assert rules.fits([gif] * 16) == ("wechat",)
    assert rules.fits([gif] * 17) == ()
    assert rules.fits([still, gif]) == ()
    assert rules.fits([]) == ()
