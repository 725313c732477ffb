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
    assert second.stdout == "-m pytest -n 6 --dist worksteal\n"
    assert second.stderr.startswith("This takes about three minutes")


@pytest.mark.parametrize("python", ["./old", "./nowhere", ""])
def test_what_python_it_takes_is_said(project: Path, python: str) -> None:
    script(project / "old", "exit 1")

    failed = make(project, "test", f"PYTHON={python}")

    assert failed.returncode != 0
    assert failed.stderr.startswith("This needs Python 3.11 or newer")
    assert not (project / ".venv" / ".ready").exists()


def only(project: Path, *programs: str) -> str:
    """A PATH with nothing on it but what make needs, and these interpreters."""
    folder = project / "path"
    folder.mkdir()
    for program in ("make", "sh", "touch"):
        found = shutil.which(program)
        assert found
        (folder / program).symlink_to(found)
    for program in programs:
        shutil.copy(project / "new", folder / program)
    return str(folder)


@pytest.mark.parametrize("name", ["python3.11", "python3.14", "python3", "python"])
def test_a_python_that_is_new_enough_is_found_by_its_name(project: Path, name: str) -> None:
    path = only(project, name)
    script(project / "path" / "python3.12", "exit 1")  # as a shim of pyenv, with nothing behind it

    done = make(project, "test", path=path)

    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "-m pytest -n 6 --dist worksteal")


def test_without_any_new_python_it_says_which_one_is_here(project: Path) -> None:
    path = only(project)
    assert "python3 is here: not installed." in make(project, "test", path=path).stderr

    script(project / "path" / "python3", 'test "$1" = --version && echo Python 3.9.2')
    failed = make(project, "test", path=path)

    assert failed.stderr.startswith("This needs Python 3.11 or newer. python3 is here: Python 3.9.2.")
    assert not (project / ".venv" / ".ready").exists()


def test_a_python_without_venv_is_told_what_to_install(project: Path) -> None:
    """As Debian's python3 is without python3-venv."""
    script(project / "new", 'case "$2" in *ensurepip*) exit 1;; esac; echo "$@"')

    failed = make(project, "test", "PYTHON=./new")

    assert failed.returncode != 0
    assert failed.stderr.startswith("./new cannot make environments")
    assert "apt install python3-venv" in failed.stderr
    assert "-m venv" not in failed.stdout, "nothing is begun"


def test_pip_that_fails_is_tried_again_by_the_next_make(project: Path) -> None:
    script(project / ".venv" / "bin" / "pip", "echo no index >&2; exit 1")
    failed = make(project, "test", "PYTHON=./new")
    assert failed.stderr.splitlines()[1:3] == [
        "no index",
        "Setting up .venv failed: pip says why above. It needs the package index. make tries again.",
    ]

    script(project / ".venv" / "bin" / "pip", 'echo "$@"')
    assert "--editable .[dev]" in make(project, "test", "PYTHON=./new").stdout


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
        "-m pytest -n 6 --dist worksteal",
    ]
