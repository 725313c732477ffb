"""One report of all comparisons, as text, Markdown, JSON or GitHub annotations."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from .compare.accepted import Accepted
from .compare.differences import Change
from .compare.severity import Severity

SPEC = "openapi.yaml"
_API = "the API as a whole"


@dataclass(frozen=True)
class Finding:
    """One thing that has drifted, for people.

    Attributes:
        operation: `GET /path`; empty if it is not about a single operation.
        what: Where in there, and what happened.
        line: In openapi.yaml.
        upstream_line: In what it was compared with.
    """

    severity: Severity
    operation: str
    what: str
    line: int | None = None
    upstream_line: int | None = None

    @property
    def text(self) -> str:
        return f"{self.operation} {self.what}".strip()

    @classmethod
    def of(cls, change: Change) -> "Finding":
        return cls(change.severity, change.operation, change.what, change.line, change.upstream_line)


@dataclass
class Section:
    """One comparison.

    Attributes:
        problem: Why it could not be made, if it could not.
        notes: What it leaves out.
    """

    title: str
    findings: list[Finding] = field(default_factory=list)
    accepted: list[Accepted] = field(default_factory=list)
    removable: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problem: str | None = None


def exit_status(sections: Iterable[Section], fail_on: Severity) -> int:
    """0 nothing (that bad), 1 drift, 2 something could not be compared."""
    sections = list(sections)
    if any(section.problem for section in sections):
        return 2
    return int(any(finding.severity >= fail_on for section in sections for finding in section.findings))


def _by_operation(findings: list[Finding]) -> Iterator[tuple[str, list[Finding]]]:
    """Operations with their findings, the ones with the worst first."""

    def worst(operation: str) -> tuple[int, str]:
        return min((-finding.severity, operation) for finding in findings if finding.operation == operation)

    operations = sorted({finding.operation for finding in findings}, key=worst)
    for operation in operations:
        here = [finding for finding in findings if finding.operation == operation]
        yield operation or _API, sorted(here, key=lambda finding: -finding.severity)


def _summary(section: Section) -> str:
    counts = [
        f"{sum(1 for _ in group)} {severity.name.lower()}"
        for severity, group in groupby(sorted(f.severity for f in section.findings)[::-1])
    ]
    return ", ".join(counts) or "no drift"


def as_text(sections: list[Section]) -> str:
    return "\n".join(line for section in sections for line in _text(section))


def _text(section: Section) -> Iterator[str]:
    yield f"== {section.title}: {'NOT COMPARED' if section.problem else _summary(section)}"
    if section.problem:
        yield f"   {section.problem}"
    for operation, findings in _by_operation(section.findings):
        yield ""
        yield operation
        for finding in findings:
            yield f"  {finding.severity.name.lower():<8}  {finding.what}{_at(finding)}"
    for title, lines in _rest(section):
        yield ""
        yield title
        yield from (f"  {line}" for line in lines)
    yield ""


def _at(finding: Finding) -> str:
    lines = [f"{SPEC}:{finding.line}"] if finding.line else []
    lines += [f"upstream line {finding.upstream_line}"] if finding.upstream_line else []
    return f"  ({', '.join(lines)})" if lines else ""


def _rest(section: Section) -> Iterator[tuple[str, list[str]]]:
    """What is no drift but worth knowing, under its headings."""
    parts = (
        ("Accepted:", [line for accepted in section.accepted for line in _accepted(accepted)]),
        ("To be removed, for it is no longer needed or has expired:", section.removable),
        ("Not compared:", section.notes),
    )
    yield from ((title, lines) for title, lines in parts if lines)


def _accepted(accepted: Accepted) -> Iterator[str]:
    yield f"{accepted.source}: {accepted.reason}"
    yield from (f"    {line}" for line in accepted.lines)


def as_markdown(sections: list[Section]) -> str:
    return "\n".join(line for section in sections for line in _markdown(section))


def _markdown(section: Section) -> Iterator[str]:
    yield f"## {section.title}: {'not compared' if section.problem else _summary(section)}"
    yield ""
    if section.problem:
        yield f"> {section.problem}"
        yield ""
    for operation, findings in _by_operation(section.findings):
        yield f"### `{operation}`" if operation != _API else "### The API as a whole"
        yield ""
        yield "| severity | change | openapi.yaml |"
        yield "|---|---|---|"
        for finding in findings:
            line = f"line {finding.line}" if finding.line else ""
            change = finding.what.replace("|", "\\|")
            yield f"| **{finding.severity.name.lower()}** | {change} | {line} |"
        yield ""
    for title, lines in _rest(section):
        yield f"<details><summary>{title.rstrip(':')}</summary>"
        yield ""
        yield "```text"
        yield from lines
        yield "```"
        yield ""
        yield "</details>"
        yield ""


def as_json(sections: list[Section]) -> str:
    return json.dumps({"comparisons": [_json(section) for section in sections]}, indent=2, ensure_ascii=False)


def _json(section: Section) -> dict[str, object]:
    return {
        "title": section.title,
        "problem": section.problem,
        "findings": [
            {
                "severity": finding.severity.name.lower(),
                "operation": finding.operation,
                "what": finding.what,
                "line": finding.line,
                "upstream_line": finding.upstream_line,
            }
            for finding in section.findings
        ],
        "accepted": [
            {
                "source": each.source,
                "reason": each.reason,
                "changes": each.lines,
            }
            for each in section.accepted
        ],
        "removable": section.removable,
        "not_compared": section.notes,
    }


_GITHUB = {Severity.BREAKING: "error", Severity.ADDITIVE: "warning", Severity.NOTICE: "notice"}


def as_github(sections: list[Section]) -> str:
    """Workflow commands: https://docs.github.com/actions/reference/workflow-commands-for-github-actions."""
    return "\n".join(line for section in sections for line in _github(section))


def _github(section: Section) -> Iterator[str]:
    if section.problem:
        yield f"::error title=not compared::{_data(f'{section.title}: {section.problem}')}"
    for finding in section.findings:
        message = f"{finding.operation or _API}: {finding.what}"
        yield f"::{_GITHUB[finding.severity]} file={SPEC},line={finding.line or 1}::{_data(message)}"
    for line in section.removable:
        yield f"::notice title=no longer needed::{_data(line)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


FORMATS: dict[str, Callable[[list[Section]], str]] = {
    "text": as_text,
    "markdown": as_markdown,
    "json": as_json,
    "github": as_github,
}
