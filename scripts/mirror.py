"""Write the sync mirror of everything that awaits, or with --check say whether it is fresh.

`_async` folders are the source; `_sync` folders beside them are written from these by replacing words.
Exit status: 0 done or fresh, 1 stale, 2 a rule is used nowhere or a source is not Python.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = (ROOT / "overlays" / "vbc_call_recording" / "_async", ROOT / "tests" / "_async")
TIDYING = (("check", "--quiet", "--select", "I", "--fix"), ("format", "--quiet"))
HEADER = "# Written by scripts/mirror from {source}.\n# Change that file and run `make generate`.\n"

# In this order: what a rule has replaced, a later one sees.
RULES = {
    r"^ *@pytest\.mark\.anyio\n": "",
    r"\basync (def|for|with)\b": r"\1",
    r"\bawait\s+": "",
    r"\bAsyncByteStream\b": "SyncByteStream",
    r"\bAsync(?=[A-Z])": "",
    r"\basync_(?=[a-z])": "",
    r"\basyncio_detailed\b": "sync_detailed",
    r"(?<=[gs]et_)async_(?=httpx_client\b)": "",
    r"\bhandle_async_request\b": "handle_request",
    r"\b__a(?=(enter|exit|iter|next)__)": "__",
    r"\ba(?=(close|read|iter_bytes|iter_raw)\b)": "",
}


class NotPython(Exception):  # noqa: N818 - says what is the matter with the source
    """What a source is turned into cannot be parsed, in ruff's words."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a mirror is stale")
    options = parser.parse_args()
    used: Counter[str] = Counter()
    try:
        texts = {path: mirrored(path, used) for source in SOURCES for path in sorted(source.rglob("*.py"))}
        wanted = {mirror_of(source): text for source, text in tidied(texts).items()}
    except NotPython as error:
        print(f"mirror: {error}", file=sys.stderr)
        return 2
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text]
    extra = [path for source in SOURCES for path in mirror_of(source).rglob("*.py") if path not in wanted]
    if not options.check:
        return write(wanted, extra)
    unused = [rule for rule in RULES if not used[rule]]
    if unused:
        print(f"mirror: rules used nowhere: {unused}", file=sys.stderr)
        return 2
    return report(stale + extra)


def mirror_of(source: Path) -> Path:
    """The file that is written from it, or the folder."""
    parts = source.relative_to(ROOT).parts
    return ROOT.joinpath(*("_sync" if part == "_async" else part for part in parts))


def mirrored(source: Path, used: Counter[str]) -> str:
    text = source.read_text("utf-8")
    for rule, replacement in RULES.items():
        text, count = re.subn(rule, replacement, text, flags=re.MULTILINE)
        used[rule] += count
    return text


def tidied(texts: dict[Path, str]) -> dict[Path, str]:
    """Formats them, by their sources: other words need other line breaks and another order of imports."""
    with tempfile.TemporaryDirectory() as folder:
        copies = {source: Path(folder) / source.relative_to(ROOT) for source in texts}
        for source, copy in copies.items():
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(texts[source], "utf-8")
        for arguments in TIDYING:
            if ruff(*arguments, "--no-cache", "--config", "pyproject.toml", folder).returncode != 0:
                raise NotPython(failure(texts))
        return {
            source: HEADER.format(source=source.relative_to(ROOT)) + copy.read_text("utf-8")
            for source, copy in copies.items()
        }


def failure(texts: dict[Path, str]) -> str:
    """What ruff says of the first that is not Python, with the name of its source."""
    for source, text in texts.items():
        name = str(source.relative_to(ROOT))
        done = ruff(*TIDYING[0], "--stdin-filename", name, "-", text=text)
        if done.returncode != 0:
            return f"{name} is not Python:\n{done.stderr.strip()}"
    raise AssertionError("each can be formatted by itself, but not all together")


def ruff(*arguments: str, text: str | None = None) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "ruff", *arguments]
    return subprocess.run(command, cwd=ROOT, input=text, capture_output=True, text=True, check=False)


def report(stale: list[Path]) -> int:
    for path in sorted(stale):
        print(f"stale or edited by hand: {path.relative_to(ROOT)}")
    if stale:
        print("run `make generate`; to change a mirrored file, change its source in _async")
    return 1 if stale else 0


def write(wanted: dict[Path, str], extra: list[Path]) -> int:
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    for path in extra:
        path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
