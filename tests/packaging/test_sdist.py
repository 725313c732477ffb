"""The sdist holds all that is under version control: so its tests find what they read."""

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
NEEDED = {"drift-accept.yaml", ".github/workflows/drift.yml", ".ci/run", "constraints.txt", "Makefile"}


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("sdist")
    command = [sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, stdout=subprocess.PIPE)
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        return {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}


def test_what_the_tests_read_is_there(names: set[str]) -> None:
    assert names >= NEEDED


def test_nothing_under_version_control_is_missing(names: set[str]) -> None:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip("not a checkout of the repository")
    tracked = {name for name in done.stdout.split("\0") if name and (ROOT / name).exists()}
    assert sorted(tracked - names) == []


def test_nothing_else_is_there(names: set[str]) -> None:
    assert not [
        name for name in names if "__pycache__" in name or name.startswith((".venv", "dist", ".git/"))
    ]
