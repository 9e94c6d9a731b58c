"""`teahouse doctor` finds what is broken in a set-up, and says what to do."""

from __future__ import annotations

import os
import resource
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import boto3  # type: ignore[import-untyped]
import pytest
from moto.server import ThreadedMotoServer

from teahouse import doctor
from teahouse.config import Settings
from teahouse.doctor import Finding, addresses
from teahouse.media.work import pool
from teahouse.storage.engine import make_engine
from teahouse.storage.migrate import HEAD, prepare
from tests.harness.server import Server, free_port


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A good set-up that nobody has started yet."""
    folder = tmp_path / "house"
    folder.mkdir(mode=0o700)
    return Settings(listen=f"127.0.0.1:{free_port()}", data=folder)


CHECK_OF = {
    "Address": doctor.address,
    "Data folder": doctor.data_folder,
    "Free space": doctor.data_folder,
    "Store": doctor.store,
    "Tables": doctor.store,
    "Clock": doctor.clock,
    "Push keys": doctor.push_keys,
    "Public address": doctor.public_url,
    "Behind the proxy": doctor.public_url,
    "Settings": doctor.variables,
    "Web client": doctor.client,
    "Open files": doctor.open_files,
    "Files": doctor.blobs,
    "Media": doctor.media,
    "Bank": doctor.bank,
}


def found(settings: Settings, what: str) -> Finding:
    (finding,) = [one for one in CHECK_OF[what](settings) if one.what == what]
    return finding


def changed(settings: Settings, **values: object) -> Settings:
    return Settings(**{name: getattr(settings, name) for name in settings.__struct_fields__} | values)


def test_a_fresh_set_up_works(settings: Settings) -> None:
    assert [one for one in doctor.examine(settings) if one.state == "fail"] == []


def test_a_port_that_another_program_has_is_a_failure(settings: Settings) -> None:
    with socket.socket() as other:
        other.bind(settings.address)
        other.listen()
        # It answers nothing, as a program of another kind would.
        finding = found(settings, "Address")
    assert finding.state == "fail"
    assert "TEAHOUSE_LISTEN" in finding.fix


def test_a_house_that_is_open_is_no_failure(tmp_path: Path) -> None:
    with Server(tmp_path / "house") as server:
        finding = found(Settings(listen=f"127.0.0.1:{server.port}", data=server.data), "Address")
    assert finding.state == "ok"
    assert "served by Teahouse" in finding.found


def test_an_address_of_another_machine_is_a_failure(settings: Settings) -> None:
    assert found(changed(settings, listen="192.0.2.1:8420"), "Address").state == "fail"


def test_a_data_folder_that_is_a_file_is_a_failure(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    finding = found(changed(settings, data=tmp_path / "file"), "Data folder")
    assert finding.state == "fail"
    assert "TEAHOUSE_DATA" in finding.fix


def test_a_data_folder_that_others_may_read_is_named(settings: Settings) -> None:
    settings.data.chmod(0o755)
    finding = found(settings, "Data folder")
    assert finding.state == "warn"
    assert "chmod 700" in finding.fix


def test_a_full_disk_is_a_failure(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 10 * 2**20})
    monkeypatch.setattr(shutil, "disk_usage", lambda place: usage)
    assert found(settings, "Free space").state == "fail"


@pytest.fixture
def used(settings: Settings) -> Settings:
    """A set-up with a store of this version."""
    engine = make_engine(settings.store_url, readers=1)
    prepare(engine)
    engine.dispose()
    return settings


def test_a_used_store_is_whole_and_of_this_version(used: Settings) -> None:
    assert found(used, "Store").state == "ok"
    assert HEAD in found(used, "Tables").found


def test_a_damaged_store_is_a_failure(used: Settings) -> None:
    file = used.data / "teahouse.db"
    pages = bytearray(file.read_bytes())
    pages[4096:] = os.urandom(len(pages) - 4096)
    file.write_bytes(pages)
    finding = found(used, "Store")
    assert finding.state == "fail"
    assert "back-up" in finding.fix


def test_a_file_that_is_no_store_is_a_failure(settings: Settings) -> None:
    (settings.data / "teahouse.db").write_bytes(b"a shopping list, not a database" * 100)
    assert found(settings, "Store").state == "fail"


def test_a_store_of_a_newer_version_is_a_failure(used: Settings) -> None:
    with sqlite3.connect(used.data / "teahouse.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    finding = found(used, "Tables")
    assert finding.state == "fail"
    assert "newer" in finding.found


def test_a_database_server_that_does_not_answer_is_a_failure(settings: Settings) -> None:
    finding = found(changed(settings, store=f"postgresql://tea@127.0.0.1:{free_port()}/tea"), "Store")
    assert finding.state == "fail"
    assert "TEAHOUSE_STORE" in finding.fix


def test_the_doctor_writes_nothing(used: Settings) -> None:
    store = used.data / "teahouse.db"
    before = store.read_bytes()
    doctor.examine(used)
    assert store.read_bytes() == before
    assert [path.name for path in used.data.iterdir() if not path.name.startswith("teahouse.db")] == []


def test_data_from_the_future_means_a_wrong_clock(used: Settings) -> None:
    tomorrow = time.time() + 86_400
    os.utime(used.data / "teahouse.db", (tomorrow, tomorrow))
    assert found(used, "Clock").state == "fail"


@pytest.mark.parametrize(
    ("url", "state"),
    [("", "ok"), ("https://tea.example", "ok"), ("http://tea.example", "warn"), ("tea.example", "fail")],
)
def test_the_public_address(settings: Settings, url: str, state: str) -> None:
    assert found(changed(settings, url=url), "Public address").state == state


def test_a_way_past_the_proxy_is_named(settings: Settings) -> None:
    open_to_all = changed(settings, listen=f"0.0.0.0:{settings.address[1]}", url="https://tea.example")
    assert found(open_to_all, "Behind the proxy").state == "warn"


def test_half_a_pair_of_push_keys_is_a_failure(settings: Settings) -> None:
    private = settings.data / "vapid.pem"
    private.touch(mode=0o600)
    assert found(settings, "Push keys").state == "fail"
    (settings.data / "vapid.pub").touch()
    assert found(settings, "Push keys").state == "ok"
    private.chmod(0o644)
    assert found(settings, "Push keys").state == "warn"


def test_a_slip_in_the_name_of_a_setting_is_found(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAHOUSE_LISTNE", "127.0.0.1:1")
    finding = found(settings, "Settings")
    assert finding.state == "warn"
    assert "TEAHOUSE_LISTNE" in finding.found


def test_a_missing_client_is_a_failure(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(addresses, "STATIC", tmp_path)
    assert found(settings, "Web client").state == "fail"


def test_too_few_open_files_are_named(settings: Settings) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 1000), hard))
    try:
        finding = found(settings, "Open files")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert finding.state == "warn"
    assert "ulimit" in finding.fix


def ask(*words: str, data: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TEAHOUSE_DATA": str(data), "COLUMNS": "200", **variables}
    command = [sys.executable, "-m", "teahouse", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_the_exit_code_tells(settings: Settings, tmp_path: Path) -> None:
    good = ask("doctor", data=settings.data, TEAHOUSE_LISTEN=settings.listen)
    assert (good.returncode, "This set-up works" in good.stdout) == (0, True), good.stdout + good.stderr
    (tmp_path / "file").write_text("")
    bad = ask("doctor", data=tmp_path / "file", TEAHOUSE_LISTEN=settings.listen)
    assert bad.returncode == 1, bad.stdout + bad.stderr
    assert "to fix before it works" in bad.stdout


def test_a_setting_of_the_wrong_type_is_named(settings: Settings) -> None:
    answer = ask("doctor", data=settings.data, TEAHOUSE_CONNECTIONS="many")
    assert answer.returncode == 2
    assert "$.connections" in answer.stderr
    assert "Traceback" not in answer.stderr


# --- files and media ------------------------------------------------------------------------------


def test_a_folder_for_files_that_cannot_be_written_is_a_failure(settings: Settings) -> None:
    (settings.data / "blobs").write_text("a file where the folder should be")
    finding = found(settings, "Files")
    assert finding.state == "fail"
    assert "chown" in finding.fix


def test_the_probe_leaves_nothing(settings: Settings) -> None:
    (settings.data / "blobs").mkdir()
    assert found(settings, "Files").state == "ok"
    assert list((settings.data / "blobs").iterdir()) == []


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket that is there, as `TEAHOUSE_BLOBS` names it."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "for moto")
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    client = boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1")
    client.create_bucket(Bucket="tea")
    yield f"s3://tea/house?endpoint=http://{host}:{port}&region=us-east-1"
    assert client.list_objects_v2(Bucket="tea")["KeyCount"] == 0, "the doctor left something behind"
    server.stop()


def test_a_bucket_is_written_and_read(settings: Settings, bucket: str) -> None:
    finding = found(changed(settings, blobs=bucket), "Files")
    assert (finding.state, finding.found) == ("ok", "s3://tea/house is written and read")


def test_a_bucket_that_is_not_there_is_a_failure(settings: Settings, bucket: str) -> None:
    finding = found(changed(settings, blobs=bucket.replace("s3://tea/", "s3://coffee/")), "Files")
    assert finding.state == "fail"
    assert "AWS_SECRET_ACCESS_KEY" in finding.fix


WRONG_PLACES = ["ftp://tea", "s3://", "s3://tea?colour=green", "s3://tea?endpoint", "s3://[tea"]


@pytest.mark.parametrize("place", WRONG_PLACES)
def test_a_wrong_place_for_files_is_a_failure(settings: Settings, place: str) -> None:
    finding = found(changed(settings, blobs=place), "Files")
    assert finding.state == "fail"
    assert "TEAHOUSE_BLOBS" in finding.found


@pytest.mark.parametrize("place", WRONG_PLACES[:3])
def test_a_house_with_a_wrong_place_for_files_says_so_and_does_not_open(settings: Settings, place: str) -> None:
    environment = {**os.environ, "TEAHOUSE_BLOBS": place, "TEAHOUSE_DATA": str(settings.data)}
    command = [sys.executable, "-m", "teahouse", "serve", "--listen", settings.listen]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "TEAHOUSE_BLOBS" in done.stderr
    assert "teahouse doctor" in done.stderr
    assert "Traceback" not in done.stderr


def test_media_are_made_in_a_worker(settings: Settings) -> None:
    finding = found(settings, "Media")
    assert (finding.state, finding.found) == ("ok", "pictures, films and voices are made")


def test_workers_without_codecs_are_a_failure(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "av.py").write_text("raise ImportError('no codecs here')")
    monkeypatch.setattr(pool, "PYTHON_PATH", os.pathsep.join((str(tmp_path), pool.PYTHON_PATH)))
    finding = found(settings, "Media")
    assert finding.state == "fail"
    for kind in ("picture", "video", "voice"):
        assert f"no {kind} can be made" in finding.found


def test_a_bank_account_that_is_none_is_found(settings: Settings) -> None:
    assert list(doctor.bank(settings)) == []
    good = changed(settings, bank_name="Tea", bank_iban="DE89 3704 0044 0532 0130 00", bank_bic="COBADEFFXXX")
    assert found(good, "Bank").state == "ok"
    for wrong in ({"bank_iban": "DE00370400440532013000"}, {"bank_bic": ""}, {"bank_name": ""}):
        assert found(changed(good, **wrong), "Bank").state == "fail"
