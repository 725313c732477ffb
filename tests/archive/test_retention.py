"""retention: nothing is deleted that is not safe here, and nothing called deleted that may not be."""

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import define, evolve, field

from tests.archive.world import World, audio, calls, rows
from vbc_call_recording import (
    ApiConnectionError,
    CallRecordingClient,
    InputError,
    RateLimitError,
    ServerError,
)
from vbc_call_recording_archive.errors import ArchiveError, LedgerError
from vbc_call_recording_archive.retention import (
    ApplyResult,
    Outcome,
    Plan,
    apply,
    plan,
    plan_text,
    read_hold,
    read_plan,
    remaining,
)
from vbc_call_recording_archive.retention.planned import sealed
from vbc_call_recording_archive.sync import QuotaWait
from vbc_call_recording_sandbox import Recording

BEFORE = datetime(2026, 1, 7, tzinfo=UTC)  # six of the nine recordings are older
OLD = [str(number) for number in range(1000, 1006)]
DELETE = "delete_company_recording"


@define
class Applied:
    result: ApplyResult
    outcomes: list[Outcome] = field(factory=list[Outcome])

    def of(self, kind: str) -> list[str]:
        return [each.id for each in self.outcomes if each.kind == kind]

    def why(self, recording_id: str) -> tuple[str, str]:
        (outcome,) = [each for each in self.outcomes if each.id == recording_id]
        return outcome.reason, outcome.text


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("synced") / "archive"


@pytest.fixture
def full(world: World, synced: Path) -> World:
    """Nine recordings of three days, synced and proven; a transcript of each but the last."""
    world.sandbox.store.replace([*calls(9, transcript="ready")[:8], calls(9)[8]])
    if not synced.exists():
        assert world.sync().result == "ok"
        shutil.copytree(world.folder, synced)
    shutil.copytree(synced, world.folder, dirs_exist_ok=True)
    world.sandbox.requests.clear()
    return world


def planned(world: World, before: datetime = BEFORE, **options: Any) -> Plan:
    with world.archive() as archive:
        return plan(archive, before, **options)


def applied(world: World, made: Plan, **options: Any) -> Applied:
    events: list[Any] = []
    with world.archive(writable=True) as archive:
        result = apply(archive, world.client, made, on_event=events.append, **options)
    done = Applied(result, [event for event in events if isinstance(event, Outcome)])
    require_nothing_unsafe(world)
    return done


def write_plan(made: Plan, path: Path) -> None:
    path.write_text("".join(plan_text(made)))


def there(world: World) -> list[str]:
    return sorted(str(recording.id) for recording in world.sandbox.store.recordings())


def told(world: World, *kinds: str) -> list[dict[str, Any]]:
    lines = (world.folder / "ledger.jsonl").read_text().splitlines()
    return [entry for entry in map(json.loads, lines) if entry["what"] in kinds]


def require_nothing_unsafe(world: World) -> None:
    """What the vendor was asked to delete is here, whole; what is called deleted is gone there."""
    here = {path.stem.rpartition("-")[2]: path for path in (world.folder / "data").rglob("*.mp3")}
    deleted = rows(world.folder / "catalogue.sqlite3", "SELECT id FROM recordings WHERE deleted_at <> ''")
    assert not {name for (name,) in deleted} & set(there(world))
    for entry in told(world, "deleting"):
        content = here[entry["id"]].read_bytes()
        assert content == audio(Recording(id=int(entry["id"]), start=BEFORE)), entry
    with world.archive() as archive:
        assert archive.ledger.check(archive.catalogue.head).first_bad is None


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


# -- the plan


def test_a_plan_names_what_is_old_enough_and_safe_and_asks_nothing(full: World) -> None:
    made = planned(full)
    assert [each.id for each in made.recordings] == OLD
    assert (made.count, made.bytes) == (6, sum(each.size for each in made.recordings))
    assert (made.account, made.base_url) == (full.client.account_id, full.client.base_url)
    assert (made.before, made.left_out) == ("2026-01-07T00:00:00Z", {})
    assert full.sandbox.requests == []
    with full.archive() as archive:
        row = archive.catalogue.get("company", "1000")
    assert row is not None
    first = made.recordings[0]
    assert (first.source, first.start, first.path) == ("company", row.start, row.path)
    assert (first.size, first.sha256) == (row.size, row.sha256)


