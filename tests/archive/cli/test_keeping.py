"""verify and retention as they are typed: what they show, how they end, and what they ask."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from vbc_call_recording_archive.archive import Archive
from vbc_call_recording_archive.cli.group import group
from vbc_call_recording_sandbox import Recording, Sandbox

from .conftest import Run, Terminal

NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
DAY = f"{NOON - timedelta(days=3):%Y-%m-%d}"  # four recordings are older


def recordings() -> list[Recording]:
    """One a day, from seven days ago to yesterday."""
    return [Recording(id=1000 + number, start=NOON - timedelta(days=7 - number)) for number in range(7)]


@pytest.fixture(scope="module")
def vendor() -> Iterator[Sandbox]:
    with Sandbox(recordings=recordings()) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def made(vendor: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "archive"
    ended = CliRunner(env=vendor.environment | {"TZ": "UTC"}).invoke(group, ["sync", str(folder)])
    assert ended.exit_code == 0, ended.stderr
    return folder


@pytest.fixture
def folder(vendor: Sandbox, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy, and the vendor's account."""
    vendor.reset()
    for name, value in (vendor.environment | {"TZ": "UTC"}).items():
        monkeypatch.setenv(name, value)
    shutil.copytree(made, tmp_path / "archive")
    return tmp_path / "archive"


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def audio_files(folder: Path) -> list[Path]:
    return sorted((folder / "data").rglob("*.mp3"))


# verify


def test_an_archive_as_it_should_be_is_0_and_a_sentence(folder: Path, run: Run) -> None:
    ended = run("verify", folder)
    assert (ended.code, ended.out) == (0, "")
    assert ended.err == "7 files read (28.0 kB); everything is as it should be\n"


def test_a_difference_is_a_line_and_1_and_a_repair_is_0(folder: Path, run: Run) -> None:
    path = audio_files(folder)[2]
    path.write_bytes(b"x")
    name = path.relative_to(folder).as_posix()
    ended = run("verify", folder)
    assert (ended.code, ended.out) == (1, f"*\t{name}: it is truncated: 1 of 4000 bytes\n")
    assert "1 difference left" in ended.err
    ended = run("verify", folder, "--repair")
    assert ended.code == 0
    assert "fetched again; what was here is in set-aside/" in ended.out
    assert "1 repaired; everything is as it should be" in ended.err
    assert run("verify", folder, "-q").err == ""


def test_all_shows_what_is_as_it_should_be_too(folder: Path, run: Run) -> None:
    ended = run("verify", folder, "--all", "--listing")
    assert ended.code == 0, ended
    assert sum(line.startswith("=\tdata/audio/") for line in ended.out.splitlines()) == 7
    assert sum(line.startswith("=\trecording company 100") for line in ended.out.splitlines()) == 7


def test_verify_in_json_is_a_line_for_each_finding_and_one_for_the_result(folder: Path, run: Run) -> None:
    audio_files(folder)[0].unlink()
    found, result = objects(run("verify", folder, "--json").out)
    assert (found["sign"], found["subject"], found["is_repaired"]) == ("+", "file", False)
    assert (result["result"], result["read"], result["troubles"]) == ("incomplete", 7, 1)


def test_a_sample_tells_its_seed_and_what_was_not_read(folder: Path, run: Run) -> None:
    ended = run("verify", folder, "--sample", "3")
    assert "3 files read" in ended.err
    assert "4 other files not read, only looked for; --seed " in ended.err
    assert run("verify", folder, "--sample", "3", "--seed", "7").code == 0
    assert run("verify", folder, "--seed", "7").code == 2


def test_a_ledger_that_was_tampered_with_is_named_although_nothing_can_be_written(
    folder: Path, run: Run
) -> None:
    path = folder / "ledger.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:-1], lines[-1].replace("2", "3", 1)]))
    ended = run("verify", folder)
    assert ended.code == 1
    assert ended.out.startswith(f"*\tledger entry {len(lines)}: it was tampered with")
    assert "not kept what was verified" in ended.err
    assert run("verify", folder, "--repair").code == 1


def test_an_archive_that_is_being_written_is_verified_but_not_repaired(folder: Path, run: Run) -> None:
    with Archive(folder, writable=True):
        ended = run("verify", folder)
        assert ended.code == 0
        assert "another process" in ended.err
        assert run("verify", folder, "--repair").code == 6
    assert run("verify", folder.parent).code == 2


