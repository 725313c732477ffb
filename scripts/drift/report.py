"""One report of all comparisons, as text, Markdown or JSON. The summary comes first."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import NamedTuple

from .compare.accepted import Accepted
from .compare.differences import Finding
from .compare.severity import Severity

SPEC = "openapi.yaml"
_API = "the API as a whole"
# A notice on so many operations is one line.
_MANY = 3


@dataclass
class Section:
    """One comparison.

    Attributes:
        notes: What it leaves out, and what is odd upstream.
        problem: Why it could not be made, or not whole.
        headline: What to say if there is no finding.
    """

    title: str
    findings: Sequence[Finding] = ()
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

    def more(self) -> Iterator[tuple[str, list[str]]]:
        """What is worth knowing although it is not drift, under its headings."""
        accepted: list[str] = []
        for each in self.accepted:
            accepted += [f"{each.source}: {each.reason}", *(f"    {line}" for line in each.changes)]
        parts = {
            "Accepted": accepted,
            "To be removed, because it is no longer needed or has expired": self.removable,
            "Not compared, or odd": self.notes,
        }
        yield from ((title, lines) for title, lines in parts.items() if lines)


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
    parts = [found, f"{missing} of {len(sections)} could not be compared" if missing else ""]
    quiet = ", ".join(dict.fromkeys(section.headline for section in sections))
    return f"drift: {'; '.join(filter(None, parts)) or quiet}"


def folded(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings. A notice that many operations share appears only once."""
    groups: dict[object, list[Finding]] = defaultdict(list)
    for finding in findings:
        shared = finding.severity is Severity.NOTICE and finding.operation
        # Without the values: tags are another text on each operation.
        groups[re.sub(r"(: tags) .*", r"\1 differ", finding.what) if shared else id(finding)].append(finding)
    for kind, group in groups.items():
        if len(group) < _MANY:
            yield from group
        else:
            same = len({each.what for each in group}) == 1
            what = f"{group[0].what if same else kind} (on {len(group)} operations)"
            yield replace(group[0], operation="", what=what)


def _by_operation(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Operations with their findings. Those with the worst findings come first."""
    groups: dict[str, list[Finding]] = defaultdict(list)
    for finding in sorted(folded(findings), key=lambda each: (-each.severity, each.operation)):
        groups[finding.operation or _API].append(finding)
    return groups


class _Style(NamedTuple):
    """How to write each part of a report."""

    summary: str
    section: str
    problem: str
    operation: str
    finding: Callable[[Finding], str]
    end: str
    heading: str
    line: str
    close: str


def _text_line(finding: Finding) -> str:
    lines = [f"{SPEC}:{finding.line}"] if finding.line else []
    lines += [f"upstream line {finding.upstream_line}"] if finding.upstream_line else []
    where = f"  ({', '.join(lines)})" if lines else ""
    return f"  {finding.severity!s:<8}  {finding.what}{where}"


def _markdown_row(finding: Finding) -> str:
    line = f"line {finding.line}" if finding.line else ""
    return f"| **{finding.severity}** | {finding.what.replace('|', chr(92) + '|')} | {line} |"


_TEXT = _Style("{}\n", "== {0.title}: {0.summary}", "   {}", "\n{}", _text_line, "", "\n{}:", "  {}", "")
_MARKDOWN = _Style(
    "**{}**\n", "## {0.title}: {0.summary}\n", "> {}\n",
    "### `{}`\n\n| severity | change | openapi.yaml |\n|---|---|---|", _markdown_row, "\n",
    "<details><summary>{}</summary>\n\n```text", "{}", "```\n\n</details>\n",
)  # fmt: skip


def _written(sections: list[Section], style: _Style) -> str:
    parts = [style.summary.format(summary(sections))]
    for section in sections:
        parts.append(style.section.format(section))
        parts += [style.problem.format(section.problem)] if section.problem else []
        for operation, findings in _by_operation(section.findings).items():
            parts += [style.operation.format(operation), *map(style.finding, findings)]
            parts += [style.end] if style.end else []
        for title, lines in section.more():
            parts += [style.heading.format(title), *map(style.line.format, lines)]
            parts += [style.close] if style.close else []
        parts.append("")
    return "\n".join(parts)


def as_text(sections: list[Section]) -> str:
    return _written(sections, _TEXT)


def as_markdown(sections: list[Section]) -> str:
    return _written(sections, _MARKDOWN)


def as_json(sections: list[Section]) -> str:
    comparisons = [
        {
            "title": section.title,
            "problem": section.problem,
            "findings": [
                {each.name: getattr(finding, each.name) for each in fields(Finding)}
                | {"severity": str(finding.severity)}
                for finding in section.findings
            ],
            "accepted": [each._asdict() for each in section.accepted],
            "removable": section.removable,
            "not_compared": section.notes,
        }
        for section in sections
    ]
    report = {"summary": summary(sections), "comparisons": comparisons}
    return json.dumps(report, indent=2, ensure_ascii=False)


FORMATS: dict[str, Callable[[list[Section]], str]] = {
    "text": as_text,
    "markdown": as_markdown,
    "json": as_json,
}
