"""The public face as type checkers see it.

The programs beside this test are never run. They use everything `vbc_call_recording` exports, rightly, with
`assert_type`, and wrongly, with `type: ignore`: a wrong use that is accepted makes its comment an unused one,
and that is an error, too. Pyright goes through them in `make check`.
"""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import vbc_call_recording

pytestmark = pytest.mark.slow

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PROGRAMS = sorted(path for path in HERE.glob("*.py") if not path.name.startswith("test_"))
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


def mypy(*paths: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mypy", "--no-error-summary", *map(str, paths)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_mypy_agrees_with_every_line() -> None:
    checked = mypy(*PROGRAMS, *EXAMPLES)

    assert (checked.stdout, checked.stderr) == ("", "")
    assert len(PROGRAMS) >= 4


def test_a_wrong_use_that_is_accepted_does_not_go_unnoticed(tmp_path: Path) -> None:
    program = tmp_path / "accepted.py"
    program.write_text(
        "from vbc_call_recording import CallRecordingClient\n"
        "CallRecordingClient(auth='t')  # type: ignore[arg-type]\n"
    )

    assert "unused-ignore" in mypy(program).stdout


def test_the_programs_use_all_that_is_exported() -> None:
    used = {
        node.id
        for program in PROGRAMS
        for node in ast.walk(ast.parse(program.read_text("utf-8")))
        if isinstance(node, ast.Name)
    }

    assert set(vbc_call_recording.__all__) - used == set()
