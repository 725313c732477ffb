"""What companies of several sizes need: requests, hours, disks, bandwidth. The tables of docs/scaling.md.

    python benchmarks/bench_scaling.py             the tables, and a night counted against the sandbox
    python benchmarks/bench_scaling.py --quick     the same, with the smallest company counted only

Arithmetic, by the rules and with the constants that `sync` itself decides by. Assumptions are in `Company`.
"""

import argparse
import math
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from attrs import evolve, frozen

from vbc_call_recording import CallRecordingClient, PollSchedule
from vbc_call_recording_archive import Archive, ArchiveConfig, sync
from vbc_call_recording_archive.sync.plan import (
    EXPORT_REQUESTS,
    FILES_PER_JOB,
    PAGE,
    STRETCH,
    export_is_cheaper,
    windows_together,
)
from vbc_call_recording_archive.windows import WindowSize
from vbc_call_recording_sandbox import Recording, Sandbox

QUOTA = 10  # requests a minute that an application has, unless somebody chose more
NIGHT = 8  # hours
STABLE = 2  # requests that walking several pages takes more than there are pages (counted)
OVERLAP = 3
_UNITS = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


@frozen
class Company:
    """A company, and what is assumed of it.

    Attributes:
        recordings: A day, all days alike.
        window: As its archive's settings have it.
        audio: Bytes of a recording: three minutes at 32 kbit/s.
        kept: Bytes that ledger, catalogue and transcript take for each.
        exports: Whether the login may start exports.
    """

    recordings: int
    window: WindowSize = "day"
    audio: int = 720_000
    kept: int = 6_000
    exports: bool = True

    @property
    def windows(self) -> int:
        """A day."""
        return 24 if self.window == "hour" else 1

    @property
    def in_a_window(self) -> int:
        return math.ceil(self.recordings / self.windows)


COMPANIES = (Company(100), Company(10_000), Company(1_000_000, "hour"))


def walking(recordings: int) -> int:
    """Requests of a listing: one page is one answer, several are walked so that nothing is missed."""
    pages = max(1, math.ceil(recordings / PAGE))
    return pages if pages == 1 else pages + STABLE


def fetching(company: Company, lacking: int) -> Counter[str]:
    """Requests that bring what is lacking: by an export, or singly."""
    if company.exports and export_is_cheaper(lacking, lacking):
        archives = math.ceil(lacking / FILES_PER_JOB)
        return Counter(exports=EXPORT_REQUESTS - 1, archives=archives)
    return Counter(singly=lacking)


def bring(company: Company, windows: Sequence[int], lacking: int) -> Counter[str]:
    """Requests for windows that are listed together, by how many recordings each holds."""
    listed = walking(sum(windows))
    return Counter(listing=listed, transcripts=listed) + fetching(company, lacking)


def night(company: Company, overlap: int = OVERLAP) -> Counter[str]:
    """Requests of a nightly run: the new day, and those of the last windows that are looked at again."""
    fresh, each = company.windows, company.in_a_window
    looked_at = max(fresh, overlap)
    requests, at, together = Counter[str](), 0, 31
    while at < looked_at:
        together = min(windows_together(each, 1, together), looked_at - at)
        lacking = sum(each for window in range(at, at + together) if window >= looked_at - fresh)
        requests += bring(company, [each] * together, lacking)
        at += together
    return requests


