"""Reports, accepted departures and exit statuses."""

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from scripts.drift import command
from scripts.drift.command import stale_files
from scripts.drift.compare.accepted import judge, load_acceptances, read_acceptances
from scripts.drift.compare.differences import Finding, compare
from scripts.drift.compare.severity import Severity
from scripts.drift.facts import Facts
from scripts.drift.report import Section, as_json, as_markdown, as_text, exit_status
from scripts.drift.sources.reading import fetch
from scripts.spec import NotUnderstood, parse
from tests.drift.drifting import ROOT, TODAY
from tests.drift.mutations import Edit, cut, on, put

Mutate = Callable[[Edit], Facts]
B, A, N = Severity.BREAKING, Severity.ADDITIVE, Severity.NOTICE
GONE = Finding(B, "GET /a", "response 200 id: property removed", 12, 30)
NEW = Finding(A, "GET /b", "query x: parameter added", 40)
CHANGED = Finding(N, "GET /b", "query page: default 1 -> 0", 41)
SECTION = Section(
    "openapi.yaml and upstream", [CHANGED, GONE, NEW], removable=["openapi.yaml:3: why"], notes=["tags"]
)


def test_text_is_grouped_by_operation_the_breaking_first() -> None:
    assert as_text([SECTION]).splitlines()[:11] == [
        "drift: 1 breaking, 1 additive, 1 notice",
        "",
        "== openapi.yaml and upstream: 1 breaking, 1 additive, 1 notice",
        "",
        "GET /a",
        "  breaking  response 200 id: property removed  (openapi.yaml:12, upstream line 30)",
        "",
        "GET /b",
        "  additive  query x: parameter added  (openapi.yaml:40)",
        "  notice    query page: default 1 -> 0  (openapi.yaml:41)",
        "",
    ]


def test_markdown_has_a_table_for_each_operation() -> None:
    text = as_markdown([SECTION])
    assert "## openapi.yaml and upstream: 1 breaking, 1 additive, 1 notice" in text
    assert "| **breaking** | response 200 id: property removed | line 12 |" in text
    assert text.index("`GET /a`") < text.index("`GET /b`")


def test_a_bar_in_markdown_does_not_end_its_cell() -> None:
    assert r"integer \| string" in as_markdown(
        [Section("x", [Finding(B, "GET /a", "type integer | string -> string")])]
    )


def test_json_has_everything() -> None:
    (comparison,) = json.loads(as_json([SECTION]))["comparisons"]
    assert {
        "severity": "breaking",
        "operation": "GET /a",
        "what": GONE.what,
        "line": 12,
        "upstream_line": 30,
    } in comparison["findings"]
    assert comparison["removable"] == ["openapi.yaml:3: why"]
    assert comparison["problem"] is None


def test_the_summary_of_all_comparisons_comes_first_in_every_format() -> None:
    sections = [SECTION, Section("x"), Section("y", problem="unreadable")]
    said = "drift: 1 breaking, 1 additive, 1 notice; 1 of 3 could not be compared"
    assert as_text(sections).splitlines()[0] == said
    assert as_markdown(sections).splitlines()[0] == f"**{said}**"
    assert json.loads(as_json(sections))["summary"] == said
    assert as_text([Section("x")]).splitlines()[0] == "drift: no drift"


def test_notices_that_repeat_for_many_operations_are_one_line() -> None:
    operations = [f"GET /{number}" for number in range(14)]
    statuses = [
        Finding(N, operation, f"response {status}: documented error added")
        for operation in operations
        for status in (401, 403, 404)
    ]
    tags = [Finding(N, operation, f"operation: tags {operation} -> x") for operation in operations]
    section = Section("x", [*statuses, *tags, GONE, CHANGED])
    lines = [line.strip() for line in as_text([section]).splitlines()]
    for folded in (
        "notice    response 401: documented error added  (on 14 operations)",
        "notice    operation: tags differ  (on 14 operations)",
    ):
        assert lines.count(folded.replace("  (on", " (on")) == 1
    assert len(lines) < 20
    assert lines[0] == "drift: 1 breaking, 57 notice", "all are counted"
    assert "breaking  response 200 id: property removed  (openapi.yaml:12, upstream line 30)" in lines
    assert sum(line.startswith("notice    query page") for line in lines) == 1
    assert len(json.loads(as_json([section]))["comparisons"][0]["findings"]) == 58


