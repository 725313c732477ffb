"""The programs on the pages run, links lead somewhere, and what is named is there."""

import builtins
import configparser
import inspect
import json
import re
import shlex
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from vbc_call_recording import CallRecordingClient, CallRecordingError
from vbc_call_recording_archive.cli.group import group
from vbc_call_recording_sandbox import Recording, Sandbox

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
README, GUIDE = ROOT / "README.md", ROOT / "docs" / "guide.md"
PAGES = (
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")),
    ROOT / "benchmarks" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
)
# The others are for people with a checkout. Their commands change it, or take minutes.
CHECKOUT = {"CONTRIBUTING.md", "benchmarks/README.md"}
USERS_PAGES = [page for page in PAGES if page.relative_to(ROOT).as_posix() not in CHECKOUT]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


class Block(NamedTuple):
    """Some code on a page. `reason` says why no test runs it; `language` is empty where it is not fenced."""

    page: Path
    line: int
    language: str
    reason: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.name}-{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    lines = page.read_text("utf-8").splitlines()
    number = 0
    while number < len(lines):
        line = lines[number]
        if line.startswith("```"):
            end = lines.index("```", number + 1)
            why = re.fullmatch(r"\s*<!-- not run: (.{10,}) -->", lines[number - 1])
            text = "\n".join(lines[number + 1 : end])
            yield Block(page, number + 1, line.removeprefix("```"), why[1] if why else "", text)
            number = end
        elif line.startswith("    ") and not lines[number - 1].strip():
            yield Block(page, number + 1, "", "", line)
        number += 1


BLOCKS = [block for page in PAGES for block in blocks(page)]
PYTHON = [block for block in BLOCKS if block.language == "python"]
PROGRAMS = [block for block in PYTHON if "def test_" not in block.text]
TESTS = [
    (block, name) for block in PYTHON for name in re.findall(r"^def (test_\w+)", block.text, re.MULTILINE)
]
COMMANDS = [block for block in BLOCKS if block.language in ("sh", "console")]
# These are run by tests/archive, with a vendor that has what they need.
ELSEWHERE = {ROOT / "docs" / "archive.md", ROOT / "docs" / "operations.md"}
SESSIONS = sorted({block.page for block in COMMANDS if block.language == "console"} - ELSEWHERE)
DATA = {"", "text", "toml", "yaml", "json", "ini", "crontab"}
READERS: dict[str, Callable[[str], object]] = {
    "toml": tomllib.loads,
    "yaml": YAML(typ="safe").load,
    "json": json.loads,
    "ini": configparser.ConfigParser(strict=False, interpolation=None).read_string,
}


@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_it_runs(program: Block, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = sandbox.credentials
    sandbox.quirks.exports.statuses = ("complete",)  # nobody needs to wait for an export here
    text = program.text
    for sample, real in {
        '"jane.doe", "password"': f"{given.username!r}, {given.password!r}",
        'client_id="…", client_secret="…"': f"client_id={given.client_id!r}, "
        f"client_secret={given.client_secret!r}, token_url={sandbox.token_url!r}",
        'client_secret=os.environ["VBC_CLIENT_SECRET"]': f"client_secret={given.client_secret!r}, "
        f"token_url={sandbox.token_url!r}",
        "CallRecordingClient(auth=": f"CallRecordingClient(base_url={sandbox.base_url!r}, auth=",
        "2026-11-01": "2024-12-30",
    }.items():
        text = text.replace(sample, real)
    monkeypatch.chdir(tmp_path)
    Path("access-token.txt").write_text(sandbox.tokens.issue()["access_token"] + "\n")
    monkeypatch.setattr(builtins, "input", lambda prompt: signed_in(prompt, sandbox))
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)

    exec(compile(text, str(program), "exec"), {"__name__": "__main__"})


def signed_in(prompt: str, sandbox: Sandbox) -> str:
    """Where a browser ends up that is sent to the sign-in page in the prompt; "no" to another question."""
    page = next(iter(re.findall(r"https://\S+", prompt)), None)
    if page is None:
        return "no"
    answer = httpx.get(f"{sandbox.token_url.removesuffix('token')}authorize?{urlsplit(page).query}")
    return answer.headers["Location"]


@pytest.mark.parametrize(("block", "name"), TESTS, ids=str)
def test_its_test_passes(
    block: Block, name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the fixtures it asks for, and a sandbox of its own if a marker says so."""
    names: dict[str, object] = {"__name__": "test_of_a_page"}
    exec(compile(block.text, str(block), "exec"), names)
    test = names[name]
    assert callable(test)
    for marker in getattr(test, "pytestmark", []):
        request.applymarker(getattr(pytest.mark, marker.name)(*marker.args, **marker.kwargs))

    test(**{argument: request.getfixturevalue(argument) for argument in inspect.signature(test).parameters})


@pytest.mark.parametrize("page", SESSIONS, ids=lambda page: page.name)
def test_its_sessions_run(
    page: Path, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All commands of a page, in its order. The vendor has two calls of yesterday: old ones cost time."""
    yesterday = datetime.now(UTC) - timedelta(days=1)
    sandbox.store.replace(Recording(id=number, start=yesterday) for number in (1, 2))
    sandbox.quirks.exports.statuses = ("complete",)
    monkeypatch.chdir(tmp_path)
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    for block in blocks(page):
        lines = block.text.splitlines() if block.language == "console" else []
        for line in (line for line in lines if line.startswith("$ ")):
            program, *arguments = shlex.split(line[2:].replace("/srv/", f"{tmp_path}/"))
            assert program == "vbc-recordings"
            done = CliRunner().invoke(group, arguments)
            assert done.exit_code == 0, f"{line}\n{done.output}"


@pytest.mark.parametrize("page", USERS_PAGES, ids=lambda page: page.name)
def test_no_code_on_it_escapes(page: Path) -> None:
    """Python and console sessions are run. Any other command says why it is not."""
    command = r"\s*(\$ |make |pip |python |vbc-recordings |curl |docker |git |pytest |cd |export )"
    escaped = [
        str(block)
        for block in blocks(page)
        if block.language not in ("python", "console")
        and not block.reason
        and (block.language not in DATA or re.match(command, block.text))
    ]

    assert escaped == []


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.language in READERS], ids=str)
def test_its_data_can_be_read(block: Block) -> None:
    READERS[block.language](block.text)


