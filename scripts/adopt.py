"""Write upstream's changes into openapi.yaml, regenerate, and say what is left to be decided by hand.

Only additive changes are written unless --breaking is given. Comments, order and shared components stay; what
cannot be written for sure is not touched.
Exit status: 0 nothing is left, 1 something is, 2 nothing could be written.
"""

import argparse
import subprocess
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from scripts.drift.accept import Acceptance, judge, load_acceptances
from scripts.drift.adoption import Adoption, Refused, adopt
from scripts.drift.compare import Change, compare
from scripts.drift.document import read_document
from scripts.drift.facts import Facts, NotUnderstood
from scripts.drift.generated import ROOT
from scripts.drift.source import Unreachable, fetch, parse, read_upstream


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
        adoption = run(options.spec, options.upstream, options.accept, breaking=options.breaking)
    except (NotUnderstood, Unreachable, Refused) as error:
        print(f"adopt: nothing written: {error}", file=sys.stderr)
        return 2
    print(account(adoption))
    if adoption.written and not options.no_generate:
        done = subprocess.run([sys.executable, "-m", "scripts.generate"], cwd=ROOT, check=False)
        if done.returncode:
            return 2
    return 1 if adoption.left else 0


def run(spec: Path, upstream: str, accept: Path, *, breaking: bool) -> Adoption:
    """Adopts and writes. Raises NotUnderstood, Unreachable or Refused; then nothing is written."""
    text = spec.read_text(encoding="utf-8")
    theirs = read_upstream(fetch(upstream), read_document(parse(text)))
    drift = partial(drift_between, acceptances=load_acceptances(accept))
    adoption = adopt(text, theirs, drift, breaking=breaking)
    if adoption.written:
        spec.write_text(adoption.text, encoding="utf-8")
    return adoption


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