@pytest.mark.parametrize(
    ("findings", "problem", "fail_on", "status"),
    [
        ([], None, N, 0),
        ([NEW], None, N, 1),
        ([NEW], None, A, 1),
        ([NEW], None, B, 0),
        ([GONE], None, B, 1),
        ([], "unreadable", B, 2),
        ([GONE], "unreadable", B, 2),
    ],
)
def test_the_exit_status_tells_nothing_drift_and_not_compared_apart(
    findings: list[Finding], problem: str | None, fail_on: Severity, status: int
) -> None:
    assert exit_status([Section("x", findings, problem=problem)], fail_on) == status


# Accepted departures ---------------------------------------------------------------------------------------


def test_deviations_are_listed_as_accepted_and_are_no_drift(ours: Facts, mutated: Mutate) -> None:
    theirs = mutated(cut("servers", 1))
    verdict = judge(compare(ours, theirs), ours, theirs, [], TODAY)
    assert verdict.drift == []
    assert [accepted.changes for accepted in verdict.accepted] == [
        ["server https://api.vonage.com/t/vbc.prod/call_recording_india: removed"]
    ]
    assert re.fullmatch(r"openapi.yaml:\d+", verdict.accepted[0].source)


@pytest.mark.parametrize(
    "kept", ["https://api.vonage.com/t/vbc.prod/call_recording_india", "https://eu.test"]
)
def test_a_server_that_is_gone_is_not_accepted_because_we_add_another(
    kept: str, ours: Facts, mutated: Mutate
) -> None:
    """openapi.yaml's own deviation is about the server for India, which upstream need not name."""
    theirs = mutated(served_by(kept))
    verdict = judge(compare(ours, theirs), ours, theirs, [], TODAY)
    gone = "server https://api.vonage.com/t/vbc.prod/call_recording: removed"
    assert [change.text for change in verdict.drift if change.severity is B] == [gone]


@cache
def served_by(url: str) -> Edit:
    return put("servers", value=[{"url": url}])


def test_a_deviation_that_no_longer_departs_is_removable(ours: Facts) -> None:
    verdict = judge(compare(ours, ours), ours, ours, [], TODAY)
    assert verdict.drift == verdict.accepted == []
    assert len(verdict.removable) == len(ours.deviations)
    assert all("this upstream no longer differs here" in line for line in verdict.removable)


def test_a_deviation_does_not_cover_what_it_is_not_about(ours: Facts, mutated: Mutate) -> None:
    without_body = mutated(on("create_company_recording_export", cut("requestBody")))
    changes = judge(compare(ours, without_body), ours, without_body, [], TODAY).drift
    assert [change.what for change in changes] == ["body: body removed"]


@pytest.mark.parametrize(
    "wanted",
    [{"type": "string", "format": "uuid"}, {"type": "string", "nullable": True}],
    ids=["format", "null"],
)
def test_a_deviation_that_widens_a_type_covers_nothing_but_the_type(
    wanted: dict[str, object], mutated: Mutate, ours: Facts
) -> None:
    theirs = mutated(widened(tuple(wanted.items())))
    changes = judge(compare(ours, theirs), ours, theirs, [], TODAY).drift
    assert {change.aspect for change in changes} == set(wanted) - {"type"}


@cache
def widened(wanted: tuple[tuple[str, object], ...]) -> Edit:
    return put("components", "schemas", "Recording", "properties", "extensions", "items", value=dict(wanted))


ENTRY = 'accept:\n  - change: "{change}"\n    reason: known\n    expires: {expires}\n'