@pytest.mark.parametrize("page", [README, GUIDE], ids=lambda page: page.name)
def test_little_on_it_is_not_run(page: Path) -> None:
    assert len([block for block in blocks(page) if block.reason]) <= 2


def test_what_is_shown_of_a_file_is_the_file() -> None:
    shown = [
        (named[1], block.text)
        for page in PAGES
        for block in blocks(page)
        if (
            named := re.fullmatch(
                r"<!-- file: (\S+) -->", page.read_text("utf-8").splitlines()[block.line - 2]
            )
        )
    ]

    assert shown
    for name, text in shown:
        assert text == (ROOT / name).read_text("utf-8").rstrip("\n"), name


@pytest.mark.parametrize("block", COMMANDS, ids=str)
def test_its_commands_exist(block: Block) -> None:
    """Whether or not they can be run here."""
    extras = re.findall(r"^(\w+) = \[", (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    for line in block.text.splitlines():
        for goal in re.findall(r"^make ([a-z -]+)", line.partition("#")[0]):
            for target in goal.split():
                assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), line
        for module in re.findall(r"python -m ((?:scripts|vbc)[\w.]*)", line):
            folders = [ROOT, ROOT / "overlays"]
            assert any(
                (folder / module.replace(".", "/")).with_suffix(".py").exists()
                or (folder / module.replace(".", "/") / "__main__.py").exists()
                for folder in folders
            ), line
        for extra in re.findall(r"vbc-call-recording\[(\w+)\]", line):
            assert extra in extras, line


def tree_map() -> str:
    return next(block.text for block in blocks(README) if block.language == "text")


def test_the_readme_s_map_is_that_of_the_tree() -> None:
    """Everything on it is there, and every room of the packages that have rooms is on it."""
    found: list[Path] = []
    above: list[str] = []
    for line in tree_map().splitlines():
        name = line.split()[0]
        depth = (len(line) - len(line.lstrip())) // 2
        above[depth:] = [name]
        found.append(ROOT.joinpath(*above))

    assert [path for path in found if not path.exists()] == []
    for package in sorted((ROOT / "overlays").iterdir()):
        rooms = {path for path in package.iterdir() if (path / "__init__.py").exists()}
        assert (package in found and rooms <= set(found)) or package.name == "__pycache__", package


def anchors(page: Path) -> set[str]:
    """Of its headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_its_links_lead_somewhere(page: Path) -> None:
    astray: list[str] = []
    for link in re.findall(r"\]\((?!http)([^)\s]+)\)", page.read_text("utf-8")):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            astray.append(link)

    assert astray == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_files_it_names_are_there(page: Path) -> None:
    folders = "overlays|scripts|tests|docs|examples|benchmarks|generated"
    named = re.findall(rf"`((?:{folders})/[\w./-]+)`", page.read_text("utf-8"))

    assert [name for name in named if not (ROOT / name).exists()] == []


# What the first hour says of each failure: what went wrong, and words of its row.
FAILURES = (
    (
        {"VBC_PASSWORD": "wrong"},
        "",
        ("AuthenticationError", "invalid_grant", "check username, password, client id"),
    ),
    (
        {"VBC_USERNAME": "jane.api"},
        "",
        ("AuthenticationError", "a login of the developer portal (….api) gets no tokens"),
    ),
    ({"VBC_CLIENT_SECRET": "wrong"}, "", ("AuthenticationError", "invalid_client")),
    ({"VBC_CLIENT_SECRET": ""}, "", ("ConfigurationError", "not set: VBC_CLIENT_SECRET; accepted: ")),
    ({}, "no-permission", ("PermissionDeniedError", "the user lacks the Company Call Recording permission")),
    (
        {},
        "not-subscribed",
        ("PermissionDeniedError", "900908", "the application is not subscribed to the Call Recording"),
    ),
    ({}, "too-many", ("RateLimitError", "429")),
)


@pytest.mark.parametrize(("changed", "fault", "words"), FAILURES, ids=lambda value: str(value)[:40])
def test_the_first_hour_shows_what_is_seen(
    changed: dict[str, str], fault: str, words: tuple[str, ...], sandbox: Sandbox
) -> None:
    rows = (ROOT / "docs/tutorials/first-hour.md").read_text("utf-8").splitlines()
    assert any(all(word in row for word in words) for row in rows), "the page says it otherwise"
    if fault:
        sandbox.faults.play(fault)

    def list_one() -> None:
        with CallRecordingClient.from_env({**sandbox.environment, **changed}, quota_wait=0) as client:
            list(client.company_recordings.list(limit=1))

    with pytest.raises(CallRecordingError) as caught:
        list_one()

    seen = f"{type(caught.value).__name__} {caught.value}"
    assert [word for word in words if word not in seen] == []
