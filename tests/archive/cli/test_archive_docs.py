"""docs/archive.md shows what the command has; its examples, and those of --help, run."""

import re
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click import Context

from scripts import archive_docs
from vbc_call_recording import CallRecordingClient
from vbc_call_recording_archive.cli.group import COMMANDS, Command, group
from vbc_call_recording_archive.config import ArchiveConfig
from vbc_call_recording_sandbox import Recording, Sandbox

from .conftest import Run

pytestmark = pytest.mark.slow

TEXT = archive_docs.PAGE.read_text("utf-8")
SHOWN = re.findall(r"^\$ (vbc-recordings .*)$", TEXT, re.MULTILINE)


def helped() -> list[str]:
    """The examples of --help, without what they are piped into."""
    commands = [group.get_command(Context(group), name) for name in COMMANDS]
    return [line for each in commands if isinstance(each, Command) for line in each.example.splitlines()]


def test_its_tables_are_fresh() -> None:
    assert archive_docs.rendered(TEXT) == TEXT, "run `python -m scripts.archive_docs`"
    assert "| `--dry-run` |" in TEXT


def test_every_command_is_on_the_page() -> None:
    shown = re.findall(r"<!-- table: (\S+) -->", TEXT)
    of_retention = ["retention-plan", "retention-apply"]
    single = [name for name in COMMANDS if name != "retention"]
    assert sorted(shown) == sorted([*single, *of_retention, archive_docs.CODES, archive_docs.COMMON])


def test_every_setting_is_on_the_page() -> None:
    keys = re.findall(
        r"^\| `(\w+)` \|", TEXT.partition("key of `[archive]`")[2].partition("<!--")[0], re.MULTILINE
    )
    settings = {each.name for each in ArchiveConfig.__attrs_attrs__}  # type: ignore[attr-defined]
    assert set(keys) == settings - {"stores"}  # which have tables of their own


@pytest.fixture
def srv(sandbox: Sandbox, tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> Path:
    """A place for /srv, with an archive, and everything that the examples name."""
    yesterday = datetime.now(UTC) - timedelta(days=1)
    sandbox.store.replace(
        Recording(id=number, start=yesterday, extensions=(107,), cnam="ACME", transcript="ready")
        for number in (193228, 193229)
    )
    sandbox.quirks.exports.statuses = ("complete",)
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    profiles = own_home / ".config" / "vbc-recordings" / "profiles.toml"
    profiles.parent.mkdir(parents=True)
    profiles.write_text(f'[profiles.acme]\nusername = "{sandbox.credentials.username}"\n')
    monkeypatch.chdir(tmp_path)
    assert run("sync", tmp_path / "recordings", "--days", "2").code == 0
    return tmp_path


@pytest.fixture
def job(srv: Path, sandbox: Sandbox) -> str:
    with CallRecordingClient.from_env(sandbox.environment) as client:
        return client.company_recordings.export(extension=107).job_ids[0]


def test_the_examples_run(srv: Path, job: str, run: Run) -> None:
    assert len(SHOWN) > 10
    for number, line in enumerate([*SHOWN, *helped()]):
        place = srv / str(number) if " init " in line else srv
        words = re.sub(r" \| jq .*| 2>> .*", "", line).replace("/srv/", f"{place}/")
        words = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", job, words)
        ended = run(*shlex.split(words)[1:])
        assert ended.code == 0, (line, ended)
