"""verify: what is wrong with an archive is named, and --repair puts it right and never makes it worse."""

import errno
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from tests.archive.world import World, audio, calls, rows
from vbc_call_recording import InputError
from vbc_call_recording_archive.custody import Digest, hash_file
from vbc_call_recording_archive.errors import ArchiveError, LedgerError
from vbc_call_recording_archive.verify import Checked, Event, Finding, VerifyResult, disk, verify
from vbc_call_recording_sandbox import Recording

Hurt = Callable[[Path], object]


@define
class Verified:
    result: VerifyResult
    findings: list[Finding] = field(factory=list[Finding])

    @property
    def wrong(self) -> list[tuple[str, str, str]]:
        return [(each.sign, each.subject, each.name) for each in self.findings if each.sign != "="]

    def one(self) -> Finding:
        found = [each for each in self.findings if each.is_trouble]
        assert len(found) == 1, found
        return found[0]


def verified(world: World, *, writable: bool = True, **options: Any) -> Verified:
    events: list[Event] = []
    world.sandbox.requests.clear()
    client = world.client if options.get("repair") or options.get("listing") else None
    with world.archive(writable=writable) as archive:
        result = verify(archive, client, on_event=events.append, **options)
    return Verified(result, [event for event in events if isinstance(event, Finding)])


def audio_files(world: World) -> list[Path]:
    return sorted((world.folder / "data").rglob("*.mp3"))


def relative(world: World, path: Path) -> str:
    return path.relative_to(world.folder).as_posix()


