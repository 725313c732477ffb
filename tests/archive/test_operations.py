"""docs/operations.md: what it shows is run as it stands there, as far as this machine allows."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from vbc_call_recording_archive.cli.afterwards import Afterwards
from vbc_call_recording_archive.cli.group import group
from vbc_call_recording_archive.metrics import HELP
from vbc_call_recording_sandbox import Recording, Sandbox

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
BIN = Path(sys.executable).parent
INSTALLED = "/opt/vbc-recordings/bin"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def named(start: str) -> str:
    return next(text for text in [*blocks("ini"), *blocks("yaml")] if text.startswith(start))


def needs(tool: str) -> Callable[..., object]:
    return pytest.mark.skipif(not shutil.which(tool), reason=f"there is no {tool} here")


def check(*command: object, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def place(sandbox: Sandbox, tmp_path: Path) -> Path:
    """Where /srv, /etc and the like are, with two recordings of yesterday at the vendor."""
    yesterday = datetime.now(UTC) - timedelta(days=1)
    sandbox.store.replace(Recording(id=number, start=yesterday) for number in (1, 2))
    for name in ("srv", "home", "etc/vbc-recordings", "var/lib/prometheus/node-exporter"):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path


def here(text: str, place: Path) -> str:
    """The same with paths of this machine."""
    text = text.replace(INSTALLED, str(BIN))
    return re.sub(r"(?<![\w.])/(srv|etc|var)/", rf"{place}/\1/", text)


def login(sandbox: Sandbox) -> dict[str, str]:
    """Where the vendor is, without who logs in."""
    return {name: value for name, value in sandbox.environment.items() if name.endswith("_URL")}


def test_the_sessions_run(sandbox: Sandbox, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    lines = [line for block in blocks("console") for line in here(block, place).splitlines()]
    assert len(lines) == 3
    for line in lines:
        done = CliRunner().invoke(group, shlex.split(line.removeprefix("$ vbc-recordings ")))
        assert done.exit_code == 0, f"{line}\n{done.output}"
    assert "[archive]" in (place / "srv" / "recordings" / "archive.toml").read_text("utf-8")


# systemd


def units(place: Path) -> tuple[Path, Path]:
    """Service and timer, as files."""
    paths = place / "vbc-recordings.service", place / "vbc-recordings.timer"
    for path in paths:
        path.write_text(here(named(f"# /etc/systemd/system/{path.name}"), place))
    return paths


@needs("systemd-analyze")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    service, timer = units(tmp_path)
    checked = check("systemd-analyze", "verify", "--man=no", service, timer)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert check("systemd-analyze", "calendar", "*-*-* 02:15").returncode == 0
    assert "OnCalendar=*-*-* 02:15\n" in timer.read_text()
    service.write_text(service.read_text().replace("Type=oneshot", "Typ=oneshot"))
    assert "Typ" in check("systemd-analyze", "verify", "--man=no", service).stderr, "it can tell"


@needs("systemd-analyze")
def test_systemd_has_little_against_its_exposure(tmp_path: Path) -> None:
    service, _ = units(tmp_path)
    checked = check("systemd-analyze", "security", "--offline=yes", "--threshold=25", service)
    if "offline" in checked.stderr:
        pytest.skip("this systemd looks at running units only")
    assert checked.returncode == 0, checked.stdout[-300:]


def test_the_service_runs_as_it_is_written(sandbox: Sandbox, place: Path) -> None:
    service, _ = units(place)
    settings: dict[str, list[str]] = {}
    for line in service.read_text().splitlines():
        name, separator, value = line.partition("=")
        if separator:
            settings.setdefault(name, []).append(value)
    credentials = place / "credentials"
    credentials.mkdir()
    known = {"password": sandbox.credentials.password, "client-secret": sandbox.credentials.client_secret}
    for credential in settings["LoadCredential"]:
        name, _, path = credential.partition(":")
        Path(path).write_text(known[name] + "\n")
        shutil.copy(path, credentials / name)
    text = " ".join(settings["Environment"]).replace("%d", str(credentials))
    text = text.replace("jane.doe", sandbox.credentials.username)
    text = text.replace("client-id", sandbox.credentials.client_id)
    environ = dict(word.split("=", 1) for word in shlex.split(text))
    assert [name for name in environ if "SECRET" in name or "PASSWORD" in name] == [
        "VBC_PASSWORD_FILE",
        "VBC_CLIENT_SECRET_FILE",
    ]
    for command in (*settings["ExecStart"], *settings["ExecStopPost"]):
        done = subprocess.run(
            shlex.split(command), env=login(sandbox) | environ, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    written = (Path(path) for path in settings["ReadWritePaths"][0].split())
    assert all(any(folder.iterdir()) for folder in written)
    assert "<strong>Complete up to" in (place / "srv" / "recordings" / "report.html").read_text("utf-8")


# cron


def test_cron_runs_each_line_as_it_is_written(sandbox: Sandbox, place: Path) -> None:
    lines = [line for line in here(*blocks("crontab"), place).splitlines() if line]
    settings = dict(line.split("=", 1) for line in lines if re.match(r"\w+=", line))
    profiles = place / "home" / ".config" / "vbc-recordings" / "profiles.toml"
    profiles.parent.mkdir(parents=True)
    values = {name.removeprefix("VBC_").lower(): value for name, value in sandbox.environment.items()}
    for secret in ("password", "client_secret"):
        (profiles.parent / secret).write_text(values.pop(secret))
        values[f"{secret}_file"] = secret
    profiles.write_text(
        "[profiles.acme]\n" + "".join(f'{name} = "{value}"\n' for name, value in values.items())
    )
    environ = {"HOME": str(place / "home"), "SHELL": "/bin/sh", **settings}
    jobs = [line.split(None, 5)[5] for line in lines if line[0].isdigit()]
    assert len(jobs) == 3
    for job in jobs:
        assert "%" not in job, "cron takes that for a line end"
        done = subprocess.run(
            ["/bin/sh", "-c", job],
            env=environ,
            cwd=place / "home",
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), job
    names = {path.name for path in (place / "srv" / "recordings").iterdir()}
    assert {"ledger.jsonl", "report.html", "vbc-recordings.prom"} <= names


# Containers


def test_the_compose_file_keeps_to_its_schema() -> None:
    schemas = files("check_jsonschema").joinpath("builtin_schemas", "vendor", "compose-spec.json")
    validator = Draft202012Validator(json.loads(schemas.read_text("utf-8")))
    text = named("# compose.yaml")
    assert not list(validator.iter_errors(YAML(typ="safe").load(text)))
    wrong = YAML(typ="safe").load(text.replace("cap_drop:", "cap_dropp:"))
    assert any("cap_dropp" in error.message for error in validator.iter_errors(wrong)), "it can tell"


def test_the_compose_file_and_the_dockerfile_fit_together() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    service = YAML(typ="safe").load(named("# compose.yaml"))["services"]["recordings"]
    assert f" AS {service['build']['target']}\n" in dockerfile
    stage = dockerfile.partition(" AS archive\n")[2].partition("\nFROM ")[0]
    assert re.findall(r"^USER (\d+)$", stage, re.MULTILINE) == ["10001"]
    assert 'ENTRYPOINT ["vbc-recordings"]' in stage
    assert "[archive,cloud]" in stage, "buckets are known there"
    folder = service["command"].split()[1]
    assert f"VOLUME {folder}\n" in stage
    assert service["volumes"] == [f"recordings:{folder}"]
    for variable, path in service["environment"].items():
        assert not variable.endswith("_FILE") or Path(path).name in service["secrets"]
    assert dockerfile.rpartition("\nFROM ")[2].startswith("python:3.13-slim AS sandbox"), "the default"


def test_hadolint_has_nothing_against_the_dockerfile() -> None:
    tool = BIN / "hadolint"
    if not tool.exists():
        pytest.skip("there is no hadolint for this machine")
    checked = check(tool, ROOT / "Dockerfile")
    assert (checked.returncode, checked.stdout) == (0, "")


# What is told


def test_the_page_has_every_metric() -> None:
    rows = re.findall(r"^\| `(vbc_recordings_\w+)` \| [\w, ]+ \| (.*) \|$", PAGE, re.MULTILINE)
    assert dict(rows) == dict(HELP)


def test_the_page_has_everything_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, object] = {}
    monkeypatch.setattr("vbc_call_recording_archive.telling.post", lambda _, fields: told.update(fields))
    Afterwards(command="sync", failure_url="https://monitor").do(1, None)  # type: ignore[arg-type]
    row = PAGE.partition("| `--failure-url URL` |")[2].partition("\n")[0]
    assert sorted(re.findall(r"`(\w+)`", row)) == sorted(told)
    variables = PAGE.partition("| `--on-failure COMMAND` |")[2].partition("\n")[0]
    assert all(f"_{name.upper()}`" in variables for name in told)


@needs("promtool")
def test_promtool_takes_the_rules(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(named("# Rules for Prometheus"))
    checked = check("promtool", "check", "rules", path)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert set(re.findall(r"vbc_recordings_\w+", path.read_text())) <= HELP.keys()
