"""One report of all comparisons, as text, Markdown, JSON or GitHub annotations. The summary comes first."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace

from .compare.accepted import Accepted
from .compare.severity import Severity

SPEC = "openapi.yaml"
_API = "the API as a whole"
# A notice on so many operations is one line.
_MANY = 3


@dataclass(frozen=True)
class Finding:
    """One thing that has drifted, for people.

    Attributes:
        operation: `GET /path`; empty if it is not about a single operation.
        what: Where in there, and what happened.
        line, upstream_line: In openapi.yaml, and in what it was compared with.
    """

    severity: Severity
    operation: str
    what: str
    line: int | None = None
    upstream_line: int | None = None

    @property
    def text(self) -> str:
        return f"{self.operation} {self.what}".strip()


@dataclass
class Section:
    """One comparison.

    Attributes:
        notes: What it leaves out, and what is odd upstream.
        problem: Why it could not be made, or not whole.
        headline: What to say if there is no finding.
    """

    title: str
    findings: list[Finding] = field(default_factory=list)
    accepted: list[Accepted] = field(default_factory=list)
    removable: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problem: str | None = None
    headline: str = "no drift"

    @property
    def summary(self) -> str:
        counts = _counts(self.findings)
        if self.problem:
            return f"NOT COMPARED, or not all of it{f'; {counts}' if counts else ''}"
        return counts or self.headline


def exit_status(sections: Iterable[Section], fail_on: Severity) -> int:
    """0 nothing (that bad), 1 drift, 2 something could not be compared."""
    sections = list(sections)
    if any(section.problem for section in sections):
        return 2
    return int(any(finding.severity >= fail_on for section in sections for finding in section.findings))


def _counts(findings: Iterable[Finding]) -> str:
    counts = Counter(finding.severity for finding in findings)
    return ", ".join(f"{counts[severity]} {severity}" for severity in sorted(counts)[::-1])


def summary(sections: list[Section]) -> str:
    """All comparisons in one line."""
    missing = sum(section.problem is not None for section in sections)
    found = _counts(finding for section in sections for finding in section.findings)
    parts = [found] if found else []
    parts += [f"{missing} of {len(sections)} could not be compared"] if missing else []
    quiet = ", ".join(dict.fromkeys(section.headline for section in sections))
    return f"drift: {'; '.join(parts) or quiet}"


def folded(findings: list[Finding]) -> list[Finding]:
    """The findings. A notice that many operations share appears only once."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.severity is Severity.NOTICE and finding.operation:
            groups.setdefault(_kind(finding), []).append(finding)
    many = {kind: group for kind, group in groups.items() if len(group) >= _MANY}
    kept = [each for each in findings if each not in many.get(_kind(each), [])]
    for kind, group in many.items():
        whats = {each.what for each in group}
        what = whats.pop() if len(whats) == 1 else kind
        kept.append(replace(group[0], operation="", what=f"{what} (on {len(group)} operations)"))
    return kept


def _kind(finding: Finding) -> str:
    """What has happened, without the values: tags are another text on each operation."""
    return re.sub(r"(: tags) .*", r"\1 differ", finding.what)


def _by_operation(findings: list[Finding]) -> Iterator[tuple[str, list[Finding]]]:
    """Operations with their findings. Those with the worst findings come first."""
    groups: dict[str, list[Finding]] = {}
    for finding in sorted(folded(findings), key=lambda each: (-each.severity, each.operation)):
        groups.setdefault(finding.operation or _API, []).append(finding)
    yield from groups.items()


def as_text(sections: list[Section]) -> str:
    return "\n".join([summary(sections), "", *(line for section in sections for line in _text(section))])


def _text(section: Section) -> Iterator[str]:
    yield f"== {section.title}: {section.summary}"
    if section.problem:
        yield f"   {section.problem}"
    for operation, findings in _by_operation(section.findings):
        yield from ("", operation)
        for finding in findings:
            yield f"  {finding.severity!s:<8}  {finding.what}{_at(finding)}"
    for title, lines in _rest(section):
        yield from ("", title, *(f"  {line}" for line in lines))
    yield ""


def _at(finding: Finding) -> str:
    lines = [f"{SPEC}:{finding.line}"] if finding.line else []
    lines += [f"upstream line {finding.upstream_line}"] if finding.upstream_line else []
    return f"  ({', '.join(lines)})" if lines else ""


def _rest(section: Section) -> Iterator[tuple[str, list[str]]]:
    """What is worth knowing although it is not drift, under its headings."""
    accepted: list[str] = []
    for each in section.accepted:
        accepted += [f"{each.source}: {each.reason}", *(f"    {line}" for line in each.lines)]
    parts = (
        ("Accepted:", accepted),
        ("To be removed, because it is no longer needed or has expired:", section.removable),
        ("Not compared, or odd:", section.notes),
    )
    yield from ((title, lines) for title, lines in parts if lines)


def as_markdown(sections: list[Section]) -> str:
    lines = [line for section in sections for line in _markdown(section)]
    return "\n".join([f"**{summary(sections)}**", "", *lines])


def _markdown(section: Section) -> Iterator[str]:
    yield from (f"## {section.title}: {section.summary}", "")
    if section.problem:
        yield from (f"> {section.problem}", "")
    for operation, findings in _by_operation(section.findings):
        yield f"### `{operation}`" if operation != _API else "### The API as a whole"
        yield from ("", "| severity | change | openapi.yaml |", "|---|---|---|")
        for finding in findings:
            line = f"line {finding.line}" if finding.line else ""
            change = finding.what.replace("|", "\\|")
            yield f"| **{finding.severity}** | {change} | {line} |"
        yield ""
    for title, lines in _rest(section):
        yield from (f"<details><summary>{title.rstrip(':')}</summary>", "", "```text", *lines)
        yield from ("```", "", "</details>", "")


def as_json(sections: list[Section]) -> str:
    report = {"summary": summary(sections), "comparisons": [_json(section) for section in sections]}
    return json.dumps(report, indent=2, ensure_ascii=False)


def _json(section: Section) -> dict[str, object]:
    return {
        "title": section.title,
        "problem": section.problem,
        "findings": [asdict(each) | {"severity": str(each.severity)} for each in section.findings],
        "accepted": [
            {"source": each.source, "reason": each.reason, "changes": each.lines} for each in section.accepted
        ],
        "removable": section.removable,
        "not_compared": section.notes,
    }


_GITHUB = {Severity.BREAKING: "error", Severity.ADDITIVE: "warning", Severity.NOTICE: "notice"}


def as_github(sections: list[Section]) -> str:
    """Workflow commands: https://docs.github.com/actions/reference/workflow-commands-for-github-actions."""
    return "\n".join([summary(sections), *(line for section in sections for line in _github(section))])


def _github(section: Section) -> Iterator[str]:
    if section.problem:
        yield f"::error title=not compared::{_data(f'{section.title}: {section.problem}')}"
    for finding in folded(section.findings):
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
