"""What the page says: counted from the catalogue, in the company's calendar."""

import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from vbc_call_recording_archive.archive import Archive
from vbc_call_recording_archive.catalogue import Run
from vbc_call_recording_archive.custody import write_whole
from vbc_call_recording_archive.overview import DestinationOverview, Overview, overview
from vbc_call_recording_archive.report import Figures, figures
from vbc_call_recording_archive.report.calendar import months
from vbc_call_recording_archive.report.charts import bars, growth, shares
from vbc_call_recording_archive.report.days import Day
from vbc_call_recording_archive.report.verdict import stretches, verdict
from vbc_call_recording_archive.retention import plan, plan_text

from . import made

TODAY = date(2026, 11, 25)


def days(states: str, counts: Sequence[int] = ()) -> tuple[Day, ...]:
    """`p`roven, `c`omplete, `i`ncomplete, `g`ap, `o`pen; the last one is today."""
    words: dict[str, Any] = {"p": "proven", "c": "complete", "i": "incomplete", "g": "gap", "o": "open"}
    first = TODAY - timedelta(days=len(states) - 1)
    return tuple(
        Day(first + timedelta(days=place), words[state], (counts[place] if counts else 0, 0, 0, 0), 0)
        for place, state in enumerate(states)
    )


@pytest.fixture
def plain(drawn: Figures) -> Figures:
    """Nothing wrong but what the days say."""
    totals = attrs.evolve(drawn.totals, missing=0, never_came=0)
    return attrs.evolve(drawn, totals=totals, runs=())


@pytest.mark.parametrize(
    ("states", "level", "headline"),
    [
        ("ppppo", "good", "Complete up to 24 Nov 2026"),
        ("pcpco", "good", "Complete up to 24 Nov 2026"),
        ("pgpio", "bad", "Complete only up to 23 Nov 2026, except for 1 day"),
        ("igppo", "bad", "Complete up to 24 Nov 2026, except for 2 days"),
        ("ppggo", "bad", "Complete only up to 22 Nov 2026"),
        ("ggggo", "bad", "Nothing is archived yet"),
        ("o", "none", "Nothing is archived yet"),
        ("", "none", "Nothing is archived yet"),
    ],
)
def test_the_headline_claims_no_day_that_is_not_settled(
    plain: Figures, states: str, level: str, headline: str
) -> None:
    said = verdict(attrs.evolve(plain, days=days(states)))
    assert (said.level, said.headline) == (level, headline)
    assert bool(said.points) == (level == "bad")


def test_what_is_wrong_besides_days_is_said(plain: Figures) -> None:
    fine = attrs.evolve(plain, days=days("ppo"))

    def points(**changes: Any) -> tuple[str, ...]:
        return verdict(attrs.evolve(fine, **changes)).points

    totals = attrs.evolve(fine.totals, missing=1, never_came=2)
    assert points() == ()
    assert points(totals=totals) == (
        "1 recording listed by the vendor is not here yet.",
        "2 recordings vanished at the vendor before they could be fetched.",
    )
    failed = Run(2, "sync", "2026-11-25T01:00:00Z", "2026-11-25T01:01:00Z", "failed", {})
    done = Run(1, "sync", "2026-11-24T01:00:00Z", "2026-11-24T01:01:00Z", "ok", {})
    assert points(runs=(failed, done)) == ("The last sync did not end well.",)
    assert points(runs=(done, failed)) == ()
    killed = attrs.evolve(failed, started_at="2026-11-20T01:00:00Z", ended_at="", result="running")
    assert points(runs=(killed,)) == ("The last sync did not end well.",)
    assert points(runs=(attrs.evolve(killed, started_at="2026-11-25T21:00:00Z"),)) == ()
    broken = attrs.evolve(done, command="verify", counts={"troubles": 3, "repaired": 2})
    assert points(runs=(broken,)) == ("The last verification left 1 difference: verify --repair mends.",)
    places = (DestinationOverview("local", 9, 900, 0, 0), DestinationOverview("s3://b", 7, 700, 2, 200))
    assert points(destinations=places) == ("s3://b lacks 2 files.",)


def test_all_numbers_are_of_one_moment_although_somebody_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = made.two_years(tmp_path / "berlin", a_day=1)

    def slowly(archive: Archive, **options: Any) -> Overview:
        seen = overview(archive, **options)
        with closing(sqlite3.connect(folder / "catalogue.sqlite3")) as db, db:
            db.execute("DELETE FROM files")
        return seen

    monkeypatch.setattr(sys.modules[figures.__module__], "overview", slowly)
    with Archive(folder) as archive:
        shown = figures(archive, made.NOW)
        assert shown.checks.files == shown.totals.on_disk > 0
        assert figures(archive, made.NOW).checks.files == 0


def test_days_that_follow_each_other_are_told_together() -> None:
    assert [f"{each}: {each.state}" for each in stretches(days("gggpiigo"))] == [
        "24 Nov 2026: gap",
        "22 to 23 Nov 2026 (2 days): incomplete",
        "18 to 20 Nov 2026 (3 days): gap",
    ]


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/St_Johns", "Europe/Berlin", "Pacific/Apia"])
def test_calls_are_counted_on_the_companys_day_whatever_its_offset(tmp_path: Path, zone: str) -> None:
    folder = made.empty(tmp_path / "archive", timezone=zone, since="2026-10-20")
    draw = [datetime(2026, 10, 22, tzinfo=UTC) + timedelta(minutes=97 * number) for number in range(200)]
    rows = [
        (n, "company", str(n), made.text(at), "INBOUND", "", "", None) for n, at in enumerate(draw, start=1)
    ]
    made.write(folder, rows, [], [], [])
    with Archive(folder) as archive:
        shown = figures(archive, datetime(2026, 11, 25, tzinfo=UTC))
    wanted: dict[date, int] = {}
    for at in draw:
        day = at.astimezone(ZoneInfo(zone)).date()
        wanted[day] = wanted.get(day, 0) + 1
    assert {day.date: day.recordings for day in shown.days if day.recordings} == wanted