def test_a_plan_says_what_it_left_out_and_why(full: World, tmp_path: Path) -> None:
    hold = write(tmp_path / "hold.txt", "id 1000\n")
    with full.archive(writable=True) as archive:
        archive.catalogue.set_transcript("company", 1001, "pending")
        archive.note("lost", path=archive.catalogue.get("company", 1002).path, reason="for a test")  # type: ignore[union-attr]
        archive.catalogue.note_vanished("company", "2026-01-05T16:00:00Z", "2026-01-07", 99)
        window = archive.catalogue.window_at("company", "2026-01-06T12:00:00Z")
        assert window is not None
        archive.catalogue.save_windows([evolve(window, state="incomplete")])
    made = planned(full, datetime(2026, 1, 8, tzinfo=UTC), hold=hold)
    assert made.left_out == {"held": 1, "here": 1, "transcript": 1, "window": 3}
    assert [each.id for each in made.recordings] == ["1006", "1007", "1008"]


def test_a_recording_of_the_year_1_is_in_no_window_and_ends_no_plan(full: World) -> None:
    with full.archive(writable=True) as archive:
        archive.catalogue._db.execute(
            "UPDATE recordings SET start = '0001-01-01T00:00:00Z' WHERE id = '1000'"
        )
    assert planned(full).left_out == {"window": 1}