@pytest.mark.parametrize(
    ("change", "expires", "drifts", "removable"),
    [
        ("GET * query status: required no -> yes", "2026-01-01", False, ""),
        ("*", "2030-12-31", False, ""),
        (
            "GET * query status: required no -> yes",
            "2025-12-31",
            True,
            "drift-accept.yaml:2: expired on 2025-12-31",
        ),
        ("GET * query page: *", "2030-12-31", True, "drift-accept.yaml:2: covers nothing any more"),
    ],
)
def test_drift_is_accepted_by_an_entry_until_it_expires(
    change: str, expires: str, drifts: bool, removable: str, ours: Facts, mutated: Mutate
) -> None:
    theirs = mutated(put("components", "parameters", "Status", "required", value=True))
    acceptances = read_acceptances(parse(ENTRY.format(change=change, expires=expires)))
    verdict = judge(compare(ours, theirs), ours, theirs, acceptances, TODAY)
    assert bool(verdict.drift) is drifts
    assert any(line.startswith(removable) for line in verdict.removable) or not removable


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("{reason: r, expires: 2030-01-01}", "line 2: an accepted change needs change"),
        ("{change: c, expires: 2030-01-01}", "line 2: an accepted change needs reason"),
        ("{change: c, reason: r}", "line 2: an accepted change needs expires: 2030-12-31"),
        ("{change: c, reason: r, expires: soon}", "line 2: an accepted change needs expires: 2030-12-31"),
        ("{change: c, reason: r, expires: 2030-01-01, until: x}", "line 2: 'until' is not known"),
        ("just words", "line 2: an accepted change needs change"),
    ],
)
def test_an_acceptance_needs_a_change_a_reason_and_an_end(entry: str, message: str) -> None:
    with pytest.raises(NotUnderstood, match=message):
        read_acceptances(parse(f"accept:\n  - {entry}\n"))


def test_the_committed_acceptances_are_readable() -> None:
    assert load_acceptances(ROOT / "drift-accept.yaml") is not None


# The command -----------------------------------------------------------------------------------------------


def run(*arguments: str) -> int:
    return command.main(["--no-generated", *arguments])


@pytest.mark.slow
def test_upstream_from_a_file(tmp_path: Path, spec_text: str, capsys: pytest.CaptureFixture[str]) -> None:
    upstream = tmp_path / "upstream.yaml"
    upstream.write_text(spec_text)
    assert run("--upstream", str(upstream)) == 0
    upstream.write_text(spec_text.replace("default: 10", "default: 50"))
    assert run("--upstream", str(upstream)) == 1
    assert run("--upstream", str(upstream), "--fail-on", "additive") == 0
    upstream.write_text("nothing of the kind")
    assert run("--upstream", str(upstream), "--format", "markdown") == 2
    assert run("--upstream", str(tmp_path / "missing.yaml")) == 2
    assert "cannot be read" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["--no-generated"], ["--upstream", ""], ["--upstream", " "]])
def test_a_comparison_that_is_not_one_is_not_left_out_silently(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        command.main(arguments)
    assert stopped.value.code == 2
    assert "nothing to compare" in capsys.readouterr().err


def test_a_crash_is_not_mistaken_for_drift(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "fetch", lambda _: 1 / 0)
    assert run("--upstream", "anything") == 2
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_upstream_from_a_url(httpx_mock: object, spec_text: str) -> None:
    httpx_mock.add_response(url="https://vendor.test/spec", text=spec_text)  # type: ignore[attr-defined]
    assert fetch("https://vendor.test/spec") == spec_text


def test_a_url_that_does_not_answer_200_could_not_be_compared(httpx_mock: object) -> None:
    httpx_mock.add_response(status_code=404)  # type: ignore[attr-defined]
    with pytest.raises(NotUnderstood, match="answered 404"):
        fetch("https://vendor.test/spec")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "named"),
    [
        ("print('all is well')", []),
        ("import sys; print('stale or edited by hand: a.py'); print('run make'); sys.exit(1)", ["a.py"]),
    ],
)
def test_generated_code_that_is_not_fresh_is_named(
    program: str, named: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "some_check.py").write_text(program)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert [line.split(": ")[1] for line in stale_files([("some_check",)])] == named


@pytest.mark.slow
@pytest.mark.parametrize(
    "program", ["import sys; sys.exit(2)", "raise ValueError", "import sys; sys.exit(1)"]
)
def test_a_check_that_fails_is_no_answer(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "some_check.py").write_text(program)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(NotUnderstood, match="some_check failed"):
        stale_files([("some_check",)])