def require_checked_by_others(world: World) -> None:
    """Everything is there, and `sha256sum` says so."""
    world.require_everything(world.sandbox.store.company())
    manifest = ["sha256sum", "--check", "--strict", "--quiet", "manifest-sha256.txt"]
    done = subprocess.run(manifest, cwd=world.folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the archive of the first test is kept for the others: a copy costs less than a sync."""
    return tmp_path_factory.mktemp("synced") / "archive"


@pytest.fixture
def full(world: World, synced: Path) -> World:
    """Nine recordings with transcripts and metadata beside them, all synced and proven."""
    world.sandbox.store.replace(calls(9, transcript="ready"))
    world.configure(metadata="beside")
    if not synced.exists():
        assert world.sync().result == "ok"
        shutil.copytree(world.folder, synced)
    shutil.copytree(synced, world.folder, dirs_exist_ok=True)
    return world


def test_an_archive_as_it_should_be_has_no_trouble(full: World) -> None:
    done = verified(full)
    assert done.wrong == []
    result = done.result
    assert (result.result, result.files, result.read, result.not_read) == ("ok", 27, 27, 0)
    assert result.bytes == sum(path.stat().st_size for path in (full.folder / "data").rglob("*.*"))
    assert {each.subject for each in done.findings} == {"file", "manifest", "ledger"}
    assert full.asked.total() == 0
    states = rows(full.folder / "catalogue.sqlite3", "SELECT verified_how, count(*) FROM files GROUP BY 1")
    assert states == [("verify", 27)], "what was read is kept as verified"


def test_progress_goes_up_to_all_files_and_bytes(full: World) -> None:
    seen: list[Checked] = []
    with full.archive() as archive:
        verify(archive, on_event=lambda event: seen.append(event) if isinstance(event, Checked) else None)
    assert [each.files for each in seen] == list(range(1, 28))
    assert (seen[-1].bytes, seen[-1].files_total) == (seen[-1].bytes_total, 27)


def missing(path: Path) -> None:
    path.unlink()


def truncated(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def longer(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def flipped(path: Path) -> None:
    """One bit, size and time as before."""
    status, content = path.stat(), bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def linked(path: Path) -> None:
    other = path.with_name("elsewhere")
    path.rename(other.parent.parent / "elsewhere")
    path.symlink_to(other.parent.parent / "elsewhere")


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("suffix", "hurt", "sign", "reason"),
    [
        (".mp3", missing, "+", "not there"),
        (".mp3", truncated, "*", "truncated: "),
        (".mp3", longer, "*", "bytes instead of"),
        (".mp3", flipped, "*", "SHA-256"),
        (".mp3", a_folder, "*", "not a regular file"),
        (".txt", flipped, "*", "SHA-256"),
        (".json", missing, "+", "not there"),
    ],
)
def test_what_happened_to_a_file_is_told_and_repaired(
    full: World, suffix: str, hurt: Hurt, sign: str, reason: str
) -> None:
    path = audio_files(full)[4].with_suffix(suffix)
    right = hash_file(path)
    hurt(path)
    found = verified(full).one()
    assert (found.sign, found.subject, found.name) == (sign, "file", relative(full, path))
    assert reason in found.reason
    assert found.repair == "", "nobody asked for a repair"
    repaired = verified(full, repair=True)
    assert (repaired.result.result, repaired.result.troubles, repaired.result.repaired) == ("ok", 1, 1)
    assert hash_file(path) == right
    aside = list((full.folder / "set-aside").glob("*/*"))
    assert len(aside) == (hurt is not missing), "what was broken is kept"
    assert verified(full).wrong == []
    require_checked_by_others(full)


def test_a_link_in_the_place_of_a_file_is_no_file(full: World) -> None:
    path = audio_files(full)[0]
    linked(path)
    done = verified(full)
    assert ("*", "file", relative(full, path)) in done.wrong
    assert ("-", "file", relative(full, path.parent.parent / "elsewhere")) in done.wrong


def test_a_disk_that_cannot_read_a_file_is_told_and_the_file_kept(
    full: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = audio_files(full)[0]

    def reads(at: Path) -> Digest:
        if at == path and at.stat().st_ino == bad:
            raise OSError(errno.EIO, "Input/output error")
        return hash_file(at)

    bad = path.stat().st_ino
    monkeypatch.setattr(disk, "hash_file", reads)
    found = verified(full).one()
    assert (found.sign, found.reason) == ("!", "it cannot be read: Input/output error")
    assert verified(full, repair=True).result.result == "ok"
    assert [kept.stat().st_ino for kept in (full.folder / "set-aside").glob("*/*")] == [bad]
    assert verified(full).wrong == []


def test_a_transcript_is_repaired_from_the_catalogue_without_a_request(full: World) -> None:
    truncated(audio_files(full)[0].with_suffix(".txt"))
    assert verified(full, repair=True).result.result == "ok"
    assert full.asked.total() == 0


def test_a_transcript_that_the_catalogue_lacks_is_fetched(full: World) -> None:
    path = audio_files(full)[0].with_suffix(".txt")
    path.write_bytes(b"\xff\xfe")
    with full.archive(writable=True) as archive:
        archive.catalogue.set_transcript("company", path.stem.rpartition("-")[2], "ready", text="")
    assert verified(full, repair=True).result.result == "ok"
    assert set(full.asked) == {"list_company_transcriptions", "download_transcript"}, full.asked


def test_a_file_the_vendor_has_no_longer_stays_as_it_is(full: World) -> None:
    path = audio_files(full)[4]
    flipped(path)
    broken = path.read_bytes()
    full.sandbox.store.delete(int(path.stem.rpartition("-")[2]))
    done = verified(full, repair=True)
    assert done.result.result == "incomplete"
    assert "no longer" in done.one().repair
    assert path.read_bytes() == broken
    assert not (full.folder / "set-aside").exists()
    assert verified(full).one().sign == "*", "it is told again, until a backup brings it"


@pytest.mark.slow
def test_other_bytes_at_the_vendor_never_replace_what_is_here(full: World) -> None:
    path = audio_files(full)[4]
    which = int(path.stem.rpartition("-")[2])
    flipped(path)
    broken = path.read_bytes()
    changed = Recording(id=which, start=full.sandbox.store.get(which).start, revision=1, transcript="ready")
    full.sandbox.store.put(changed)
    done = verified(full, repair=True)
    assert "other bytes" in done.one().repair
    assert path.read_bytes() == broken
    path.unlink()
    done = verified(full, repair=True)
    assert done.result.result == "ok"
    (first, manifest) = [each for each in done.findings if each.is_trouble]
    assert "others than before" in first.repair, "better than nothing, and it is said"
    assert manifest.is_repaired
    assert path.read_bytes() == audio(changed)
    require_checked_by_others(full)


def test_a_vendor_who_cannot_be_reached_is_asked_once_and_the_rest_is_verified(full: World) -> None:
    for path in audio_files(full)[:3]:
        flipped(path)
    full.sandbox.faults.next("GET /t/", status=500, times=99)
    done = verified(full, repair=True)
    assert [each.repair[:12] for each in done.findings if each.is_trouble] == ["not repaired"] * 3
    assert (done.result.read, full.asked.total()) == (27, 1)


def test_files_that_no_entry_knows_are_named_and_left_alone(full: World) -> None:
    strangers = [full.folder / "data" / name for name in ("audio/stray.mp3", "x", "half\udcff")]
    for path in strangers:
        path.write_bytes(b"x")
    done = verified(full, repair=True)
    assert [each for each in done.wrong if each[0] == "-"] == [
        ("-", "file", "data/half\\udcff"),
        ("-", "file", "data/x"),
        ("-", "file", "data/audio/stray.mp3"),
    ]
    assert all(path.exists() for path in strangers)


def test_a_sample_reads_so_many_and_says_what_it_did_not_read(full: World) -> None:
    missing(audio_files(full)[0])
    done = verified(full, sample=5, seed=7)
    assert (done.result.read, done.result.not_read, done.result.seed) == (5, 22, 7)
    assert done.one().sign == "+", "existence and size are looked at for all"
    drawn = rows(full.folder / "catalogue.sqlite3", "SELECT path FROM files WHERE verified_how = 'verify'")
    assert verified(full, sample=5, seed=7).result.read == 5
    again = rows(full.folder / "catalogue.sqlite3", "SELECT path FROM files WHERE verified_how = 'verify'")
    assert drawn == again, "the same seed draws the same files"
    assert 4 <= len(drawn) <= 5
    seeds = {verified(full, sample=5).result.seed for _ in range(4)}
    assert len(seeds) > 1
    assert verified(full, sample=100).result.not_read == 0
    with pytest.raises(InputError, match="sample is 0; accepted"):
        verified(full, sample=0)


def test_reading_only_is_possible_and_changes_nothing(full: World) -> None:
    flipped(audio_files(full)[0])
    before = {path: path.read_bytes() for path in full.folder.rglob("*") if path.is_file()}
    assert verified(full, writable=False).one().sign == "*"
    assert {path: path.read_bytes() for path in before} == before
    with pytest.raises(ArchiveError, match="open for reading"):
        verified(full, writable=False, repair=True)
    with full.archive(writable=True) as archive, pytest.raises(InputError, match="client is None"):
        verify(archive, repair=True)


# -- manifests, catalogue, ledger


def manifests(world: World) -> list[Path]:
    return sorted((world.folder / "manifests").rglob("*.txt"))


def edited(path: Path) -> None:
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(["0" * 64 + lines[0][64:], *lines[1:]]))


def one_line_less(path: Path) -> None:
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))


def no_manifest(path: Path) -> None:
    path.write_bytes(b"\x00\xff")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("which", "hurt", "sign", "reason"),
    [
        ("window", missing, "+", "not there"),
        ("window", edited, "*", "another SHA-256 for data/"),
        ("window", no_manifest, "*", "not text"),
        ("window", longer, "*", "not a line"),
        ("all", missing, "+", "not there"),
        ("all", one_line_less, "*", "does not name data/"),
    ],
)
def test_a_manifest_that_was_changed_is_named_and_written_again(
    full: World, which: str, hurt: Hurt, sign: str, reason: str
) -> None:
    path = manifests(full)[1] if which == "window" else full.folder / "manifest-sha256.txt"
    before = path.read_bytes()
    hurt(path)
    found = verified(full).one()
    assert (found.sign, found.subject, found.name) == (sign, "manifest", relative(full, path))
    assert reason in found.reason
    assert verified(full, repair=True).result.result == "ok"
    assert path.read_bytes() == before
    require_checked_by_others(full)


def test_a_bag_that_tells_of_other_files_is_written_again(full: World) -> None:
    (full.folder / "bag-info.txt").write_text("Payload-Oxum: 1.1\n")
    assert verified(full, repair=True).one().name == "bag-info.txt"
    assert verified(full).wrong == []


def test_a_manifest_of_no_window_is_named(full: World) -> None:
    stray = full.folder / "manifests/company/1999-01-01/manifest-sha256.txt"
    stray.parent.mkdir()
    shutil.copy(manifests(full)[0], stray)
    assert verified(full).wrong == [("-", "manifest", relative(full, stray))]


def entries(world: World) -> list[str]:
    return (world.folder / "ledger.jsonl").read_text().splitlines(keepends=True)


def test_the_first_entry_that_was_tampered_with_is_named_wherever_it_is(full: World) -> None:
    lines = entries(full)
    for at in (0, 1, len(lines) // 2, len(lines) - 1):
        for changed in (
            [*lines[:at], lines[at].replace("2026", "2025", 1), *lines[at + 1 :]],
            [*lines[:at], *lines[at + 1 :]],
            [*lines[:at], "{}\n", *lines[at:]],
        ):
            (full.folder / "ledger.jsonl").write_text("".join(changed))
            found = verified(full, writable=False).one()
            assert (found.sign, found.subject) == ("*", "ledger")
            named = int(found.name.removeprefix("entry "))
            # One that is gone shows in the next one, which does not follow.
            assert named == at + 1, (at, found)
    (full.folder / "ledger.jsonl").write_text("".join(lines))
    assert verified(full).wrong == []


def test_a_last_entry_that_was_changed_cannot_be_written_over(full: World) -> None:
    lines = entries(full)
    (full.folder / "ledger.jsonl").write_text("".join([*lines[:-1], lines[-1].replace("2026", "2025", 1)]))
    with pytest.raises(LedgerError) as caught, full.archive(writable=True):
        pass
    assert caught.value.entry == len(lines)


def test_a_file_and_its_catalogued_hash_changed_together_are_found_by_the_ledger(full: World) -> None:
    path = audio_files(full)[3]
    right = hash_file(path)
    flipped(path)
    wrong = hash_file(path)
    with full.archive(writable=True) as archive:
        sql = "UPDATE files SET sha256 = ? WHERE path = ?"
        archive.catalogue._db.execute(sql, [wrong.sha256, relative(full, path)])
        archive.catalogue.set_meta("bag", "stale")
        archive.write_bag()
        window = archive.catalogue.window_at("company", "2026-01-06T08:00:00Z")
        assert window is not None
        archive.write_manifest("company", window.start, window.end, relative(full, manifests(full)[1]))
    done = verified(full)
    assert done.wrong == [("*", "catalogue", relative(full, path))]
    assert verified(full, repair=True).result.result == "ok"
    assert hash_file(path) == right
    assert verified(full).wrong == []


def test_a_row_that_was_taken_away_comes_back_from_the_ledger(full: World) -> None:
    path = relative(full, audio_files(full)[3])
    with full.archive(writable=True) as archive:
        archive.catalogue._db.execute("DELETE FROM files WHERE path = ?", [path])
    done = verified(full)
    assert ("+", "catalogue", path) in done.wrong
    assert ("-", "file", path) in done.wrong
    assert verified(full, repair=True).result.result == "ok"
    assert verified(full).wrong == []


def test_a_repair_is_written_into_the_ledger(full: World) -> None:
    path = audio_files(full)[3]
    flipped(path)
    verified(full, repair=True)
    told = [json.loads(line) for line in entries(full)]
    (begun,) = [each for each in told if each["what"] == "repairing"]
    (added,) = [each for each in told if each["what"] == "added" and each["how"] == "repaired"]
    assert begun["path"] == added["path"] == relative(full, path)
    assert (full.folder / begun["to"]).exists()


# -- against the vendor's listing


def test_the_listing_agrees_with_an_archive_that_is_complete(full: World) -> None:
    done = verified(full, listing=True)
    assert done.wrong == []
    assert sum(each.subject == "recording" for each in done.findings) == 9
    assert done.result.doubts == {}


def test_what_the_listing_has_and_we_do_not_and_the_other_way_round(full: World) -> None:
    store = full.sandbox.store
    late = Recording(id=77, start=store.get(1004).start)
    store.put(late)
    store.delete(1002)
    before = rows(full.folder / "catalogue.sqlite3", "SELECT * FROM recordings ORDER BY 1")
    done = verified(full, listing=True)
    assert done.wrong == [("+", "recording", "company 77"), ("-", "recording", "company 1002")]
    assert done.result.troubles == 1, "what the vendor has no longer is no trouble of the archive"
    after = rows(full.folder / "catalogue.sqlite3", "SELECT * FROM recordings ORDER BY 1")
    assert before == after, "looking changes nothing"
    full.configure(overlap=0)
    assert verified(full, listing=True, repair=True).result.result == "ok"
    assert full.states() == ["proven"] * 3
    with full.archive() as archive:
        row = archive.catalogue.get("company", 77)
        assert row is not None
        assert hash_file(archive.path(row.path)).sha256 == row.sha256
    assert verified(full, listing=True).wrong == [("-", "recording", "company 1002")]


def test_a_listing_that_is_not_complete_says_so_and_invents_no_gaps(full: World) -> None:
    def shorter(operation: str, answer: Any) -> Any:
        if operation == "list_company_recordings":
            answer["_embedded"]["recordings"][-1:] = []
        return answer

    full.sandbox.faults.reshape = shorter
    done = verified(full, listing=True)
    assert [(each.sign, each.subject) for each in done.findings if each.sign != "="] == [("!", "recording")]
    assert "was not looked at" in done.one().reason
    assert done.result.result == "incomplete"


def test_a_server_that_gives_no_totals_leaves_a_doubt_and_no_gaps(full: World) -> None:
    def untold(operation: str, answer: Any) -> Any:
        if operation == "list_company_recordings":
            for name in ("total_items", "total_pages"):
                answer.pop(name, None)
        return answer

    full.sandbox.store.delete(1002)
    full.sandbox.faults.reshape = untold
    done = verified(full, listing=True)
    assert done.wrong == []
    assert list(done.result.doubts) == ["company"]


def test_other_sizes_and_what_comes_back_after_deletion_are_told(full: World) -> None:
    store = full.sandbox.store
    store.put(Recording(id=1003, start=store.get(1003).start, size=77, transcript="ready"))
    with full.archive(writable=True) as archive:
        archive.note("deleted", source="company", id="1005")
    done = verified(full, listing=True)
    assert done.wrong == [("*", "recording", "company 1003"), ("!", "recording", "company 1005")]


def test_stopping_ends_it_with_what_was_looked_at(full: World) -> None:
    import threading

    stop = threading.Event()
    with full.archive(writable=True) as archive:
        result = verify(archive, on_event=lambda event: stop.set(), stop=stop)
    assert result.result == "stopped"
    with full.archive() as archive:
        assert archive.catalogue.runs(1)[0].result == "stopped"
