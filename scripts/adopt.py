"""Write upstream's changes into openapi.yaml, regenerate, and say what is left to be decided by hand.

Only additive changes are written unless --breaking is given. Comments, order and shared components stay; what
cannot be written for sure is not touched.
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
from scripts.drift.compare.accepted import Acceptance, judge, load_acceptances
from scripts.drift.compare.differences import Change, compare
from scripts.drift.facts import Facts, NotUnderstood
from scripts.drift.generated import ROOT
from scripts.drift.sources.document import read_document
from scripts.drift.sources.reading import Unreachable, fetch, parse, read_upstream

GENERATE = ("scripts.generate",)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.adopt",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("upstream", metavar="FILE|URL", help="an OpenAPI document, or the docs page")
    parser.add_argument("--breaking", action="store_true", help="write all changes, not only additive ones")
    parser.add_argument("--no-generate", action="store_true", help="leave generated/ as it is")
    parser.add_argument("--spec", type=Path, default=ROOT / "openapi.yaml", help="default: openapi.yaml")
    parser.add_argument("--accept", type=Path, default=ROOT / "drift-accept.yaml", help=argparse.SUPPRESS)
    options = parser.parse_args()
    try:
        adoption = run(options)
    except (NotUnderstood, Unreachable, Refused) as error:
        print(f"adopt: nothing written: {error}", file=sys.stderr)
        return 2
    except Exception:  # noqa: BLE001 - Python would exit with 1, which here means that something is left
        traceback.print_exc()
        return 2
    print(account(adoption))
    return 1 if adoption.left else 0


def run(options: argparse.Namespace) -> Adoption:
    """Adopts, writes and generates. Raises NotUnderstood, Unreachable or Refused; then nothing is written."""
    spec: Path = options.spec
    text = spec.read_text(encoding="utf-8")
    theirs = read_upstream(fetch(options.upstream), read_document(parse(text)))
    drift = partial(drift_between, acceptances=load_acceptances(options.accept))
    adoption = adopt(text, theirs, drift, breaking=options.breaking)
    if adoption.written:
        spec.write_text(adoption.text, encoding="utf-8")
        if not options.no_generate and not generate(spec):
            spec.write_text(text, encoding="utf-8")
            raise Refused("what upstream says cannot be generated")
    return adoption


def generate(spec: Path) -> bool:
    command = [sys.executable, "-m", *GENERATE, "--spec", str(spec.absolute())]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def drift_between(ours: Facts, theirs: Facts, acceptances: list[Acceptance]) -> list[Change]:
    today = datetime.now(UTC).date()
    return judge(compare(ours, theirs), ours, theirs, acceptances, today).drift


def account(adoption: Adoption) -> str:
    """What was done and what is left, for people."""
    lines = [f"written: {change.text}" for change in adoption.written]
    for reason in dict.fromkeys(reason for _, reason in adoption.left):
        lines.append(f"left, because {reason}:")
        lines += [f"         {change.text}" for change, why in adoption.left if why == reason]
    lines += [f"look at: {advice}" for advice in adoption.advice]
    return "\n".join(lines or ["openapi.yaml already says all of this"])


if __name__ == "__main__":
    sys.exit(main())