def test_a_plan_reads_as_it_was_written_and_is_made_for_people_too(full: World, tmp_path: Path) -> None:
    made, path = planned(full), tmp_path / "plan.json"
    write_plan(made, path)
    assert read_plan(path) == made
    assert json.loads(path.read_text())["count"] == 6
    assert sum('"id": "100' in line for line in path.read_text().splitlines()) == 6, "a line for each"
    empty = planned(full, datetime(2026, 1, 1, tzinfo=UTC))
    write_plan(empty, path)
    assert read_plan(path).recordings == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"id": "1000"', '"id": "1008"'),
        ('"count": 6', '"count": 5'),
        ('"before": "2026-01-07', '"before": "2026-02-07'),
        ('"created": "2', '"created": "3'),
        ('"version": 1', '"version": 2'),
        ("\n  ]\n}\n", ""),
        ('"digest": "', '"digest": "0'),
    ],
)
def test_a_plan_that_was_edited_or_cut_is_refused(full: World, tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "plan.json"
    write_plan(planned(full), path)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(InputError, match="accepted"):
        read_plan(path)


def test_a_plan_is_refused_after_a_week_and_on_another_archive_account_or_server(
    full: World, tmp_path: Path
) -> None:
    made, path = planned(full), tmp_path / "plan.json"
    for days, fits in ((6, True), (8, False), (-2, False)):
        created = (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
        write_plan(sealed(evolve(made, created=created)), path)
        if fits:
            read_plan(path)
        else:
            with pytest.raises(InputError, match="last 7 days"):
                read_plan(path)
    for change in ({"archive": "x"}, {"account": "1"}, {"base_url": "https://elsewhere.example"}):
        with pytest.raises(InputError, match=r"the plan's .* accepted here"):
            applied(full, evolve(made, **change))
    with full.archive() as archive, pytest.raises(ArchiveError, match="open for reading"):
        apply(archive, full.client, made)
    assert full.asked[DELETE] == 0
    with pytest.raises(InputError, match="in the past"):
        planned(full, datetime.now(UTC) + timedelta(days=1))


# -- applying it


def test_everything_safe_is_deleted_and_leaves_its_traces(full: World) -> None:
    before = full.brought()
    made = planned(full)
    done = applied(full, made)
    assert (done.result.result, done.result.counts, done.result.left) == ("ok", {"deleted": 6}, 0)
    assert done.result.bytes == made.bytes
    assert there(full) == ["1006", "1007", "1008"]
    assert full.brought() == before, "local files are never touched"
    assert full.asked == {"list_company_recordings": 1, "list_company_transcriptions": 1, DELETE: 6}
    assert [(entry["what"], entry["id"]) for entry in told(full, "deleting", "deleted")] == [
        (what, name) for name in OLD for what in ("deleting", "deleted")
    ]
    tombstone = told(full, "deleted")[0]
    assert tombstone["sha256"] == made.recordings[0].sha256
    assert (tombstone["plan"], tombstone["how"]) == (made.digest, "confirmed")
    with full.archive() as archive:
        assert archive.catalogue.count(deleted=True) == 6
        run = archive.catalogue.runs(1)[0]
        assert (run.command, run.result, run.counts) == ("retention", "ok", {"deleted": 6})
        assert remaining(archive, made) == []


def test_the_same_plan_again_changes_nothing_and_asks_nothing(full: World) -> None:
    made = planned(full)
    applied(full, made)
    full.sandbox.requests.clear()
    done = applied(full, made)
    assert (done.result.result, done.result.counts) == ("ok", {"already": 6})
    assert full.asked.total() == 0
    assert planned(full).recordings == ()


def test_a_run_deletes_no_more_than_its_cap_the_oldest_first(full: World) -> None:
    made = planned(full)
    done = applied(full, made, max_count=4)
    assert (done.result.result, done.of("deleted"), done.result.left) == ("capped", OLD[:4], 2)
    done = applied(full, made, max_count=4)
    assert (done.result.result, done.of("deleted"), done.of("already")) == ("ok", OLD[4:], OLD[:4])
    with pytest.raises(InputError, match="max_count is 0"):
        applied(full, made, max_count=0)


def test_a_file_that_does_not_match_is_kept_at_the_vendor(full: World) -> None:
    made = planned(full)
    files = {each.id: full.folder / each.path for each in made.recordings}
    files["1000"].unlink()
    files["1001"].write_bytes(files["1001"].read_bytes()[:-1] + b"!")
    files["1002"].with_suffix(".txt").write_text("something else")
    events: list[Any] = []
    with full.archive(writable=True) as archive:
        result = apply(archive, full.client, made, on_event=events.append)
    done = Applied(result, events)
    assert (result.result, done.of("kept")) == ("incomplete", OLD[:3])
    assert {done.why(name)[0] for name in OLD[:3]} == {"here"}
    assert "verify --repair" in done.why("1000")[1]
    assert there(full)[:3] == OLD[:3]
    assert [entry["id"] for entry in told(full, "deleting")] == OLD[3:]


def test_what_the_catalogue_has_otherwise_than_the_plan_is_kept(full: World) -> None:
    made = planned(full)
    with full.archive(writable=True) as archive:
        for number, change in (("1000", {"sha256": "0" * 64}), ("1001", {"size": 1})):
            file = archive.catalogue.file_of("company", number, "audio")
            assert file is not None
            facts = {"source": "company", "id": number, "start": "", "kind": "audio", "how": "x"}
            archive.note(
                "added", **{**facts, "path": file.path, "size": file.size, "sha256": file.sha256, **change}
            )
    done = applied(full, made)
    assert done.of("kept") == ["1000", "1001"]
    assert done.why("1000")[0] == "changed"


def test_windows_and_transcripts_are_looked_at_again_when_a_plan_is_applied(full: World) -> None:
    made = planned(full)
    with full.archive(writable=True) as archive:
        archive.catalogue.set_transcript("company", 1000, "pending")
        window = archive.catalogue.window_at("company", made.recordings[-1].start)
        assert window is not None
        archive.catalogue.save_windows([evolve(window, state="incomplete")])
    done = applied(full, made)
    assert done.of("deleted") == ["1001", "1002"]
    assert done.why("1000") == ("transcript", "its transcript is still in the making")
    assert done.why("1005") == ("window", "its window 2026-01-06 is incomplete")


def test_a_transcript_that_came_at_the_vendor_since_is_not_lost(full: World) -> None:
    store = full.sandbox.store
    ids = range(1000, 1005)
    for number, state in zip(ids, ("ready", "pending", "failed", None, "ready"), strict=True):
        store.put(replace(store.get(number), transcript=state))
    with full.archive(writable=True) as archive:
        archive.catalogue._db.execute("DELETE FROM transcripts WHERE recording <= 4")
    done = applied(full, planned(full))
    assert done.of("kept") == ["1000", "1001"]
    assert {done.why(name)[0] for name in ("1000", "1001")} == {"transcript"}
    assert done.of("deleted") == ["1002", "1003", "1004", "1005"]


def test_transcripts_that_are_not_kept_have_to_be_given_up_expressly(full: World) -> None:
    full.configure(transcripts="none")
    with full.archive(writable=True) as archive:
        archive.catalogue._db.execute("DELETE FROM transcripts")
    assert planned(full).left_out == {"transcript": 6}
    made = planned(full, give_up_transcripts=True)
    assert made.count == 6
    full.sandbox.store.put(replace(full.sandbox.store.get(1000), transcript="pending"))
    full.sandbox.faults.next("call_transcriptions|transcription", status=403)
    done = applied(full, made)
    assert len(done.of("deleted")) == 6


def test_transcripts_that_cannot_be_listed_keep_everything(full: World) -> None:
    made = planned(full)
    full.sandbox.faults.next("transcription", status=403)
    done = applied(full, made)
    assert done.of("kept") == OLD
    assert done.why("1000")[1].startswith("transcripts cannot be listed")


@pytest.mark.parametrize(
    "change",
    [
        {"start": datetime(2026, 1, 5, 8, 0, 1, tzinfo=UTC)},
        {"size": 4001},
        {"duration": 61_000},
        {"call_id": "another"},
    ],
)
def test_another_recording_under_the_same_id_is_not_deleted(full: World, change: dict[str, Any]) -> None:
    made = planned(full)
    full.sandbox.store.put(replace(full.sandbox.store.get(1000), **change))
    done = applied(full, made)
    assert (done.of("kept"), done.why("1000")[0]) == (["1000"], "other")
    assert "1000" in there(full)


def test_what_somebody_else_deleted_is_gone_and_not_called_deleted(full: World) -> None:
    made = planned(full)
    full.sandbox.store.delete(1003)
    done = applied(full, made)
    assert (done.result.result, done.of("gone")) == ("ok", ["1003"])
    assert [entry["id"] for entry in told(full, "deleting")] == [name for name in OLD if name != "1003"]
    assert "1003" not in [entry["id"] for entry in told(full, "deleted")]


def test_on_demand_recordings_are_deleted_at_their_user(full: World) -> None:
    mine = [replace(each, id=each.id + 500, owner="745250") for each in calls(4)]
    full.sandbox.store.replace([*full.sandbox.store.recordings(), *mine])
    full.configure(users=("745250",))
    full.sync()
    made = planned(full)
    assert {each.source for each in made.recordings} == {"company", "user:745250"}
    done = applied(full, made)
    assert done.result.result == "ok"
    assert [each.id for each in full.sandbox.store.on_demand("745250")] == [1503]
    assert full.asked["delete_on_demand_recording"] == 3


# -- legal holds


HELD = """\
# Matter 4711
id 1000
call the-call          # of 1001
number +1 (732) 555-0177
number 4711
user 745250
dates 2026-01-06
"""


@pytest.fixture
def varied(full: World) -> World:
    """Recordings that differ in what a hold may name."""
    store, given = full.sandbox.store, calls(9)
    changes: dict[int, dict[str, Any]] = {
        1001: {"call_id": "the-call"},
        1002: {"caller_id": "7325550177"},
        1004: {"start": given[0].start + timedelta(hours=1), "dnis": "0017325550177"},
        1005: {"start": given[0].start + timedelta(hours=2), "extensions": (102, 4711)},
        1006: {"start": given[0].start + timedelta(hours=3), "caller_id": "9325550177"},
    }
    store.replace([replace(each, **changes.get(each.id, {})) for each in given])
    full.sandbox.requests.clear()
    for path in full.folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    full.sync()
    return full


def test_a_hold_holds_ids_calls_numbers_users_and_days(varied: World, tmp_path: Path) -> None:
    hold = read_hold([write(tmp_path / "hold.txt", HELD)], varied.config.timezone)
    with varied.archive() as archive:
        why = {row.id: hold.why(row) for row in archive.catalogue.recordings()}
        row = archive.catalogue.get("company", "1008")
    assert why == {
        "1000": "hold.txt:2",
        "1001": "hold.txt:3",
        "1002": "hold.txt:4",
        "1003": "hold.txt:7",
        "1004": "hold.txt:4",
        "1005": "hold.txt:5",
        "1006": "",
        "1007": "",
        "1008": "",
    }
    assert row is not None
    assert hold.why(evolve(row, source="user:745250")) == "hold.txt:6"
    assert hold.why(evolve(row, source="user:745251")) == ""
    whole = read_hold([write(tmp_path / "all.txt", "dates 2026-01-01 2026-01-07")], varied.config.timezone)
    assert whole.why(evolve(row, start="2026-01-07T23:59:59Z")) == "all.txt:1"
    assert whole.why(evolve(row, start="2026-01-08T00:00:00Z")) == ""


def test_a_hold_is_read_again_when_the_plan_is_applied(full: World, tmp_path: Path) -> None:
    hold = write(tmp_path / "hold.txt", "id 1000\n")
    made = planned(full, hold=hold)
    assert made.left_out == {"held": 1}
    write(hold, "id 1000\nid 1001\n")
    other = write(tmp_path / "other.txt", "id 1002\n")
    done = applied(full, made, holds=[other])
    assert done.of("kept") == ["1001", "1002"]
    assert done.why("1001") == ("held", "held by hold.txt:2")
    hold.unlink()
    with pytest.raises(InputError, match="cannot be read"):
        applied(full, made)


@pytest.mark.parametrize(
    "line",
    ["nummer 5", "id", "id 5 6", "number", "number 12a", "user 5 6", "dates", "dates 2026-13-01",
     "dates 2026-02-01 2026-01-01", "dates 2026-01-01 2026-01-02 2026-01-03"],
)  # fmt: skip
def test_a_line_that_is_no_rule_is_named(line: str, full: World, tmp_path: Path) -> None:
    hold = write(tmp_path / "hold.txt", f"id 5\n\n{line} # so\n")
    with pytest.raises(InputError, match=r"hold\.txt:3 says .*; accepted: id ID"):
        planned(full, hold=hold)


# -- answers that are lost or refused


def test_a_lost_answer_is_asked_for_again(full: World) -> None:
    made = planned(full)
    full.sandbox.faults.next("DELETE .*/1001$", drop=True, acts=True)
    done = applied(full, made)
    assert (done.result.result, done.result.counts) == ("ok", {"deleted": 6})


def once(world: World) -> CallRecordingClient:
    """A client that tries once, so that a lost answer stays lost."""
    return world.client.with_options(retries=0, quota_wait=0)


def test_an_answer_lost_for_good_is_settled_by_asking_whether_it_is_there(full: World) -> None:
    full.client = once(full)
    made = planned(full)
    full.sandbox.faults.next("DELETE .*/1001$", drop=True, acts=True)
    full.sandbox.faults.next("DELETE .*/1002$", status=504, acts=True)
    done = applied(full, made)
    assert (done.result.result, done.result.counts) == ("ok", {"deleted": 6})
    assert {entry["id"]: entry["how"] for entry in told(full, "deleted")} == {
        name: "asked again: not found" if name in ("1001", "1002") else "confirmed" for name in OLD
    }


def test_what_may_be_deleted_is_unknown_and_settled_by_the_next_run(full: World) -> None:
    full.client = once(full)
    made = planned(full)
    full.sandbox.faults.next("DELETE .*/1001$", drop=True, acts=True)
    full.sandbox.faults.next("GET .*/1001$", status=500)
    full.sandbox.faults.next("DELETE .*/1002$", status=502)
    done = applied(full, made)
    assert (done.result.result, done.of("unknown")) == ("incomplete", ["1001", "1002"])
    assert "1002" in there(full)
    with full.archive() as archive:
        assert archive.catalogue.count(deleted=True) == 4
    done = applied(full, made)
    assert (done.result.result, done.of("deleted"), len(done.of("already"))) == ("ok", ["1001", "1002"], 4)
    hows = [(entry["id"], entry["how"]) for entry in told(full, "deleted")][-2:]
    assert hows == [("1001", "asked again: not found"), ("1002", "confirmed")]


def test_after_three_lost_answers_in_a_row_it_ends(full: World) -> None:
    full.client = once(full)
    made = planned(full)
    full.sandbox.faults.next("DELETE", drop=True, times=99)
    with pytest.raises(ApiConnectionError):
        applied(full, made)
    assert full.asked[DELETE] == 3
    assert len(told(full, "delete_unknown")) == 3
    assert there(full)[:6] == OLD
    full.sandbox.faults.forget()
    assert applied(full, made).result.result == "ok"


def test_a_refusal_is_told_and_the_quota_ends_the_run(full: World) -> None:
    full.client = once(full)
    made = planned(full)
    full.sandbox.faults.next("DELETE .*/1000$", status=409)
    full.sandbox.faults.next("DELETE .*/1002$", status=429)
    with pytest.raises(RateLimitError):
        applied(full, made)
    assert [entry["id"] for entry in told(full, "not_deleted")] == ["1000", "1002"]
    assert [entry["id"] for entry in told(full, "deleted")] == ["1001"]
    assert there(full) == ["1000", *(str(number) for number in range(1002, 1009))]


def test_what_was_refused_and_is_gone_later_was_not_deleted_from_here(full: World) -> None:
    made = planned(full)
    full.sandbox.faults.next("DELETE .*/1000$", status=409)
    assert applied(full, made).of("refused") == ["1000"]
    full.sandbox.store.delete(1000)
    assert applied(full, made).of("gone") == ["1000"]
    assert "1000" not in [entry["id"] for entry in told(full, "deleted")]


def test_what_may_be_deleted_is_looked_up_although_it_is_held_by_now(full: World, tmp_path: Path) -> None:
    full.client = once(full)
    made = planned(full)
    full.sandbox.faults.next("DELETE .*/1000$", drop=True, acts=True)
    full.sandbox.faults.next("GET .*/1000$", status=500)
    full.sandbox.faults.next("DELETE .*/1001$", drop=True)
    assert applied(full, made).of("unknown") == OLD[:2]
    done = applied(full, made, holds=[write(tmp_path / "hold.txt", "id 1000\nid 1001\n")])
    assert (done.of("deleted"), done.of("kept")) == (["1000"], ["1001"])
    assert "1001" in there(full)


def test_nothing_is_asked_about_what_has_to_be_kept_anyway(full: World, tmp_path: Path) -> None:
    made = planned(full)
    done = applied(full, made, holds=[write(tmp_path / "hold.txt", "dates 2026-01-01 2026-01-31\n")])
    assert (len(done.of("kept")), full.asked.total()) == (6, 0)


def test_a_vendor_who_cannot_be_asked_deletes_nothing(full: World) -> None:
    full.client = once(full)
    made = planned(full)
    full.sandbox.faults.next("GET", status=500)
    with pytest.raises(ServerError):
        applied(full, made)
    assert full.asked[DELETE] == 0


def test_a_ledger_that_was_tampered_with_deletes_nothing(full: World) -> None:
    made = planned(full)
    path = full.folder / "ledger.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:3], lines[3].replace("2026", "2025", 1), *lines[4:]]))
    with pytest.raises(LedgerError, match="entry 4"), full.archive(writable=True) as archive:
        apply(archive, full.client, made)
    assert full.asked[DELETE] == 0


def test_waiting_for_the_quota_is_told(full: World) -> None:
    waits: list[QuotaWait] = []
    made = planned(full)
    full.sandbox.faults.next("DELETE", status=429, headers={"Retry-After": "1"})
    with full.archive(writable=True) as archive:
        apply(
            archive,
            full.client,
            made,
            max_count=1,
            on_event=lambda event: waits.append(event) if isinstance(event, QuotaWait) else None,
        )
    assert len(waits) == 1


def test_stopping_ends_it_before_the_next_deletion(full: World) -> None:
    import threading

    stop = threading.Event()
    made = planned(full)
    with full.archive(writable=True) as archive:
        result = apply(archive, full.client, made, on_event=lambda event: stop.set(), stop=stop)
    assert (result.result, result.counts, result.left) == ("stopped", {"deleted": 1}, 5)
    assert full.asked[DELETE] == 1


def test_neighbours_in_time_are_looked_up_by_the_page(full: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vbc_call_recording_archive.retention.vendor.PAGE", 2)
    made = planned(full)
    full.sandbox.requests.clear()
    assert applied(full, made).result.result == "ok"
    assert full.asked == {"list_company_recordings": 3, "list_company_transcriptions": 3, DELETE: 6}