def test_a_word_for_the_direction_that_nobody_knows_is_counted_as_other(tmp_path: Path) -> None:
    folder = made.empty(tmp_path / "archive", since="2026-11-24")
    rows = [
        (n, "company", str(n), "2026-11-24T10:00:00Z", word, "", "", None)
        for n, word in enumerate(("INBOUND", "inbound", "", "<b>", "INTRA_PBX"), start=1)
    ]
    made.write(folder, rows, [], [], [])
    with Archive(folder) as archive:
        shown = figures(archive, made.NOW)
    assert shown.days[0].counts == (2, 0, 1, 2)


def test_a_server_that_says_year_1_does_not_make_a_page_of_two_thousand_years(tmp_path: Path) -> None:
    folder = made.empty(tmp_path / "archive", since="0001-01-02")
    with Archive(folder) as archive:
        assert len(figures(archive, made.NOW).days) == 3661


def test_sums_agree_with_the_catalogue(drawn: Figures, two_years: Path) -> None:
    db = sqlite3.connect(two_years / "catalogue.sqlite3")
    number, here, size = db.execute(
        "SELECT count(*), count(path), sum(size) FROM recordings LEFT JOIN files ON recording = key"
    ).fetchone()
    db.close()
    assert sum(day.recordings for day in drawn.days) == drawn.totals.recordings == number
    assert sum(day.bytes for day in drawn.days) == drawn.totals.bytes == size
    assert (drawn.totals.on_disk, drawn.absent_count) == (here, number - here)
    assert drawn.checks.files == here
    assert [day.state for day in drawn.days].count("gap") == 4
    table = list(months(drawn.days))
    assert len(table) == 25
    assert sum(sum(month.counts) for month in table) == number


def test_a_plan_waits_until_it_is_too_old_or_done(tmp_path: Path) -> None:
    folder = made.two_years(tmp_path / "archive", a_day=1, bad=False)
    db = sqlite3.connect(folder / "catalogue.sqlite3")
    with db:
        db.executemany("INSERT INTO meta VALUES (?, '1')", [("account",), ("base_url",)])
    (folder / "hold.txt").write_text("id 100001\n")
    with Archive(folder) as archive:
        before = datetime(2025, 1, 1, tzinfo=UTC)
        write_whole(
            folder / "retention" / "1.json",
            plan_text(plan(archive, before, hold=folder / "hold.txt", give_up_transcripts=True)),
        )
        (folder / "retention" / "2.json").write_text("{}")
        at = datetime.now(UTC)
        pending = figures(archive, at).plan
        assert pending is not None
        assert (pending.name, pending.left) == ("1.json", pending.plan.count)
        assert pending.plan.left_out["held"] == 1
        assert figures(archive, at + timedelta(days=8)).plan is None
        with db:
            db.execute("UPDATE recordings SET deleted_at = ? WHERE id <> '100001'", [made.text(at)])
        later = figures(archive, at)
        assert later.plan is None
        assert later.deletions.recordings == later.totals.deleted > 100
    db.close()


# Charts


def test_a_weeks_average_leaves_out_days_that_were_never_looked_at() -> None:
    week = days("ppgpppp", [10, 10, 0, 10, 10, 10, 10])
    chart = bars(week, every=7)
    assert chart.ticks[0].label == "10"
    assert dict(chart.paths)["inbound"] == "M0.7 160V0H6.3V160z"
    assert chart.rug == ((2, 3),)


def test_what_does_not_fill_a_week_joins_the_first_one() -> None:
    chart = bars(days("p" * 9, [7] * 9), every=7)
    assert dict(chart.paths)["inbound"].count("M") == 1
    chart = bars(days("p" * 16, [7] * 16), every=7)
    assert dict(chart.paths)["inbound"].count("M") == 2


def test_a_scale_ends_at_a_round_number_that_is_not_less() -> None:
    for most in (0, 1, 2, 3, 7, 19, 324, 999, 1001, 123_456):
        top, *_ = bars(days("p", [most])).ticks
        assert most <= int(top.label.replace(",", "")) <= max(2, 2 * most)


def test_labels_are_few_enough_for_a_phone_whatever_the_period() -> None:
    for number in (1, 2, 10, 40, 92, 200, 731, 3661):
        labels = bars(days("p" * number)).labels
        assert 1 <= len(labels) <= 5, number
        assert all(0 <= label.at < 100 for label in labels)


def test_storage_grows_and_parts_fill_the_whole() -> None:
    grown = [attrs.evolve(day, bytes=size) for day, size in zip(days("ppp"), (5, 0, 5), strict=True)]
    assert growth(grown).paths == (("size", "M0 160L1 80L2 80L3 0V160z"),)
    assert shares([("a", 1), ("b", 0), ("c", 3)]) == [("a", 0, 25), ("c", 25, 75)]
    assert shares([("a", 0)]) == []
