"""Compare openapi.yaml with what is generated from it, with what the vendor publishes, and with the live API.

Exit status: 0 nothing has drifted, 1 something has, at or above --fail-on, 2 something could not be compared.
"""

import argparse
import os
import subprocess
import sys
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from scripts.spec import NotUnderstood, read

from .compare.accepted import Acceptance, Verdict, judge, load_acceptances, sift
from .compare.differences import Finding, compare, not_compared
from .compare.severity import Severity
from .facts import Facts
from .report import FORMATS, Section, exit_status
from .sources.document import read_document
from .sources.reading import fetch, read_upstream

ROOT = Path(__file__).resolve().parents[2]
CHECKS = (("scripts.generate", "--check"), ("scripts.mirror", "--check"))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.upstream is not None and not options.upstream.strip():
        parser.error("nothing to compare with: --upstream is empty")
    if options.no_generated and options.upstream is None and not options.live:
        parser.error("nothing to compare: give --upstream or --live, or leave out --no-generated")
    try:
        sections = run(options, datetime.now(UTC).date())
    except Exception:  # noqa: BLE001 - Python would exit with 1, which here means drift
        traceback.print_exc()
        return 2
    print(FORMATS[options.format](sections))
    return exit_status(sections, Severity[options.fail_on.upper()])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.drift",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--no-generated", action="store_true", help="leave out whether the generated code is fresh")
    add("--upstream", metavar="FILE|URL", help="an OpenAPI document, or the docs page as text or HTML")
    add("--live", action="store_true", help="ask the API itself (VBC_* set), or else the sandbox")
    add("--format", choices=FORMATS, default="text", help="default: text")
    worst_first = [str(severity) for severity in reversed(Severity)]
    fail_on = "the mildest change to exit with 1 for; default: notice, that is, any"
    add("--fail-on", choices=worst_first, default="notice", help=fail_on)
    add("--spec", type=Path, default=ROOT / "openapi.yaml", help=argparse.SUPPRESS)
    add("--accept", type=Path, default=ROOT / "drift-accept.yaml", help=argparse.SUPPRESS)
    return parser


def run(options: argparse.Namespace, today: date) -> list[Section]:
    """Makes the comparisons asked for. One that cannot be made says so and does not stop the others."""
    try:
        ours = read_document(read(options.spec))
        acceptances = load_acceptances(options.accept)
    except NotUnderstood as error:
        return [Section("openapi.yaml and drift-accept.yaml", problem=str(error))]
    source = options.upstream
    comparisons: dict[str, Callable[[Section], None]] = {
        **({} if options.no_generated else {"the generated code": _generated}),
        **({} if source is None else {source: partial(_upstream, source, ours, acceptances, today)}),
        **({"the live API": partial(_live, ours, acceptances, today)} if options.live else {}),
    }
    sections = []
    for other, compare_with in comparisons.items():
        sections.append(section := Section(f"openapi.yaml and {other}"))
        try:
            compare_with(section)
        except NotUnderstood as error:
            section.problem = str(error) if error.line is None else error.of(other)
    return sections


def _generated(section: Section) -> None:
    section.findings = [Finding(Severity.BREAKING, "", line) for line in stale_files()]


def stale_files(checks: Sequence[Sequence[str]] = CHECKS) -> list[str]:
    """What the checks say of files that are not fresh. Raises NotUnderstood if a check could not be made."""
    stale: list[str] = []
    for check in checks:
        command = [sys.executable, "-m", *check]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        named = [line for line in done.stdout.splitlines() if line.startswith("stale")]
        # Python itself exits with 1 if a program crashes; then there is no file named.
        if done.returncode != 0 and not (done.returncode == 1 and named):
            raise NotUnderstood(f"{' '.join(check)} failed: {done.stderr.strip()}")
        stale += named
    return stale


def _upstream(source: str, ours: Facts, acceptances: list[Acceptance], today: date, section: Section) -> None:
    theirs = read_upstream(fetch(source), ours)
    _take(section, judge(compare(ours, theirs), ours, theirs, acceptances, today))
    section.notes = not_compared(ours, theirs)


def _live(ours: Facts, acceptances: list[Acceptance], today: date, section: Section) -> None:
    try:
        # Here, as it needs the overlay: that does not import while it calls for an operation that has gone.
        from .live.visit import examine
    except ImportError as error:
        raise NotUnderstood(str(error)) from error
    what, survey = examine(ours, os.environ)
    section.title = f"openapi.yaml and {what}"
    accepted = [acceptance for acceptance in acceptances if acceptance.live]
    _take(section, sift(Verdict(survey.findings()), accepted, today))
    section.notes, section.problem, section.headline = survey.notes(), survey.problem(), survey.headline()


def _take(section: Section, verdict: Verdict[Any]) -> None:
    section.findings, section.accepted = verdict.drift, verdict.accepted
    section.removable = verdict.removable
