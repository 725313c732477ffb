"""make sets itself up with a word about it, and passes on what the programs need."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """What make needs for setting up, and interpreters that only say what they were called for."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    folder = tmp_path / ".venv" / "bin"
    folder.mkdir(parents=True)
    for program in (folder / "python", folder / "pip", tmp_path / "new", tmp_path / "old"):
        script(program, 'echo "$@"')
    return tmp_path


def script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def make(project: Path, *arguments: str, path: str = os.defpath) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": path}
    return subprocess.run(
        ["make", *arguments], cwd=project, env=environment, capture_output=True, text=True, check=False
    )


def test_setting_up_is_announced_and_happens_once(project: Path) -> None:
    first, second = make(project, "test", "PYTHON=./new"), make(project, "test", "PYTHON=./new")

    assert "Setting up .venv" in first.stderr
    assert "-m venv .venv" in first.stdout
    assert second.stdout == "-m pytest -n 4 --dist worksteal\n"
    assert second.stderr.startswith("This takes about two minutes")


@pytest.mark.parametrize("python", ["./old", "./nowhere", ""])
def test_what_python_it_takes_is_said(project: Path, python: str) -> None:
    script(project / "old", "exit 1")

    failed = make(project, "test", f"PYTHON={python}")

    assert failed.returncode != 0
    assert failed.stderr.startswith("This needs Python 3.11 or newer")
    assert not (project / ".venv" / ".ready").exists()


def test_without_python_3_11_by_name_python3_will_do(project: Path) -> None:
    (project / "new").rename(project / "python3")
    for program in ("make", "sh", "touch"):
        found = shutil.which(program)
        assert found
        (project / program).symlink_to(found)

    done = make(project, "test", path=str(project))

    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "-m pytest -n 4 --dist worksteal")


@pytest.mark.parametrize(
    ("given", "passed_on"),
    [
        (["UPSTREAM=a page.html"], "-m scripts.adopt a page.html"),
        ([], "-m scripts.adopt"),
    ],
)
def test_adopting_ends_with_the_mirror(project: Path, given: list[str], passed_on: str) -> None:
    (project / ".venv" / ".ready").touch()

    assert make(project, "adopt", *given).stdout.splitlines() == [passed_on, "-m scripts.mirror"]


@pytest.mark.parametrize(("status", "mirrored"), [(0, True), (1, True), (2, False)])
def test_adopt_fails_as_its_program_does(project: Path, status: int, mirrored: bool) -> None:
    (project / ".venv" / ".ready").touch()
    script(project / ".venv" / "bin" / "python", f'echo "$@"; test $2 != scripts.adopt || exit {status}')

    done = make(project, "adopt")

    assert (done.returncode == 0) == (status == 0)
    assert ("-m scripts.mirror\n" in done.stdout) == mirrored


@pytest.mark.parametrize("status", [0, 1, 2])
@pytest.mark.parametrize("goal", ["drift", "drift-live"])
def test_drift_ends_with_its_own_status(project: Path, goal: str, status: int) -> None:
    """Also while it sets itself up, and whatever was the status before."""
    script(project / ".venv" / "bin" / "python", f'echo "$@"; exit {status}')
    for _ in range(2):
        done = make(project, goal, "PYTHON=./new")
        assert done.returncode == status
        assert "-m scripts.drift" in done.stdout
        assert "No rule" not in done.stderr


def test_other_goals_beside_drift_are_made(project: Path) -> None:
    (project / ".venv" / ".ready").touch()

    assert make(project, "drift", "test").stdout.splitlines() == [
        "-m scripts.drift",
        "-m pytest -n 4 --dist worksteal",
    ]
