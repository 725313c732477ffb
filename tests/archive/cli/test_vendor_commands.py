"""list, download and jobs: what they bring, say and end with."""

import json
from pathlib import Path

import pytest

from vbc_call_recording_archive.cli import options
from vbc_call_recording_sandbox import Recording, Sandbox
from vbc_call_recording_sandbox import _content as truth

from .conftest import Run


def objects(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def newest(sandbox: Sandbox, count: int) -> list[Recording]:
    return sorted(sandbox.store.company(), key=lambda each: each.start, reverse=True)[:count]


# list


def test_in_a_pipe_a_listing_is_fields_and_tabs(account: Sandbox, run: Run) -> None:
    ended = run("list", "--limit", "3")
    assert ended.code == 0
    rows = [line.split("\t") for line in ended.out.splitlines()]
    assert {row[0] for row in rows} <= {str(each.id) for each in newest(account, 6)}
    assert all(len(row) == 9 for row in rows)
    assert ended.err == "3 of 600; --limit or --all for more\n"


def test_all_of_it_as_json_is_whole_and_says_nothing_else(account: Sandbox, run: Run) -> None:
    ended = run("list", "--all", "--json")
    assert (ended.code, ended.err) == (0, "")
    assert {each["id"] for each in objects(ended.out)} == {each.id for each in account.store.company()}


def test_filters_reach_the_server(account: Sandbox, run: Run) -> None:
    run(
        "list",
        "--direction",
        "inbound",
        "--extension",
        "107",
        "--min-length",
        "5m",
        "--max-length",
        "1h",
        "--since",
        "2024-12-01T00:00+01:00",
        "--until",
        "2024-12-31T00:00Z",
        "--cnam",
        "X",
        "--dnis",
        "1",
    )
    account.assert_requested(
        "list_company_recordings",
        call_direction="INBOUND",
        extension="107",
        duration_gte="300000",
        duration_lte="3600000",
        start_gte="2024-11-30T23:00:00+0000",
        start_lte="2024-12-31T00:00:00+0000",
        cnam="X",
        dnis="1",
    )


def test_on_demand_recordings_of_a_user(account: Sandbox, run: Run) -> None:
    ended = run("list", "--user", "self", "--all", "--json")
    assert {each["id"] for each in objects(ended.out)} == {each.id for each in account.store.on_demand()}


def test_a_listing_that_falls_short_is_said_and_1(account: Sandbox, run: Run) -> None:
    account.quirks.paging.total_items = 700
    ended = run("list", "--all", "--quiet")
    assert ended.code == 1
    assert "warning: the listing is not complete" in ended.err


def test_numbers_are_masked_everywhere(account: Sandbox, run: Run) -> None:
    number = newest(account, 1)[0].caller_id
    account.store.put(
        Recording(
            id=1,
            start=newest(account, 1)[0].start,
            caller_id="15551239876",
            cnam="15551239876",
            dnis="15551230000",
            file_name="15551239876-x.mp3",
        )
    )
    for flags in ([], ["--json"]):
        out = run("list", "--all", "--mask", *flags).out
        assert "*******9876" in out
        assert "15551239876" not in out
        assert number not in out or len(number) < 5


def test_names_that_would_move_the_cursor_are_shown_as_text(account: Sandbox, run: Run) -> None:
    account.store.replace([Recording(id=5, start=newest(account, 1)[0].start, cnam="\x1b[2J\x07[red]")])
    assert "\ufffd[2J\ufffd[red]" in run("list").out
    account.store.replace([Recording(id=5, start=newest(account, 1)[0].start, cnam="\x1b[2J\x9b\u202e山")])
    out = run("list", "--json").out
    assert r"\u001b[2J\u009b\u202e山" in out
    assert objects(out)[0]["cnam"] == "\x1b[2J\x9b\u202e山"


def test_nothing_found_is_said(account: Sandbox, run: Run) -> None:
    ended = run("list", "--cnam", "NOBODY AT ALL")
    assert (ended.code, ended.out, ended.err) == (0, "", "no recording matches\n")


# download


def test_recordings_are_downloaded_by_id(account: Sandbox, run: Run, tmp_path: Path) -> None:
    first, second = newest(account, 2)
    ended = run("download", first.id, second.id, "--to", tmp_path / "audio")
    assert ended.code == 0, ended.err
    paths = [Path(line) for line in ended.out.splitlines()]
    contents = {b"".join(truth.audio(each).chunks(0, each.size)) for each in (first, second)}
    assert {path.read_bytes() for path in paths} == contents
    assert "2 files saved" in ended.err
    again = run("download", first.id, "--to", tmp_path / "audio", "--json")
    assert objects(again.out)[0]["skipped"] is True
    assert "1 there already" in again.err


def test_all_that_match_come_with_their_transcripts(account: Sandbox, run: Run, tmp_path: Path) -> None:
    wanted = [each for each in account.store.company() if each.extensions == (107,)]
    ended = run("download", "--extension", "107", "--transcripts", "--to", tmp_path, "--json")
    told = objects(ended.out)
    mine = {each.id for each in account.store.company() if 107 in each.extensions}
    assert {each["recording"] for each in told if each["kind"] == "audio"} == mine
    ready = {each.id for each in account.store.company() if each.id in mine and each.transcript == "ready"}
    assert {each["recording"] for each in told if each["kind"] == "transcript"} == ready
    pending = sum(each.transcript == "pending" for each in account.store.company() if each.id in mine)
    assert wanted
    assert ended.code == (1 if pending else 0)
    assert ("not ready yet" in ended.err) == bool(pending)


def test_a_transcript_of_one_recording(account: Sandbox, run: Run, tmp_path: Path) -> None:
    one = next(each for each in account.store.company() if each.transcript == "ready")
    ended = run("download", one.id, "--transcripts", "--to", tmp_path)
    assert ended.code == 0
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".mp3", ".txt"]


