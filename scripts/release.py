"""Makes a release: `make release VERSION=1.2.3`.

It refuses unless the tree is clean and on main, the version is the next one, CHANGELOG.md says under
[Unreleased] what is new, and no deprecated name is past its last day. Then it writes the version and the
changelog's heading, commits both, and makes an annotated tag. It pushes nothing: `git push --follow-tags`
starts release.yml, which tests, builds and publishes.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VERSION_FILE = Path("overlays/vbc_call_recording/_version.py")
CHANGELOG = Path("CHANGELOG.md")
UNRELEASED = "## [Unreleased]\n"
BREAKS = "### What breaks"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("version", help="such as 1.2.3")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args()
    root: Path = options.root
    reasons = list(obstacles(root, options.version))
    for reason in reasons:
        print(f"release: {reason}", file=sys.stderr)
    if reasons:
        return 1
    write(root, options.version, datetime.now(UTC).date())
    title = f"Release {options.version}"
    git(root, "commit", "--quiet", "--message", title, "--", str(VERSION_FILE), str(CHANGELOG))
    git(root, "tag", "--annotate", f"v{options.version}", "--message", title)
    print(f"v{options.version} is tagged. Look at it (git show), then: git push --follow-tags")
    return 0


def obstacles(root: Path, version: str) -> Iterator[str]:
    """Why there can be no release now."""
    now = current(root)
    if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", version):
        yield f"the version is {version!r}; accepted: three numbers, such as {successors(now)[0]}"
    elif version not in successors(now):
        yield f"the version is {version}, after {now}; accepted: {', '.join(successors(now))}"
    branch = git(root, "branch", "--show-current")
    if branch != "main":
        yield f"this is branch {branch or 'none'!r}; releases are made on main"
    if git(root, "status", "--porcelain"):
        yield "there are changes that are not committed"
    if git(root, "tag", "--list", f"v{version}"):
        yield f"there is a tag v{version} already"
    told = news((root / CHANGELOG).read_text("utf-8"))
    if not told:
        yield f"{CHANGELOG} says nothing under [Unreleased]"
    if BREAKS in told and version == successors(now)[0]:
        yield f"{CHANGELOG} says that something breaks; accepted: {', '.join(successors(now)[1:])}"
    yield from overdue((root / "docs" / "versions.md").read_text("utf-8"), datetime.now(UTC).date())


def current(root: Path) -> str:
    found = re.search(r'__version__ = "(.+)"', (root / VERSION_FILE).read_text("utf-8"))
    assert found, f"{VERSION_FILE} has no __version__"
    return found[1]


def successors(version: str) -> tuple[str, str, str]:
    """What may come after a version: a fix, something new, something that breaks."""
    major, minor, patch = map(int, re.findall(r"\d+", version)[:3])
    return f"{major}.{minor}.{patch + 1}", f"{major}.{minor + 1}.0", f"{major + 1}.0.0"


def news(changelog: str) -> str:
    """What stands under [Unreleased]."""
    _, heading, rest = changelog.partition(UNRELEASED)
    return re.split(r"^## ", rest, maxsplit=1, flags=re.MULTILINE)[0].strip() if heading else ""


def overdue(versions: str, today: date) -> Iterator[str]:
    """Deprecated names that were to be gone by now, by the table in docs/versions.md."""
    for name, day in re.findall(r"^\| `(.+?)` \|.*\| (\d{4}-\d\d-\d\d) \|$", versions, re.MULTILINE):
        if date.fromisoformat(day) < today:
            yield f"{name} was to be removed on {day}: remove it, or give it more time in docs/versions.md"


def write(root: Path, version: str, today: date) -> None:
    path = root / VERSION_FILE
    text = re.sub(r'(__version__ = )".+"', rf'\1"{version}"', path.read_text("utf-8"))
    path.write_text(text, "utf-8")
    changelog = (root / CHANGELOG).read_text("utf-8")
    dated = changelog.replace(UNRELEASED, f"{UNRELEASED}\n## [{version}] - {today:%Y-%m-%d}\n", 1)
    (root / CHANGELOG).write_text(dated, "utf-8")


def git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
