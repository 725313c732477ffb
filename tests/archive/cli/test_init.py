"""init: asks on a terminal only, and writes no secret."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from vbc_call_recording_archive.cli.init import zone_here
from vbc_call_recording_archive.config import read_config
from vbc_call_recording_archive.profiles import client_environment, profile_files
from vbc_call_recording_sandbox import Sandbox

from .conftest import Run, Terminal


def test_options_say_all_of_it(account: Sandbox, run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    ended = run(
        "init",
        folder,
        "--timezone",
        "Europe/Berlin",
        "--since",
        "2026-01-01",
        "--user",
        "5",
        "--user",
        "self",
        "--window",
        "week",
        "--min-free",
        "20 GB",
        "--transcripts",
        "catalogue",
        "--profile",
        "acme",
    )
    assert ended.code == 0, ended.err
    config = read_config(folder)
    assert (config.timezone, config.since, config.users) == (
        ZoneInfo("Europe/Berlin"),
        date(2026, 1, 1),
        ("5", "self"),
    )
    assert (config.window, config.min_free, config.transcripts) == ("week", 20 * 10**9, "catalogue")
    assert config.profile == "acme"
    assert f"next: vbc-recordings doctor {folder}" in ended.err
    text = (folder / "archive.toml").read_text()
    assert account.credentials.password not in text
    assert account.credentials.client_secret not in text


def test_what_is_there_is_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "archive.toml").write_text("[archive]\n")
    ended = run("init", tmp_path, "--yes")
    assert ended.code == 2
    assert "is there already" in ended.err


@pytest.mark.parametrize(
    "option", [["--timezone", "Mars/Base"], ["--min-free", "much"], ["--layout", "/{id}"]]
)
def test_what_cannot_be_right_writes_nothing(option: list[str], run: Run, tmp_path: Path) -> None:
    assert run("init", tmp_path / "new", *option).code == 2
    assert not (tmp_path / "new").exists()


@pytest.mark.slow
def test_on_a_terminal_it_asks_for_what_is_missing(
    terminal: type[Terminal], tmp_path: Path, sandbox: Sandbox
) -> None:
    folder, given = tmp_path / "new", sandbox.credentials
    (tmp_path / "password").write_text(given.password)
    (tmp_path / "secret").write_text(given.client_secret)
    asked = terminal("init", folder)
    for question, answer in {
        "Time zone": "Mars/Base",
        "accepted": "Europe/Paris",
        "First day": "2026-02-01",
        "Users": "5, self",
        "User name": given.username,
        "Client id": given.client_id,
        "the password": tmp_path / "password",
        "client secret": tmp_path / "secret",
    }.items():
        asked.read_until(question)
        asked.type(f"{answer}\n")
    assert asked.end() == 0, asked.shown
    config = read_config(folder)
    assert (str(config.timezone), config.since, config.users) == (
        "Europe/Paris",
        date(2026, 2, 1),
        ("5", "self"),
    )
    assert given.password not in (folder / "archive.toml").read_text()
    found = client_environment({}, files=profile_files(folder, {"HOME": str(tmp_path)}))
    assert (found["VBC_USERNAME"], found["VBC_PASSWORD"]) == (given.username, given.password)


def test_the_time_zone_of_this_machine(tmp_path: Path) -> None:
    link = tmp_path / "localtime"
    link.symlink_to("/usr/share/zoneinfo/Asia/Tokyo")
    assert zone_here({}, link) == "Asia/Tokyo"
    assert zone_here({"TZ": "Europe/Rome"}, link) == "Europe/Rome"
    assert zone_here({"TZ": "no such"}, link) == zone_here({}, tmp_path / "nothing") == "UTC"