# retention


def planned(run: Run, folder: Path, *options: object) -> Path:
    path = folder.parent / "plan.json"
    ended = run("retention", "plan", folder, "--older-than", DAY, "-o", path, *options)
    assert ended.code == 0, ended
    return path


def test_a_plan_is_shown_and_written_and_nothing_is_asked(folder: Path, run: Run, vendor: Sandbox) -> None:
    path = folder.parent / "plan.json"
    ended = run("retention", "plan", folder, "--older-than", DAY, "-o", path)
    assert "recordings\t4 recordings (16.0 kB)" in ended.out
    assert f"next: vbc-recordings retention apply {path}" in ended.err
    assert json.loads(path.read_text())["count"] == 4
    hold = folder.parent / "hold.txt"
    hold.write_text("id 1000\n")
    told = objects(run("retention", "plan", folder, "--older-than", DAY, "--hold", hold, "--json").out)[0]
    assert (told["count"], told["left_out"]) == (3, {"held": 1})
    assert Path(told["plan"]).parent == folder / "retention"
    assert vendor.requests == []


def test_a_plan_never_replaces_another_file(folder: Path, run: Run) -> None:
    thesis = folder.parent / "thesis.txt"
    thesis.write_text("so much work")
    ended = run("retention", "plan", folder, "--older-than", DAY, "-o", thesis)
    assert ended.code == 2
    assert thesis.read_text() == "so much work"
    planned(run, folder)
    planned(run, folder)


def test_a_hold_that_cannot_be_read_is_2_and_names_the_line(folder: Path, run: Run) -> None:
    hold = folder.parent / "hold.txt"
    hold.write_text("# all of it\nnummer 5\n")
    ended = run("retention", "plan", folder, "--older-than", DAY, "--hold", hold)
    assert ended.code == 2
    assert "hold.txt:2 says 'nummer 5'; accepted: id ID" in ended.err


def test_without_a_terminal_it_takes_yes_and_a_limit(folder: Path, run: Run, vendor: Sandbox) -> None:
    path = planned(run, folder)
    assert run("retention", "apply", path).code == 2
    assert run("retention", "apply", path, "--yes").code == 2
    assert len(vendor.store.company()) == 7
    ended = run("retention", "apply", path, "--yes", "--max-count", "3")
    assert ended.code == 1
    assert [line.split("\t")[:2] for line in ended.out.splitlines()] == [
        ["deleted", "1000"], ["deleted", "1001"], ["deleted", "1002"],
    ]  # fmt: skip
    assert "--max-count 3 was reached; the same command goes on" in ended.err
    ended = run("retention", "apply", path, "--yes", "--max-count", "3", "--json")
    assert ended.code == 0
    assert objects(ended.out)[-1]["counts"] == {"already": 3, "deleted": 1}
    assert run("retention", "apply", path, "--yes", "--max-count", "3").code == 0
    assert len(audio_files(folder)) == 7


def test_what_is_kept_says_why_and_is_1(folder: Path, run: Run) -> None:
    path = planned(run, folder)
    audio_files(folder)[0].unlink()
    ended = run("retention", "apply", path, "--yes", "--max-count", "9")
    assert ended.code == 1
    assert "its audio: it is not there; `vbc-recordings verify --repair` fetches it" in ended.out
    assert "3 deleted, 1 kept" in ended.err


@pytest.mark.slow
@pytest.mark.parametrize(("typed", "code", "left"), [("4\r", 0, 3), ("yes\r", 2, 7), ("\r", 2, 7)])
def test_on_a_terminal_it_asks_for_the_number(
    folder: Path, run: Run, vendor: Sandbox, terminal: type[Terminal], typed: str, code: int, left: int
) -> None:
    path = planned(run, folder)
    process = terminal("retention", "apply", path, columns=100)
    process.read_until("Type 4 to go on")
    assert "There is no undo" in process.shown
    process.type(typed)
    assert process.end() == code
    assert len(vendor.store.company()) == left


def test_the_subcommands_help_with_examples(run: Run) -> None:
    for name in ("plan", "apply"):
        assert (
            f"vbc-recordings retention {name}"
            in run("retention", name, "--help").out.partition("Examples")[2]
        )
    assert run("retention").code in (0, 2)
