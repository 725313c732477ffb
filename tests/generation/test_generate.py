"""scripts/generate: the same bytes every time, everything or nothing, and a check that can fail."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from scripts import generate

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
COPY = generate.COPY.relative_to(ROOT)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what generation reads and writes, in a repository that ignores what it ignores."""
    (tmp_path / ".git").mkdir()
    for name in (".gitignore", "openapi.yaml", "generator-config.yaml", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("scripts", "generated"):
        shutil.copytree(ROOT / name, tmp_path / name)
    copy = tmp_path / COPY
    copy.parent.mkdir(parents=True)
    shutil.copy(generate.COPY, copy)
    return tmp_path


Ended = subprocess.CompletedProcess[str]
Run = Callable[..., Ended]


def start(project: Path, *arguments: str, seed: str = "0") -> Ended:
    return subprocess.run(
        [sys.executable, "-m", "scripts.generate", *arguments],
        cwd=project,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=False,
    )


SPEC = (ROOT / "openapi.yaml").read_text()


@cache
def committed_document() -> Any:
    return generate.read(ROOT / "openapi.yaml")


@pytest.fixture
def run(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The program in this process. It generates the same spec once only, and the committed one never."""
    real = generate.generate
    made = {SPEC: (ROOT / "generated" / generate.PACKAGE, committed_document)}

    def once(spec: Path, target: Path) -> Any:
        text = spec.read_text()
        if text not in made:
            document = real(spec, project / "kept")
            made[text] = (project / "kept", lambda: document)
        folder, document_of = made[text]
        shutil.copytree(folder, target)
        return deepcopy(document_of())

    places = {"ROOT": project, "TARGET": project / "generated", "COPY": project / COPY}
    for name, value in {**places, "generate": once}.items():
        monkeypatch.setattr(generate, name, value)

    def run(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["generate", *arguments])
        status = generate.main()
        return Ended(sys.argv, status, *capsys.readouterr())

    return run


def tree(project: Path) -> dict[str, bytes]:
    package = project / "generated"
    files = [path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return {str(path.relative_to(package)): path.read_bytes() for path in files}


def test_it_writes_the_committed_bytes_under_any_hash_seed(project: Path) -> None:
    committed = tree(project)

    written = start(project, seed="4711")

    assert (written.returncode, written.stdout) == (0, "")
    assert tree(project) == committed


def test_the_check_names_files_that_are_stale_edited_or_left_over_and_they_are_gone_then(
    project: Path,
    run: Run,
) -> None:
    committed = tree(project)
    package = project / "generated" / "vbc_call_recording_generated"
    (package / "models" / "link.py").write_text("# edited\n")
    (package / "models" / "stray.py").touch()
    (package / "py.typed").unlink()
    (project / "generated" / "other.py").touch()
    (project / ".new-abc").mkdir()

    checked = run("--check")

    assert checked.returncode == 1
    for name in ("models/link.py", "models/stray.py", "py.typed"):
        assert f"generated/vbc_call_recording_generated/{name}" in checked.stdout
    assert "stale or edited by hand: generated/other.py\n" in checked.stdout
    assert "\nstale: .new-abc/ is left of a run that was interrupted; `make clean`" in checked.stdout
    assert run().returncode == 0
    assert tree(project) == committed


def test_a_change_of_the_spec_makes_the_tree_stale(project: Path, run: Run) -> None:
    spec = project / "openapi.yaml"
    spec.write_text(spec.read_text().replace("name: cnam", "name: caller_name"))

    checked = run("--check")
    assert checked.returncode == 1
    assert "list_company_recordings.py" in checked.stdout
    assert str(COPY) in checked.stdout
    account = run().stdout
    assert '"caller_name"' in (project / COPY).read_text()
    assert run("--check").returncode == 0
    assert "removed  api.company_recordings.list_company_recordings(cnam)" in account


CANNOT_BE_GENERATED = {
    "a media type the generator does not know": (
        "application/json:",
        "application/x-unheard-of:",
        r"(GET|POST) \S+ cannot be generated: (Cannot parse|Unsupported) .*/x-unheard-of",
    ),
    "an unknown keyword": (
        "openapi: 3.0.3",
        "openapi: 3.0.3\nnonsense: true",
        r"openapi\.yaml:\d+: nonsense is not known in the document; accepted: components, ",
    ),
}


@pytest.mark.parametrize(
    ("old", "new", "message"), CANNOT_BE_GENERATED.values(), ids=CANNOT_BE_GENERATED.keys()
)
def test_what_cannot_be_generated_whole_leaves_the_old_tree(
    project: Path, run: Run, old: str, new: str, message: str
) -> None:
    spec = project / "openapi.yaml"
    assert old in spec.read_text()
    spec.write_text(spec.read_text().replace(old, new))
    committed = tree(project)

    failed = run()

    assert failed.returncode == 2
    assert re.search(message, failed.stderr.splitlines()[0])
    assert "Traceback" not in failed.stderr
    assert tree(project) == committed
    assert not list(project.glob(".new-*"))


def test_a_spec_that_is_not_there_is_named(project: Path) -> None:
    failed = start(project, "--check", "--spec", "nowhere.yaml")

    assert failed.returncode == 2
    assert failed.stderr.startswith("generate: nowhere.yaml: cannot be read: ")
    assert failed.stderr.count("\n") == 1


def test_the_check_writes_nothing(project: Path, run: Run) -> None:
    generated = project / "generated"
    before = (project.stat().st_mtime_ns, generated.stat().st_mtime_ns)

    checked = run("--check")

    assert (checked.returncode, checked.stderr) == (0, "")
    assert (project.stat().st_mtime_ns, generated.stat().st_mtime_ns) == before


def test_what_a_kill_leaves_behind_is_ignored_by_git() -> None:
    assert "/.new-*/" in (ROOT / ".gitignore").read_text().splitlines()
    assert generate.PREFIX == ".new-"


def test_a_kill_between_old_and_new_tree_is_named_by_the_check(project: Path, run: Run) -> None:
    (project / "generated").rename(project / ".new-abc")

    assert "stale or edited by hand: generated/vbc_call_recording_generated/client.py" in (
        run("--check").stdout
    )
    assert run().returncode == 0
    assert (project / "generated" / "vbc_call_recording_generated" / "client.py").exists()


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (
            PermissionError(13, "Permission denied", "generated"),
            "nothing written: generated: Permission denied",
        ),
        (KeyboardInterrupt(), "interrupted; `python -m scripts.generate --check` says what is stale"),
    ],
)
def test_what_stops_it_is_one_sentence(
    raised: BaseException, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise raised

    monkeypatch.setattr(generate, "generate", fail)
    monkeypatch.setattr(sys, "argv", ["generate", "--check"])

    assert generate.main() == 2
    assert capsys.readouterr().err == f"generate: {said}\n"


@pytest.mark.parametrize("damage", ["a conflict", "no api"])
def test_a_damaged_tree_is_repaired(project: Path, run: Run, damage: str) -> None:
    committed = tree(project)
    package = project / "generated" / "vbc_call_recording_generated"
    if damage == "no api":
        shutil.rmtree(package / "api")
    else:
        (package / "models" / "link.py").write_text("<<<<<<< HEAD\n")

    repaired = run()

    assert (repaired.returncode, repaired.stderr) == (0, "")
    assert repaired.stdout.startswith("no account of what has changed: the old tree was damaged: ")
    assert tree(project) == committed


def test_another_version_of_the_tools_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate.importlib.metadata, "version", lambda name: "0.0.1")

    with pytest.raises(generate.GenerationError, match=r"openapi-python-client 0\.29\.1, found 0\.0\.1"):
        generate.require_pinned_tools()


def test_missing_ruff_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    real = generate.importlib.metadata.version

    def without_ruff(name: str) -> str:
        if name == "ruff":
            raise generate.importlib.metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(generate.importlib.metadata, "version", without_ruff)

    with pytest.raises(generate.GenerationError, match=r"needs ruff .*, found none"):
        generate.require_pinned_tools()
