"""Write what is new upstream into openapi.yaml, regenerate, and say what is left to do by hand, step by step.

Comments, order, line ends and shared components stay; what cannot be written for sure is not touched.
Exit status: 0 nothing is left, 1 something is, 2 nothing could be written.
"""

import argparse
import subprocess
import sys
import traceback
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from scripts.drift.adopt.adoption import Adoption, Refused, adopt
from scripts.drift.adopt.checklist import SECTION, checklist
from scripts.drift.command import ROOT
from scripts.drift.compare.accepted import Acceptance, judge, load_acceptances
from scripts.drift.compare.differences import Change, compare
from scripts.drift.facts import Facts
from scripts.drift.sources.document import read_document
from scripts.drift.sources.reading import fetch, read_upstream
from scripts.spec import NotUnderstood, parse, read

GENERATE = ("scripts.generate",)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.adopt",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("upstream", metavar="FILE|URL", help="an OpenAPI document, or the docs page")
    parser.add_argument("--no-generate", action="store_true", help="leave generated/ as it is")
    parser.add_argument("--spec", type=Path, default=ROOT / "openapi.yaml", help="default: openapi.yaml")
    parser.add_argument("--accept", type=Path, default=ROOT / "drift-accept.yaml", help=argparse.SUPPRESS)
    options = parser.parse_args()
    try:
        adoption = run(options)
    except NotUnderstood as error:
        return nothing_written(error)
    except OSError as error:
        return nothing_written(f"{error.filename}: {error.strerror}")
    except KeyboardInterrupt:
        return nothing_written("interrupted")
    except Exception:  # noqa: BLE001 - Python would exit with 1, which here means that something is left
        traceback.print_exc()
        return 2
    print(account(adoption))
    return 1 if adoption.left else 0


def nothing_written(reason: object) -> int:
    print(f"adopt: nothing written: {reason}", file=sys.stderr)
    return 2


def run(options: argparse.Namespace) -> Adoption:
    """Adopts, writes and generates. Raises NotUnderstood; then nothing is written."""
    spec: Path = options.spec
    tree = read(spec)
    text = spec.read_bytes().decode()  # with the line ends it has
    theirs = read_upstream(fetch(options.upstream), read_document(tree))
    drift = partial(drift_between, acceptances=load_acceptances(options.accept))
    adoption = adopt(text, theirs, drift)
    if adoption.written:
        replace(spec, adoption.text)
        try:
            generated = options.no_generate or generate(spec)
        except BaseException:
            replace(spec, text)
            raise
        if not generated:
            replace(spec, text)
            raise Refused("what upstream says cannot be generated")
    return adoption


def replace(spec: Path, text: str) -> None:
    """Writes the file in one step, so that whoever reads it sees the old or the new one."""
    with spec.open("r+"):  # a file that may not be written is not replaced either
        fresh = spec.with_name(f".{spec.name}.new")
    fresh.write_bytes(text.encode())
    fresh.chmod(spec.stat().st_mode)
    fresh.replace(spec)


def generate(spec: Path) -> bool:
    command = [sys.executable, "-m", *GENERATE, "--spec", str(spec.absolute())]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def drift_between(ours: Facts, theirs: Facts, acceptances: list[Acceptance]) -> list[Change]:
    today = datetime.now(UTC).date()
    return judge(compare(ours, theirs), ours, theirs, acceptances, today).drift


def account(adoption: Adoption) -> str:
    """What was done, what is left, and what to do next, for people."""
    lines = [f"written: {change.text}" for change in adoption.written]
    for reason in dict.fromkeys(reason for _, reason in adoption.left):
        lines.append(f"left, because {reason}:")
        lines += [f"  {change.text}{at(change)}" for change, why in adoption.left if why == reason]
    steps = checklist(adoption.written, read_document(parse(adoption.text)), ROOT)
    if steps:
        lines += ["", f'Next, as CONTRIBUTING.md says under "{SECTION}":']
        lines += [f"  {number}. {step}" for number, step in enumerate(steps, 1)]
    return "\n".join(lines or ["openapi.yaml already has all that is new upstream"])


def at(change: Change) -> str:
    return f"  (openapi.yaml:{change.line})" if change.line else ""


if __name__ == "__main__":
    sys.exit(main())
