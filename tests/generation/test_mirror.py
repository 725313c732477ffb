"""scripts/mirror: the sync trees follow from the async ones, and a check that can fail."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name in ("scripts", "overlays", "tests", "generated"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def mirror(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scripts.mirror", *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


def sync_files(project: Path) -> dict[str, bytes]:
    return {str(path.relative_to(project)): path.read_bytes() for path in project.rglob("_sync/*.py")}


def test_it_writes_the_committed_bytes(project: Path) -> None:
    committed = sync_files(project)

    assert mirror(project).returncode == 0

    assert sync_files(project) == committed
    assert mirror(project, "--check").returncode == 0


def test_the_check_names_files_that_are_stale_edited_or_left_over(project: Path) -> None:
    folder = project / "overlays" / "vbc_call_recording" / "_sync"
    (folder / "wire.py").write_text("# edited\n")
    (folder / "stray.py").touch()
    (folder / "client.py").unlink()
    source = project / "overlays" / "vbc_call_recording" / "_async" / "export.py"
    source.write_text(source.read_text().replace("DEFAULT_WAIT = 3600.0", "DEFAULT_WAIT = 60.0"))

    checked = mirror(project, "--check")

    assert checked.returncode == 1
    for name in ("wire.py", "stray.py", "client.py", "export.py"):
        assert f"overlays/vbc_call_recording/_sync/{name}" in checked.stdout


def test_a_rule_nothing_needs_any_more_is_an_error(project: Path) -> None:
    script = project / "scripts" / "mirror.py"
    script.write_text(script.read_text().replace("RULES = {", 'RULES = {\n    "aque" + "duct": "duct",'))

    checked = mirror(project, "--check")

    assert checked.returncode == 2
    assert "aque" + "duct" in checked.stderr


@pytest.mark.parametrize("arguments", [(), ("--check",)])
def test_a_syntax_error_in_a_source_is_shown(project: Path, arguments: tuple[str, ...]) -> None:
    source = project / "overlays" / "vbc_call_recording" / "_async" / "wire.py"
    source.write_text(source.read_text() + "\ndef broken(:\n")
    committed = sync_files(project)

    failed = mirror(project, *arguments)

    assert failed.returncode == 2
    assert failed.stderr.startswith("mirror: overlays/vbc_call_recording/_async/wire.py is not Python:\n")
    assert "| def broken(:" in failed.stderr
    assert f"_async/wire.py:{source.read_text().count(chr(10))}:" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert sync_files(project) == committed


@pytest.mark.parametrize("folder", ["overlays/vbc_call_recording/_sync", "tests/_sync"])
def test_nothing_in_the_mirror_awaits(folder: str) -> None:
    waiting = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)
    for path in (ROOT / folder).glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        assert not [node for node in ast.walk(tree) if isinstance(node, waiting)], path
