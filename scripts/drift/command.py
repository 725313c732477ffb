"""Compare openapi.yaml with what is generated from it, with what the vendor publishes, and with the live API.

Exit status: 0 nothing has drifted, 1 something has, at or above --fail-on, 2 something could not be compared.
"""

import argparse
import os
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from scripts.spec import NotUnderstood, read

from .compare.accepted import Acceptance, Verdict, judge, load_acceptances, sift
from .compare.differences import compare, not_compared
from .compare.severity import Severity
from .facts import Facts
from .generated import ROOT, stale_files
from .report import FORMATS, Finding, Section, exit_status
from .sources.document import read_document
from .sources.reading import Unreachable, fetch, read_upstream


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
    generated = "leave out whether the generated code is fresh"
    parser.add_argument("--no-generated", action="store_true", help=generated)
    upstream = "an OpenAPI document, or the docs page as text or HTML"
    parser.add_argument("--upstream", metavar="FILE|URL", help=upstream)
    live = "ask the API itself (VBC_* set), or else the sandbox"
    parser.add_argument("--live", action="store_true", help=live)
    parser.add_argument("--format", choices=FORMATS, default="text", help="default: text")
    parser.add_argument(
        "--fail-on",
        choices=[str(severity) for severity in reversed(Severity)],
        default="notice",
        help="the mildest change to exit with 1 for; default: notice, that is, any",
    )
    parser.add_argument("--spec", type=Path, default=ROOT / "openapi.yaml", help=argparse.SUPPRESS)
    parser.add_argument("--accept", type=Path, default=ROOT / "drift-accept.yaml", help=argparse.SUPPRESS)
    return parser


def run(options: argparse.Namespace, today: date) -> list[Section]:
    """Makes the comparisons asked for. One that cannot be made says so and does not stop the others."""
    comparisons: list[Callable[[], Section]] = []
    try:
        ours = read_document(read(options.spec))
        acceptances = load_acceptances(options.accept)
    except NotUnderstood as error:
        return [Section("openapi.yaml and drift-accept.yaml", problem=str(error))]
    if not options.no_generated:
        comparisons.append(_generated)
    if options.upstream is not None:
        comparisons.append(partial(_upstream, options.upstream, ours, acceptances, today))
    if options.live:
        comparisons.append(partial(_live, ours, acceptances, today))
    return [compared() for compared in comparisons]


def _generated() -> Section:
    section = Section("openapi.yaml and the generated code")
    try:
        section.findings = [Finding(Severity.BREAKING, "", line) for line in stale_files()]
    except NotUnderstood as error:
        section.problem = str(error)
    return section


def _upstream(source: str, ours: Facts, acceptances: list[Acceptance], today: date) -> Section:
    section = Section(f"openapi.yaml and {source}")
    try:
        theirs = read_upstream(fetch(source), ours)
        verdict = judge(compare(ours, theirs), ours, theirs, acceptances, today)
        section.findings = [
            Finding(each.severity, each.operation, each.what, each.line, each.upstream_line)
            for each in verdict.drift
        ]
        section.accepted, section.removable = verdict.accepted, verdict.removable
        section.notes = not_compared(ours, theirs)
    except NotUnderstood as error:
        section.problem = error.of(source)
    except Unreachable as error:
        section.problem = str(error)
    return section


def _live(ours: Facts, acceptances: list[Acceptance], today: date) -> Section:
    section = Section("openapi.yaml and the live API")
    try:
        # Here, as it needs the overlay: that does not import while it calls for an operation that has gone.
        from .live.visit import examine

        what, survey = examine(ours, os.environ)
        section.title = f"openapi.yaml and {what}"
        accepted = [acceptance for acceptance in acceptances if acceptance.live]
        verdict = sift(Verdict(survey.findings()), accepted, today)
        section.findings, section.notes, section.problem = verdict.drift, survey.notes(), survey.problem()
        section.accepted, section.removable = verdict.accepted, verdict.removable
        section.headline = survey.headline()
    except (NotUnderstood, ImportError) as error:
        section.problem = str(error)
    return section