def test_one_that_fails_is_named_and_the_others_come(account: Sandbox, run: Run, tmp_path: Path) -> None:
    first, second = newest(account, 2)
    account.faults.next(f"GET .*/audio/recording/{first.id}", status=403)
    ended = run("download", first.id, second.id, 999, "--to", tmp_path, "--json")
    assert ended.code == 1
    assert f"warning: audio of recording {first.id} failed: the server answered 403" in ended.err
    assert "1 file saved" in ended.err
    assert "2 failed" in ended.err
    assert [bool(each["error"]) for each in objects(ended.out)].count(True) == 2


@pytest.mark.parametrize(
    "arguments", [[], ["5", "--all"], ["5", "--since", "7d"], ["--user", "self", "--all", "--transcripts"]]
)
def test_what_to_download_has_to_be_said_once(arguments: list[str], account: Sandbox, run: Run) -> None:
    assert run("download", *arguments).code == 2
    assert account.requests == []


def test_a_folder_that_cannot_be_written_is_5(account: Sandbox, run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert run("download", newest(account, 1)[0].id, "--to", tmp_path / "file").code == 5


# jobs


def started(sandbox: Sandbox, run: Run) -> list[str]:
    from vbc_call_recording import CallRecordingClient

    with CallRecordingClient.from_env(sandbox.environment) as client:
        client.company_recordings.export(extension=107)
        client.company_recordings.export(extension=108, include_transcriptions=True)
    return [str(each["id"]) for each in objects(run("jobs", "--json").out)]


def test_jobs_of_both_kinds_are_listed(account: Sandbox, run: Run) -> None:
    assert len(started(account, run)) == 2
    assert [each["kind"] for each in objects(run("jobs", "--kind", "transcripts", "--json").out)] == [
        "recordings_transcriptions"
    ]
    assert run("jobs", "--status", "aborted").err == "there are no such jobs\n"


def test_jobs_are_waited_for_and_their_archives_downloaded(
    account: Sandbox, run: Run, tmp_path: Path
) -> None:
    account.quirks.exports.statuses = ("complete",)
    ids = started(account, run)
    ended = run("jobs", *ids, "--wait", "--to", tmp_path, "--extract")
    assert ended.code == 0, ended.err
    assert sorted(path.name for path in tmp_path.glob("*.zip")) == sorted(
        f"export-{each}.zip" for each in ids
    )
    assert [line.split("\t")[1] for line in ended.out.splitlines()] == ["complete", "complete"]


def test_a_job_that_failed_is_1_and_one_that_is_not_there_too(
    account: Sandbox, run: Run, tmp_path: Path
) -> None:
    account.quirks.exports.statuses = ("failed",)
    ids = started(account, run)
    assert run("jobs", ids[0], "--wait").code == 1
    assert run("jobs", "nope").code == 1
    assert run("jobs", "--wait").code == 2


# options


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "7", "7x", "2026-11-24T"])
def test_moments_that_cannot_be_read_say_what_is_accepted(text: str) -> None:
    with pytest.raises(ValueError, match="accepted: 2026-11-24"):
        options.read_when(text)


def test_days_are_those_of_the_zone_and_the_last_one_is_included() -> None:
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    now, berlin = datetime(2026, 11, 24, 12, tzinfo=UTC), ZoneInfo("Europe/Berlin")
    given = {"since": options.read_when("2026-03-29"), "until": options.read_when("2026-03-29")}
    found = options.client_filters(given, berlin, now)
    assert found["start_gte"].astimezone(UTC) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert found["start_lte"].astimezone(UTC) == datetime(2026, 3, 29, 21, 59, 59, tzinfo=UTC)
    week = options.client_filters({"since": options.read_when("1w")}, None, now)
    assert week == {"start_gte": datetime(2026, 11, 17, 12, tzinfo=UTC)}
