"""sync, status, ls, show, search and export, over an archive that sync has made."""

import csv
import io
import json
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from vbc_call_recording_archive.archive import Archive
from vbc_call_recording_archive.cli.group import group
from vbc_call_recording_archive.config import read_config
from vbc_call_recording_archive.export import COLUMNS, defused, write_csv
from vbc_call_recording_sandbox import USER_IDS, Recording, Sandbox

from .conftest import COMMAND, Run, Terminal

NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
FORMULA = "=HYPERLINK(1)"


def recordings() -> list[Recording]:
    """Four days of calls, the last of which is yesterday, and one user's."""
    states: tuple[Any, ...] = ("ready", "pending", None, "failed")
    calls = [
        Recording(
            id=1000 + number,
            start=NOON - timedelta(days=4 - number % 4, minutes=number),
            duration=60_000 * (number + 1),
            call_direction="INBOUND" if number % 2 else "OUTBOUND",
            caller_id=f"1732555{number:04}",
            cnam=FORMULA if number == 3 else f"CALLER {number}",
            extensions=(100 + number % 3,),
            transcript=states[number % 4],
        )
        for number in range(12)
    ]
    return [*calls, Recording(id=2000, start=NOON - timedelta(days=1), owner=USER_IDS[0])]


@pytest.fixture(scope="module")
def vendor() -> Iterator[Sandbox]:
    with Sandbox(recordings=recordings(), quirks={"exports.statuses": ["complete"]}) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def made(vendor: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive, to be read only."""
    folder = tmp_path_factory.mktemp("made") / "archive"
    ended = CliRunner(env=vendor.environment | {"TZ": "UTC"}).invoke(group, ["sync", str(folder)])
    assert ended.exit_code == 0, ended.stderr
    return folder


@pytest.fixture
def account(vendor: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    vendor.reset()
    vendor.quirks.exports.statuses = ("complete",)
    for name, value in vendor.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TZ", "UTC")
    return vendor


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


# sync


def test_the_first_sync_makes_the_archive_and_the_second_finds_nothing_new(
    account: Sandbox, run: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "new"
    first = run("sync", folder, "--json")
    assert first.code == 0, first.err
    assert "a new archive" in first.err
    told = json.loads(first.out)
    assert (told["result"], told["files"], told["transcripts"]) == ("ok", 12, 3)
    assert str(read_config(folder).timezone) == "UTC"
    again = run("sync", folder)
    assert again.code == 0
    assert "no new recordings; windows: " in again.err


def test_what_is_no_archive_is_left_alone(account: Sandbox, run: Run, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("")
    ended = run("sync", tmp_path)
    assert ended.code == 2
    assert "holds no archive.toml" in ended.err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_dry_run_says_what_would_come_and_writes_nothing(
    account: Sandbox, run: Run, tmp_path: Path
) -> None:
    ended = run("sync", tmp_path / "new", "--dry-run", "--json")
    assert ended.code in (0, 1)
    assert sum(each["recordings"] for each in json.loads(ended.out)["would_fetch"]) == 12
    assert "would fetch 12 recordings (48.0 kB)" in ended.err
    assert list(tmp_path.iterdir()) == []


def test_a_period_and_users_can_be_named(account: Sandbox, run: Run, tmp_path: Path) -> None:
    ended = run("sync", tmp_path, "--days", "2", "--user", USER_IDS[0], "--json")
    assert ended.code == 0, ended.err
    young = [each for each in recordings() if each.start >= NOON.replace(hour=0) - timedelta(days=2)]
    assert json.loads(ended.out)["files"] == len(young)
    assert {each["source"] for each in objects(run("ls", tmp_path, "--json", "--all").out)} == {
        "company",
        f"user:{USER_IDS[0]}",
    }
    assert run("sync", tmp_path, "--days", "2", "--since", "7d").code == 2
    day = f"{NOON - timedelta(days=3):%Y-%m-%d}"
    account.requests.clear()
    run("sync", tmp_path, "--since", day, "--until", day)
    bounds = {request.parameters["start:gte"] for request in account.requested("list_company_recordings")}
    assert bounds == {f"{day}T00:00:00+0000"}


def test_what_cannot_be_fetched_is_named_and_1_until_it_can(
    account: Sandbox, run: Run, tmp_path: Path
) -> None:
    account.faults.next("POST .*/export", status=400)
    account.quirks.exports.statuses = ("failed",)
    account.faults.next("GET .*/audio/recording/1005", status=403)
    ended = run("sync", tmp_path)
    assert ended.code == 1, ended.err
    assert "warning: recording 1005 failed" in ended.err
    assert "is not complete: not on disk: 1005" in ended.err
    status = run("status", tmp_path)
    assert status.code == 1
    assert "NOT COMPLETE" in status.out
    assert "1005" in status.out
    assert [each["id"] for each in objects(run("ls", tmp_path, "--missing", "--json").out)] == [1005]
    assert run("sync", tmp_path).code == 0
    assert run("status", tmp_path).code == 0


def test_with_log_json_every_step_is_a_line(account: Sandbox, run: Run, tmp_path: Path) -> None:
    events = [each.get("event") for each in objects(run("sync", tmp_path, "--log-json", "--quiet").err)]
    assert {"plan_made", "stretch_began", "fetch_began", "file_done", "window_done"} <= set(events)
    assert events.count("file_done") == 12


def test_another_writer_is_6_and_reading_goes_on(
    account: Sandbox, run: Run, made: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(made, folder)
    with Archive(folder, writable=True):
        busy = run("sync", folder)
        assert run("ls", folder).code == 0
    assert busy.code == 6
    assert "another process" in busy.err


@pytest.mark.slow
def test_a_run_that_is_stopped_says_how_to_go_on(account: Sandbox, run: Run, tmp_path: Path) -> None:
    account.quirks.set({"quota.requests": 5, "quota.window": 60})
    folder = tmp_path / "new"
    with subprocess.Popen([*COMMAND, "sync", folder], stderr=subprocess.PIPE, text=True) as process:
        while not account.quota.refused:
            time.sleep(0.02)
            assert process.poll() is None, process.communicate()
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert time.monotonic() - began < 40, "it waited for the quota"
    assert process.returncode == 130
    assert said.splitlines()[-1] == f"warning: stopped; to go on: vbc-recordings sync {folder}"
    account.quirks.set({"quota.requests": None})
    assert run("sync", folder).code == 0
    runs = json.loads(run("status", folder, "--json").out)["runs"]
    assert [each["result"] for each in runs] == ["ok", "stopped"]


@pytest.mark.slow
def test_on_a_terminal_the_bar_moves_and_goes_away(
    account: Sandbox, terminal: type[Terminal], tmp_path: Path
) -> None:
    shown = terminal("sync", tmp_path / "new", columns=60)
    assert shown.end() == 0
    assert "syncing: " in shown.shown
    assert "12 recordings fetched" in shown.shown
    assert shown.shown.rindex("\x1b[?25h") > shown.shown.rindex("\x1b[?25l"), "the cursor is back"


# status


def test_status_says_what_is_there_and_ends_with_0(
    made: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    ended = run("status", made)
    assert ended.code == 0
    for text in (
        "nothing is known to be missing",
        "12 of 12 recordings here",
        "3 ready, 3 pending, 3 failed",
        "████",
    ):
        assert text in ESCAPE.sub("", ended.out)
    assert f"{NOON - timedelta(days=1):%Y-%m}" in ended.out


def test_status_as_json(made: Path, run: Run) -> None:
    (told,) = objects(run("status", made, "--json").out)
    assert told["complete"] is True
    (source,) = told["sources"]
    assert (source["source"], source["totals"]["on_disk"], source["gaps"]) == ("company", 12, [])
    assert source["days"][f"{NOON - timedelta(days=1):%Y-%m-%d}"] == "proven"
    assert told["runs"][0]["result"] == "ok"


def test_days_that_were_never_looked_at_are_a_gap(account: Sandbox, run: Run, tmp_path: Path) -> None:
    day = f"{NOON - timedelta(days=4):%Y-%m-%d}"
    assert run("sync", tmp_path, "--since", day, "--until", day).code == 0
    status = run("status", tmp_path)
    assert status.code == 1
    following = f"{NOON - timedelta(days=3):%Y-%m-%d} 00:00:00"
    assert f"gap\t{following} to {NOON:%Y-%m-%d} 00:00:00 was never looked at" in status.out


@pytest.mark.parametrize("name", ["status", "ls", "export"])
def test_a_folder_without_an_archive_is_2(name: str, run: Run, tmp_path: Path) -> None:
    ended = run(name, tmp_path, *(["--csv", "-"] if name == "export" else []))
    assert ended.code == 2
    assert "init" in ended.err


# ls, show, search


def test_ls_filters_as_the_client_does(made: Path, run: Run) -> None:
    def ids(*arguments: object) -> set[int]:
        return {each["id"] for each in objects(run("ls", made, "--all", "--json", *arguments).out)}

    every = [each for each in recordings() if each.owner is None]
    assert ids() == {each.id for each in every}
    assert ids("--direction", "inbound") == {each.id for each in every if each.call_direction == "INBOUND"}
    assert ids("--extension", "101") == {each.id for each in every if each.extensions == (101,)}
    assert ids("--min-length", "5m") == {each.id for each in every if each.duration >= 300_000}
    assert ids("--caller-id", "17325550005") == {1005}
    assert ids("--transcript", "pending") == {1001, 1005, 1009}
    day = f"{NOON - timedelta(days=2):%Y-%m-%d}"
    assert ids("--since", day, "--until", day) == {
        each.id for each in every if each.start.date().isoformat() == day
    }
    assert ids("--missing") == ids("--vanished") == ids("--user", "5") == set()


def test_ls_says_how_many_more_there_are(made: Path, run: Run) -> None:
    ended = run("ls", made, "--limit", "2")
    assert len(ended.out.splitlines()) == 2
    assert ended.err == "2 of 12; --limit or --all for more\n"
    assert run("ls", made, "--missing").err == "no recording matches\n"


def test_numbers_are_masked_in_paths_too(made: Path, run: Run) -> None:
    for command in (
        ["ls", made, "--all"],
        ["ls", made, "--all", "--json"],
        ["show", made, "1005"],
        ["show", made, "1005", "--json"],
        ["search", made, "1732555"],
        ["search", made, "1732555", "--json"],
    ):
        plain, masked = run(*command), run(*command, "--mask")
        assert "17325550005" in plain.out
        assert "1732555" not in masked.out, command
        assert "0005" in masked.out


def test_show_tells_all_of_one(made: Path, run: Run) -> None:
    ended = run("show", made, "1004", "--text")
    told = dict(line.split("\t", 1) for line in ended.out.splitlines() if "\t" in line)
    assert ended.code == 0
    assert Path(told["path"]).read_bytes().startswith(b"ID3")
    assert told["transcript"] == "ready"
    assert told["duration"] == "5:00"
    (entry,) = objects(run("show", made, "1004", "--text", "--json").out)
    assert (entry["id"], entry["source"], entry["size"]) == (1004, "company", 4000)
    assert entry["text"].splitlines()[0].strip() in ended.out
    failed = objects(run("show", made, "1003", "--json").out)[0]
    assert (failed["transcript"], bool(failed["transcript_reason"])) == ("failed", True)


def test_show_of_what_is_not_there_is_1(made: Path, run: Run) -> None:
    ended = run("show", made, "5")
    assert (ended.code, ended.err.splitlines()[0]) == (1, "error: the archive knows no recording 5")


def test_search_finds_names_and_transcripts(made: Path, run: Run) -> None:
    assert [each["id"] for each in objects(run("search", made, "caller 7", "--json").out)] == [1007]
    (entry,) = objects(run("show", made, "1004", "--text", "--json").out)
    word = max(entry["text"].split(), key=len).strip(".,:")
    found = run("search", made, word)
    assert "1004" in found.out
    assert f"«{word}»" in found.out
    assert run("search", made, "nobodysaidthis").err == "nothing matches\n"
    assert run("search", made, "...").code == 2


# export


def test_csv_opens_in_excel_and_holds_no_formula(made: Path, run: Run, tmp_path: Path) -> None:
    ended = run("export", made, "--csv", tmp_path / "calls.csv")
    assert ended.code == 0
    assert "12 recordings written to" in ended.err
    content = (tmp_path / "calls.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert list(rows[0]) == list(COLUMNS)
    assert [row["start"] for row in rows] == sorted(row["start"] for row in rows)
    by_id = {row["id"]: row for row in rows}
    assert by_id["1003"]["cnam"] == f"'{FORMULA}"
    assert by_id["1005"]["caller_id"] == "17325550005"
    assert (made / by_id["1005"]["path"]).stat().st_size == int(by_id["1005"]["size"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["calls.csv"]


def test_json_lines_go_to_standard_output_too(made: Path, run: Run) -> None:
    ended = run("export", made, "--jsonl", "-", "--direction", "inbound")
    rows = objects(ended.out)
    assert [set(row) for row in rows] == [set(COLUMNS)] * 6
    assert rows[0]["cnam"] in {FORMULA, *(f"CALLER {number}" for number in range(12))}


def test_parquet_has_types(made: Path, run: Run, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    assert run("export", made, "--parquet", tmp_path / "calls.parquet").code == 0
    table = parquet.read_table(tmp_path / "calls.parquet")
    assert table.num_rows == 12
    assert str(table.schema.field("start").type) == "timestamp[ms, tz=UTC]"
    assert table.column("cnam").to_pylist().count(FORMULA) == 1


def test_parquet_without_pyarrow_says_what_to_install(
    made: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    ended = run("export", made, "--parquet", tmp_path / "calls.parquet")
    assert ended.code == 1
    assert "pip install pyarrow" in ended.err
    assert list(tmp_path.iterdir()) == []


def test_export_has_to_be_told_where_to(made: Path, run: Run, tmp_path: Path) -> None:
    assert run("export", made).code == 2
    assert run("export", made, "--csv", tmp_path / "no" / "folder.csv").code == 5


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", " =1", "\uff1d1", "\r=1"]
)
def test_formulas_are_defused(text: str) -> None:
    assert defused(text) == f"'{text}"


@pytest.mark.parametrize("text", ["+17325550100", "-5", "17325550100", "JOHN", "", "a=b", "+1 732 555 0100"])
def test_what_is_no_formula_stays(text: str) -> None:
    assert defused(text) == text


def test_a_csv_of_any_size_takes_no_more_memory() -> None:
    """Rows are written as they come: when the last is asked for, the first has been written."""
    file = io.BytesIO()
    seen: list[int] = []

    def table() -> Iterator[dict[str, Any]]:
        for number in range(3000):
            seen.append(len(file.getvalue()))
            yield {**dict.fromkeys(COLUMNS, ""), "id": str(number), "size": None}

    assert write_csv(table(), file) == 3000
    assert seen[-1] > seen[1500] > seen[1] > 0
