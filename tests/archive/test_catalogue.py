"""The catalogue: opened from version 1 on, asked in ways that many recordings do not slow down."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.archive.version_1 import VERSION_1
from vbc_call_recording import InputError, Recording
from vbc_call_recording_archive import archive as archive_module
from vbc_call_recording_archive.archive import Archive
from vbc_call_recording_archive.catalogue import SCHEMA_VERSION, Catalogue, network_filesystem
from vbc_call_recording_archive.config import ArchiveConfig
from vbc_call_recording_archive.errors import CatalogueError, LedgerError

START = datetime(2026, 1, 5, tzinfo=UTC)


def recording(number: int, **fields: Any) -> Recording:
    usual: dict[str, Any] = {
        "id": number,
        "start": START + timedelta(minutes=number),
        "caller_id": f"1732555{number:04d}",
        "cnam": "JOHN SMITH",
        "call_direction": "INBOUND",
        "duration": 1000 * number,
        "extensions": [100 + number],
        "file_name": f"{number}.mp3",
        "file_size_in_bytes": 100,
    }
    return Recording(**{**usual, **fields})


def added(number: int, **changes: Any) -> tuple[str, dict[str, Any]]:
    return "added", {
        "source": "company",
        "id": str(number),
        "start": "2026-01-05T00:00:00Z",
        "kind": "audio",
        "path": f"data/{number}.mp3",
        "size": 100,
        "sha256": "0" * 64,
        "how": "single",
        **changes,
    }


@pytest.fixture
def archive(tmp_path: Path) -> Any:
    """Ten recordings listed, of which four are here."""
    with Archive(tmp_path, ArchiveConfig(), writable=True) as archive:
        archive.catalogue.see("company", map(recording, range(10)), archive.catalogue.next_listing(), "")
        archive.note_all(map(added, range(4)))
        yield archive


def ids(archive: Archive, **filters: Any) -> list[int]:
    return [int(row.id) for row in archive.catalogue.recordings(order="start:ASC", **filters)]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, list(range(10))),
        ({"source": "user:5"}, []),
        ({"start_gte": START + timedelta(minutes=8)}, [8, 9]),
        ({"start_lte": START + timedelta(minutes=1)}, [0, 1]),
        ({"duration_gte": timedelta(seconds=8)}, [8, 9]),
        ({"duration_lte": 1000}, [0, 1]),
        ({"caller_id": "17325550003"}, [3]),
        ({"extension": 104}, [4]),
        ({"extension": "10"}, []),
        ({"cnam": "john smith", "call_direction": "inbound"}, list(range(10))),
        ({"on_disk": True}, [0, 1, 2, 3]),
        ({"on_disk": False, "start_lte": START + timedelta(minutes=5)}, [4, 5]),
        ({"vanished": True}, []),
        ({"deleted": False}, list(range(10))),
        ({"transcript": "none", "on_disk": True}, [0, 1, 2, 3]),
        ({"text": "smi"}, list(range(10))),
        ({"text": "smith 17325550007"}, [7]),
    ],
)
def test_filters_are_those_of_the_client_and_some_more(
    archive: Archive, filters: dict[str, Any], expected: list[int]
) -> None:
    assert ids(archive, **filters) == expected
    assert archive.catalogue.count(**filters) == len(expected)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"nope": 1}, "unknown filter 'nope'"),
        ({"order": "id:ASC"}, "order is 'id:ASC'; accepted: start:ASC or start:DESC"),
        ({"start_gte": datetime(2026, 1, 1)}, "with a time zone"),
        ({"text": '"*'}, "at least one word"),
    ],
)
def test_filters_that_cannot_be_right_are_refused(
    archive: Archive, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message.replace("*", r"\*")):
        list(archive.catalogue.recordings(**arguments))


def test_results_can_be_had_in_parts(archive: Archive) -> None:
    rows = list(archive.catalogue.recordings(limit=3, offset=2))
    assert [row.id for row in rows] == ["7", "6", "5"]


def test_every_field_of_a_recording_is_kept_unknown_ones_too(archive: Archive) -> None:
    odd = Recording.from_dict(
        {**recording(20).to_dict(), "mood": {"score": 5}, "cnam": "J\ud800", "duration": "5"}
    )
    archive.catalogue.see("company", [odd], archive.catalogue.next_listing(), "")
    row = archive.catalogue.get("company", 20)
    assert row is not None
    assert (row.cnam, row.duration, row.extensions) == ("J?", None, ("120",))
    assert json.loads(row.wire) == odd.to_dict()
    assert row.recording == odd


def test_a_recording_without_anything_is_catalogued_where_it_was_listed(archive: Archive) -> None:
    archive.catalogue.see("company", [Recording(id=50)], 9, "2026-01-07T00:00:00Z")
    row = archive.catalogue.get("company", 50)
    assert row is not None
    assert (row.start, row.end, row.promised_size, row.wire) == (
        "2026-01-07T00:00:00Z",
        "",
        None,
        '{"id":50}',
    )


def test_a_changed_name_is_found_and_the_old_one_is_not(archive: Archive) -> None:
    archive.catalogue.see("company", [recording(3, cnam="JÖRG")], archive.catalogue.next_listing(), "")
    assert [row.id for row, _ in archive.catalogue.search("jorg")] == ["3"]
    assert len(archive.catalogue.search("smith")) == 9


def test_verifying_deleting_and_losing_change_what_is_known(archive: Archive) -> None:
    archive.note("verified", how="re-read", paths=["data/1.mp3", "data/2.mp3"])
    archive.note("deleted", source="company", id="1")
    archive.note("lost", path="data/2.mp3", reason="it is not there")
    one, two = archive.catalogue.get("company", 1), archive.catalogue.get("company", 2)
    assert one is not None
    assert two is not None
    assert (one.verified_how, bool(one.deleted_at), two.path) == ("re-read", True, "")
    totals = archive.catalogue.totals()[0]
    assert (totals.recordings, totals.on_disk, totals.missing, totals.deleted) == (10, 3, 7, 1)
    assert totals.bytes == 300
    assert [file.path for file in archive.catalogue.sample(1)] == ["data/0.mp3"]
    assert archive.catalogue.payload() == (3, 300)


@pytest.mark.parametrize("block", [1, 2, 1000])
def test_the_ledger_makes_a_lost_catalogue_anew(
    archive: Archive, tmp_path: Path, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_module, "_BLOCK", block)
    files = list(archive.catalogue.files())
    archive.close()
    (tmp_path / "catalogue.sqlite3").unlink()
    with Archive(tmp_path, ArchiveConfig(), writable=True) as again:
        assert list(again.catalogue.files()) == files
        assert again.catalogue.head == list(again.ledger.entries())[-1].head


@pytest.mark.parametrize("keep", [-1, -30, 0])
def test_a_ledger_that_was_cut_is_not_written_on(archive: Archive, tmp_path: Path, keep: int) -> None:
    whole = archive.ledger.path.read_bytes()
    archive.close()
    archive.ledger.path.write_bytes(whole[:keep])
    with pytest.raises(LedgerError, match="restore it from a backup"):
        Archive(tmp_path, ArchiveConfig(), writable=True)
    assert archive.ledger.path.read_bytes() == whole[:keep]


def test_what_the_ledger_says_twice_is_known_once(archive: Archive) -> None:
    entries = list(archive.ledger.entries())
    before = list(archive.catalogue.files())
    archive.catalogue.apply(entries)
    assert list(archive.catalogue.files()) == before


def schema(path: Path) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()
    finally:
        connection.close()


def test_a_catalogue_of_version_1_is_brought_to_ours_with_all_that_is_in_it(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "old.sqlite3")
    old.executescript(VERSION_1)
    old.close()
    with Catalogue(tmp_path / "old.sqlite3", writable=True) as catalogue:
        row = catalogue.get("company", 193228)
        assert row is not None
        assert (row.path, row.sha256, row.transcript) == ("data/a-193228.mp3", "ab" * 32, "ready")
        assert [found.id for found, _ in catalogue.search("refund")] == ["193228"]
        assert [window.state for window in catalogue.windows()] == ["proven"]
        assert catalogue.runs()[0].counts == {"files": 1}
        assert catalogue.head.seq == 7
        assert [file.holders for file in catalogue.files()] == [("local",)]
    with Catalogue(tmp_path / "new.sqlite3", writable=True):
        pass
    strip = str.maketrans("", "", " \n")
    assert [tuple(str(v).translate(strip) for v in row) for row in schema(tmp_path / "old.sqlite3")] == [
        tuple(str(v).translate(strip) for v in row) for row in schema(tmp_path / "new.sqlite3")
    ]


def test_a_catalogue_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "later.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    for writable in (True, False):
        with pytest.raises(CatalogueError, match="A later release"):
            Catalogue(path, writable=writable)


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 4096)
    with pytest.raises(CatalogueError, match="cannot be opened"):
        Catalogue(tmp_path / "a", writable=True)
    with pytest.raises(CatalogueError, match="cannot be opened"):
        Catalogue(tmp_path / "none", writable=False)


MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/x /srv/nfs nfs4 rw 0 0
/dev/sdb1 /srv/nfs/local ext4 rw 0 0
//server/y /mnt/with\\040space cifs rw 0 0
user@host: /mnt/ssh fuse.sshfs rw 0 0
tmpfs /srv/hidden nfs rw 0 0
/dev/sdc1 /srv/hidden xfs rw 0 0
broken
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/a", None),
        ("/srv/nfs/a", "nfs4"),
        ("/srv/nfsx/a", None),
        ("/srv/nfs/local/a", None),
        ("/mnt/with space/a", "cifs"),
        ("/mnt/ssh/a/b", "fuse.sshfs"),
        ("/srv/hidden/a", None),
    ],
)
def test_network_file_systems_are_known_by_the_mount_that_counts(path: str, kind: str | None) -> None:
    assert network_filesystem(Path(path), MOUNTS) == kind


def test_a_catalogue_on_a_network_file_system_is_refused_and_may_be_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote, local = tmp_path / "remote", tmp_path / "local"
    remote.mkdir()
    mounts = f"/dev/sda1 / ext4 rw 0 0\nserver:/x {remote} nfs rw 0 0\n"
    read = Path.read_text
    monkeypatch.setattr(
        Path,
        "read_text",
        lambda path, *a, **k: mounts if str(path) == "/proc/mounts" else read(path, *a, **k),
    )
    with pytest.raises(CatalogueError, match=r"network file system \(nfs\)"):
        Archive(remote, ArchiveConfig(), writable=True)
    with Archive(remote, ArchiveConfig(catalogue=local / "c.sqlite3"), writable=True) as archive:
        archive.note("verified", how="x", paths=[])
    assert (local / "c.sqlite3").exists()
    assert not (remote / "catalogue.sqlite3").exists()
