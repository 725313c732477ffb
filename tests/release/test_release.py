"""`make release` in a repository of its own, and what the workflows may do."""

import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from scripts import outside, release
from scripts.release import CHANGELOG, VERSION_FILE

pytestmark = pytest.mark.slow

NEWS = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- Something.\n\n## [0.1.0]\n\nThe first.\n"
VERSIONS = Path("docs/versions.md")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "Somebody")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "somebody@example.org")
    texts = {
        VERSION_FILE: '__version__ = "0.1.0"\n',
        CHANGELOG: NEWS,
        VERSIONS: "| name | since | use | last day |\n",
    }
    for path, text in texts.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    release.git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    commit(tmp_path)
    return tmp_path


def commit(repository: Path) -> None:
    release.git(repository, "add", "--all")
    release.git(repository, "commit", "--quiet", "--message", "Something")


def run(monkeypatch: pytest.MonkeyPatch, repository: Path, version: str) -> int:
    monkeypatch.setattr(sys, "argv", ["release", version, "--root", str(repository)])
    return release.main()


def test_it_sets_version_and_heading_and_makes_the_tag(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, repository, "0.2.0") == 0

    assert (repository / VERSION_FILE).read_text() == '__version__ = "0.2.0"\n'
    heading = f"## [Unreleased]\n\n## [0.2.0] - {datetime.now(UTC):%Y-%m-%d}\n\n### Added\n\n- Something.\n"
    assert heading in (repository / CHANGELOG).read_text()
    assert release.git(repository, "status", "--porcelain") == ""
    assert release.git(repository, "cat-file", "-t", "v0.2.0") == "tag"
    assert release.git(repository, "rev-parse", "v0.2.0^{commit}") == release.git(
        repository, "rev-parse", "HEAD"
    )
    assert "git push --follow-tags" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("0.1.0", "after 0.1.0; accepted: 0.1.1, 0.2.0, 1.0.0"),
        ("0.3.0", "after 0.1.0; accepted"),
        ("0.2", "three numbers, such as 0.1.1"),
        ("v0.2.0", "three numbers"),
        ("", "three numbers"),
    ],
)
def test_a_version_that_is_not_the_next_is_refused(repository: Path, version: str, reason: str) -> None:
    assert reason in "\n".join(release.obstacles(repository, version))


@pytest.mark.parametrize(
    ("path", "text", "committed", "version", "reason"),
    [
        (CHANGELOG, NEWS + "\n", False, "0.2.0", "not committed"),
        (Path("new.txt"), "", False, "0.2.0", "not committed"),
        (CHANGELOG, NEWS.replace("### Added\n\n- Something.\n\n", ""), True, "0.2.0", "says nothing under"),
        (CHANGELOG, "# Changelog\n", True, "0.2.0", "says nothing under"),
        (
            CHANGELOG,
            NEWS.replace("Added", "What breaks for users of 0.1.0"),
            True,
            "0.1.1",
            "breaks; accepted: 0.2.0, 1.0.0",
        ),
        (VERSIONS, "| `old()` | 0.1.0 | `new()` | 2026-01-31 |\n", True, "0.2.0", "old() was to be removed"),
    ],
)
def test_what_is_not_ready_is_refused(
    repository: Path, path: Path, text: str, committed: bool, version: str, reason: str
) -> None:
    assert list(release.obstacles(repository, version if committed else "0.2.0")) == []  # before
    (repository / path).write_text(text)
    if committed:
        commit(repository)

    (told,) = release.obstacles(repository, version)
    assert reason in told


def test_another_branch_and_a_used_tag_are_refused(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    release.git(repository, "tag", "v0.2.0")
    release.git(repository, "switch", "--quiet", "--create", "feature")
    before = release.git(repository, "rev-parse", "HEAD")

    assert run(monkeypatch, repository, "0.2.0") == 1

    said = capsys.readouterr().err
    assert "this is branch 'feature'" in said
    assert "a tag v0.2.0 already" in said
    assert release.git(repository, "rev-parse", "HEAD") == before, "nothing was done"


def test_a_deprecated_name_may_stay_until_its_last_day() -> None:
    row = "| `old()` | 0.1.0 | `new()` | 2027-06-30 |"

    assert list(release.overdue(row, datetime(2027, 6, 30, tzinfo=UTC).date())) == []
    assert len(list(release.overdue(row, datetime(2027, 7, 1, tzinfo=UTC).date()))) == 1


def test_make_says_what_it_wants() -> None:
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(["make", "-n", "release"], cwd=root, capture_output=True, text=True, check=False)
    assert "VERSION=x.y.z" in done.stdout + done.stderr


WORKFLOWS = Path(__file__).resolve().parents[2] / ".github" / "workflows"


@pytest.mark.parametrize("workflow", sorted(WORKFLOWS.glob("*.yml")), ids=lambda path: path.name)
def test_workflows_may_do_little_and_use_exactly_what_was_looked_at(workflow: Path) -> None:
    told = YAML(typ="safe", pure=True).load(workflow.read_text("utf-8"))

    assert told["permissions"]["contents"] == "read"
    steps = [step for job in told["jobs"].values() for step in job["steps"]]
    used = [step["uses"] for step in steps if "uses" in step]
    assert [name for name in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", name)] == []
    for step in steps:
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False
        assert "${{" not in step.get("run", ""), "what others may have written is passed as a variable"


def test_only_the_job_that_publishes_gets_a_token() -> None:
    told = YAML(typ="safe", pure=True).load((WORKFLOWS / "release.yml").read_text("utf-8"))

    assert {name for name, job in told["jobs"].items() if "permissions" in job} == {"publish"}
    assert told["jobs"]["publish"]["permissions"] == {"id-token": "write"}
    assert told["jobs"]["publish"]["needs"] == "outside"
    assert told["jobs"]["publish"]["environment"] == "pypi"


@pytest.mark.parametrize(
    ("versions", "status"), [({"1.2.3"}, 0), ({"1.2.4"}, 1), ({"1.2.3", "1.2.4"}, 1), (set[str](), 1)]
)
@pytest.mark.parametrize(
    "name", ["vbc_call_recording-1.2.3.tar.gz", "vbc_call_recording-1.2.3-py3-none-any.whl"]
)
def test_a_file_that_tells_another_version_is_refused(
    name: str, versions: set[str], status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).touch()
    monkeypatch.setattr(outside, "tried", lambda *_: versions)
    monkeypatch.setattr(sys, "argv", ["outside", str(tmp_path / name)])

    assert outside.main() == status
