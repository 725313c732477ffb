"""doctor: every line, and what each says when it fails."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from vbc_call_recording_archive.doctor import examine
from vbc_call_recording_archive.surroundings import disk
from vbc_call_recording_sandbox import Sandbox

from .conftest import Run

NAMES = ["variables", "server", "clock", "login", "list", "download", "permissions", "quota"]


def checked(run: Run, *arguments: object) -> tuple[int, dict[str, dict[str, str]]]:
    ended = run("doctor", "--json", *arguments)
    return ended.code, {(each := json.loads(line))["check"]: each for line in ended.out.splitlines()}


def states(checks: dict[str, dict[str, str]]) -> dict[str, str]:
    return {name: check["state"] for name, check in checks.items()}


def test_when_all_is_well_every_line_is_ok_in_few_requests(
    account: Sandbox, run: Run, tmp_path: Path
) -> None:
    code, checks = checked(run, tmp_path)
    assert code == 0
    assert states(checks) == {**dict.fromkeys([*NAMES, "disk"], "ok"), "settings": "skipped"}
    assert len(account.requests) == 6
    assert account.requests[2].headers["range"] == "bytes=0-1023"


def test_with_only_some_variables_the_rest_is_looked_at_all_the_same(
    account: Sandbox, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("VBC_PASSWORD")
    code, checks = checked(run, tmp_path)
    assert code == 2
    assert "VBC_PASSWORD" in checks["variables"]["said"]
    assert "VBC_…_FILE" in checks["variables"]["hint"]
    assert states(checks) | {"settings": ""} == {
        **dict.fromkeys(NAMES, "skipped"),
        "variables": "failed",
        "server": "ok",
        "clock": "ok",
        "quota": "ok",
        "disk": "ok",
        "settings": "",
    }


def test_a_secret_file_that_is_missing_is_named(
    account: Sandbox, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VBC_PASSWORD")
    monkeypatch.setenv("VBC_PASSWORD_FILE", "/nowhere/password")
    code, checks = checked(run)
    assert code == 2
    assert "/nowhere/password" in checks["variables"]["said"]


def test_a_wrong_password_is_3_with_what_to_check(
    account: Sandbox, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VBC_PASSWORD", "wrong")
    code, checks = checked(run)
    assert (code, states(checks)["login"], states(checks)["list"]) == (3, "failed", "skipped")
    assert "Account Administrator" in checks["login"]["hint"]


def test_a_server_that_is_not_there_is_4(account: Sandbox, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VBC_TOKEN_URL", "http://127.0.0.1:9/token")
    code, checks = checked(run)
    assert (code, states(checks)["server"], states(checks)["clock"]) == (4, "failed", "skipped")
    assert "127.0.0.1:9/token" in checks["server"]["said"]


def test_a_missing_permission_says_who_grants_it(account: Sandbox, run: Run) -> None:
    account.faults.play("no-permission")
    code, checks = checked(run)
    assert (code, states(checks)["list"], states(checks)["permissions"]) == (3, "failed", "skipped")
    assert "Company Call Recording permission" in checks["list"]["hint"]


def test_part_of_the_permissions_is_a_warning(account: Sandbox, run: Run) -> None:
    account.faults.next("GET .*/transcriptions", status=403)
    code, checks = checked(run)
    assert (code, states(checks)["permissions"]) == (0, "warning")
    assert "refused: transcripts" in checks["permissions"]["said"]


def test_a_clock_that_is_off_is_said_with_the_direction(account: Sandbox, run: Run) -> None:
    account.clock.advance(timedelta(minutes=5))
    code, checks = checked(run)
    assert (code, states(checks)["clock"]) == (0, "warning")
    assert "behind" in checks["clock"]["said"]


def test_a_quota_that_is_used_up_is_told_at_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox(recordings=3, on_demand=0, quota="2/min") as sandbox:
        for name, value in sandbox.environment.items():
            monkeypatch.setenv(name, value)
        _, checks = checked(run)
    assert states(checks)["quota"] == "warning"
    assert "opens again in" in checks["quota"]["said"]
    assert "Per Token Quota" in checks["quota"]["hint"]


def test_without_recordings_there_is_nothing_to_download(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox(recordings=0, on_demand=0) as sandbox:
        for name, value in sandbox.environment.items():
            monkeypatch.setenv(name, value)
        code, checks = checked(run)
    assert (code, states(checks)["list"], states(checks)["download"]) == (0, "ok", "skipped")


class Silent(BaseHTTPRequestHandler):
    """Answers everything with something else than this API: a captive portal, for example."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<html>Welcome to the hotel</html>")

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def portal() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Silent) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_a_web_page_in_place_of_the_api_is_no_success() -> None:
    with portal() as place:
        checks = {
            check.name: check
            for check in examine(lambda: {"VBC_ACCESS_TOKEN": "access-token-1", "VBC_BASE_URL": place})
        }
    assert checks["list"].state == "failed"
    assert "not the JSON documented" in checks["list"].said


def test_settings_that_cannot_be_right_are_named(account: Sandbox, run: Run, tmp_path: Path) -> None:
    (tmp_path / "archive.toml").write_text("[archive]\nwindow = 'fortnight'\n")
    code, checks = checked(run, tmp_path)
    assert (code, states(checks)["settings"]) == (2, "failed")
    assert "fortnight" in checks["settings"]["said"]


def test_a_disk_that_is_no_good(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert disk(tmp_path / "file" / "archive").state == "failed"
    mounts = f"server:/export {tmp_path.resolve()} nfs4 rw 0 0\n"
    assert disk(tmp_path / "new", mounts=mounts).state == "warning"
    assert "--catalogue" in str(disk(tmp_path / "new", mounts=mounts).hint)
    assert disk(tmp_path / "new", catalogue=Path("/var/c.sqlite3"), mounts=mounts).state == "ok"


def test_the_profile_of_the_archive_is_used(
    account: Sandbox, run: Run, own_home: Path, tmp_path: Path
) -> None:
    profiles = own_home / ".config" / "vbc-recordings" / "profiles.toml"
    profiles.parent.mkdir(parents=True)
    profiles.write_text('[profiles.wrong]\nusername = "nobody"\n')
    (tmp_path / "archive.toml").write_text('[archive]\nprofile = "wrong"\n')
    assert checked(run)[0] == 0
    assert checked(run, tmp_path)[0] == 3