def years(company: Company, days: int = 365) -> tuple[int, Counter[str]]:
    """Units, and requests, of the first run over so many days."""
    each, windows = company.in_a_window, days * company.windows
    together = max(1, min(STRETCH // each, 31))
    units = math.ceil(windows / together)
    one = bring(company, [each] * together, each * together)
    return units, Counter({name: number * units for name, number in one.items()})


def hours(requests: int, quota: float = QUOTA) -> float:
    return requests / quota / 60


def largest(company: Company) -> int:
    """Recordings a day for which a night of `NIGHT` hours is long enough at the quota that everybody has."""
    low, high = 1, 10_000_000
    while low < high:
        middle = (low + high + 1) // 2
        fits = hours(night(evolve(company, recordings=middle)).total()) <= NIGHT
        low, high = (middle, high) if fits else (low, middle - 1)
    return low


def size(number: float) -> str:
    for unit, name in _UNITS:
        if number >= unit:
            return f"{number / unit:.3g} {name}"
    return f"{number:.0f} B"


def table(title: str, header: Sequence[str], rows: Iterator[Sequence[object]]) -> None:
    print(f"\n{title}\n")
    print(f"| {' | '.join(header)} |")
    print(f"|---|{'--:|' * (len(header) - 1)}")
    for row in rows:
        print(f"| {' | '.join(f'{each:,}' if isinstance(each, int) else str(each) for each in row)} |")


def nights() -> Iterator[Sequence[object]]:
    for company in COMPANIES:
        requests = night(company)
        total = requests.total()
        yield (
            f"{company.recordings:,}, windows of a{'n' * (company.window == 'hour')} {company.window}",
            requests["listing"],
            requests["exports"] + requests["archives"] + requests["singly"],
            requests["transcripts"],
            total,
            f"{hours(total):.2f}",
            math.ceil(max(total / 60 / 24, 1)),
            math.ceil(max(total / 60 / NIGHT, 1)),
        )


def first_runs() -> Iterator[Sequence[object]]:
    for company in COMPANIES:
        units, requests = years(company)
        total = requests.total()
        yield (
            f"{company.recordings:,}",
            units,
            total,
            f"{hours(total) / 24:,.1f}",
            math.ceil(max(total / 60 / 24 / 30, 1)),
        )


def disks() -> Iterator[Sequence[object]]:
    for company in COMPANIES:
        together = max(1, min(STRETCH // company.in_a_window, 31)) if company.in_a_window < STRETCH else 1
        unit = together * company.in_a_window * company.audio
        day = company.recordings * company.audio
        yield (
            f"{company.recordings:,}",
            size(day),
            size(day * 365),
            size(company.recordings * company.kept * 365),
            size(2 * unit),
            f"{day * 8 / NIGHT / 3600 / 10**6:,.1f}",
        )


def limits() -> Iterator[Sequence[object]]:
    yield "with exports", largest(Company(1))
    yield "singly: the login may not start exports", largest(Company(1, exports=False))


def counted(recordings: int) -> Counter[str]:
    """Requests of a night with so many recordings a day, counted against the sandbox."""
    first, until = datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 9, tzinfo=UTC)
    calls = [
        Recording(id=1 + day * recordings + at, start=start, size=60, transcript="ready")
        for day in range(4)
        for at in range(recordings)
        for start in [first + timedelta(days=day, seconds=86_000 * at // recordings)]
    ]
    poll = PollSchedule(first=0.01, ceiling=0.02)
    with (
        Sandbox(recordings=0, on_demand=0) as sandbox,
        tempfile.TemporaryDirectory() as folder,
        CallRecordingClient.from_env(sandbox.environment) as client,
        Archive(folder, ArchiveConfig(min_free=0), writable=True) as archive,
    ):
        for days in (3, 4):
            sandbox.store.replace(calls[: days * recordings])
            sandbox.requests.clear()
            result = sync(archive, client, since=first, until=until - timedelta(days=4 - days), poll=poll)
            assert result.result == "ok"
        return Counter(str(request.operation) for request in sandbox.requests)


def comparison(sizes: Sequence[int]) -> Iterator[Sequence[object]]:
    for recordings in sizes:
        found, reckoned = counted(recordings), night(Company(recordings))
        yield (
            recordings,
            found.total(),
            reckoned.total(),
            found["list_company_recordings"],
            reckoned["listing"],
        )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="count the smallest company only")
    options = parser.parse_args()
    table(
        "A night",
        (
            "recordings a day",
            "listing",
            "fetching",
            "transcripts",
            "requests",
            f"hours at {QUOTA}/min",
            "least quota a minute",
            f"for a night of {NIGHT} hours",
        ),
        nights(),
    )
    table(
        "The first run over a year",
        (
            "recordings a day",
            "units",
            "requests",
            f"days at {QUOTA}/min",
            "quota a minute to be done in 30 days",
        ),
        first_runs(),
    )
    table(
        "Disks and bandwidth",
        (
            "recordings a day",
            "audio a day",
            "audio a year",
            "the rest a year",
            "scratch of a worker",
            f"Mbit/s in a night of {NIGHT} hours",
        ),
        disks(),
    )
    table(f"What {QUOTA} requests a minute are enough for", ("way", "recordings a day, at most"), limits())
    table(
        "A night, counted against the sandbox",
        ("recordings a day", "counted", "calculated", "listing, counted", "listing, calculated"),
        comparison((20,) if options.quick else (20, 100, 300, 1000)),
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
