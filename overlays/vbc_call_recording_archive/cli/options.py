"""Options that several commands share: which recordings, in which period. Words to values, nothing else."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, TypeVar

import click
from attrs import frozen
from dateutil.relativedelta import relativedelta

F = TypeVar("F", bound=Callable[..., Any])

_AGE = re.compile(r"(\d{1,5})\s*(h|d|w|m|y)")
_AGES = {"h": "hours", "d": "days", "w": "weeks", "m": "months", "y": "years"}
_LENGTH = re.compile(r"(\d{1,9})\s*(ms|s|m|min|h)?")
_LENGTHS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}


@frozen
class When:
    """A day, an instant or an age, as somebody typed it."""

    text: str
    value: date | datetime | relativedelta

    def start(self, now: datetime, zone: tzinfo | None = None) -> datetime:
        """The first instant it means. Days are those of `zone`; None is this machine's."""
        return self._instant(now, zone, time())

    def end(self, now: datetime, zone: tzinfo | None = None) -> datetime:
        """The last whole second it means: a day is included."""
        return self._instant(now, zone, time(23, 59, 59))

    def _instant(self, now: datetime, zone: tzinfo | None, of_day: time) -> datetime:
        value = self.value
        if isinstance(value, relativedelta):
            return now.astimezone(zone) - value
        if not isinstance(value, datetime):
            value = datetime.combine(value, of_day)
        return value if value.tzinfo else value.replace(tzinfo=zone) if zone else value.astimezone()


def read_when(text: str) -> When:
    """`2026-11-24`, `2026-11-24T10:00`, `7d`. ValueError for anything else."""
    if age := _AGE.fullmatch(text.strip().lower()):
        back: Any = {_AGES[age[2]]: int(age[1])}
        return When(text, relativedelta(**back))
    try:
        is_day = len(text) == len("2026-11-24")
        return When(text, date.fromisoformat(text) if is_day else datetime.fromisoformat(text))
    except ValueError:
        accepted = "2026-11-24, 2026-11-24T10:00, or an age as 12h, 7d, 2w, 3m, 1y"
        raise ValueError(f"{text!r}; accepted: {accepted}") from None


def read_length(text: str) -> timedelta:
    """`30s`, `5m`, `1h`; a number alone means seconds. ValueError for anything else."""
    found = _LENGTH.fullmatch(text.strip().lower())
    if found is None:
        raise ValueError(f"{text!r}; accepted: a number of seconds, or 30s, 5m, 1h")
    return timedelta(seconds=int(found[1]) * _LENGTHS[found[2] or "s"])


def reads(read: Callable[[str], object]) -> Callable[[click.Context, click.Parameter, str | None], object]:
    """A callback of an option, which says what would be accepted."""

    def callback(context: click.Context, option: click.Parameter, text: str | None) -> object:
        try:
            return None if text is None else read(text)
        except ValueError as error:
            raise click.BadParameter(str(error), context, option) from None

    return callback


def _option(name: str, text: str, **settings: Any) -> Callable[[F], F]:
    return click.option(name, help=text, **settings)


_PERIOD = (
    _option(
        "--since", "First day or instant: 2026-11-24, 7d, 12h.", metavar="WHEN", callback=reads(read_when)
    ),
    _option("--until", "Last day or instant. Included.", metavar="WHEN", callback=reads(read_when)),
)
_DIRECTIONS = click.Choice(["INBOUND", "OUTBOUND", "INTRA_PBX"], case_sensitive=False)
_FILTERS = (
    _option("--direction", "Which way the call went.", type=_DIRECTIONS, metavar="WORD"),
    _option("--extension", "Calls of this extension.", metavar="NUMBER"),
    _option("--caller-id", "Calls from this number.", metavar="NUMBER"),
    _option("--dnis", "Calls to this number.", metavar="NUMBER"),
    _option("--cnam", "Calls from this name.", metavar="NAME"),
    _option("--call-id", "The call with this id.", metavar="ID"),
    _option(
        "--min-length", "Calls at least this long: 30s, 5m.", metavar="LENGTH", callback=reads(read_length)
    ),
    _option("--max-length", "Calls at most this long.", metavar="LENGTH", callback=reads(read_length)),
)
as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
mask = click.option("--mask", is_flag=True, help="Show only the last digits of numbers.")


def whose(text: str = "On-demand recordings of this user; `self` is who logs in.") -> Callable[[F], F]:
    """`--user`."""
    return _option("--user", text, metavar="ID")


def limit(text: str, default: int | None = None) -> Callable[[F], F]:
    """`--limit`."""
    return _option("--limit", text, type=click.IntRange(1), default=default, metavar="N")


def period(function: F) -> F:
    """`--since` and `--until`."""
    for option in reversed(_PERIOD):
        function = option(function)
    return function


def filters(function: F) -> F:
    """The client's filters, and the period."""
    for option in reversed(_FILTERS):
        function = option(function)
    return period(function)


def client_filters(
    given: Mapping[str, Any], zone: tzinfo | None = None, now: datetime | None = None
) -> dict[str, Any]:
    """What the options above mean to the client. Days are those of `zone`, by default this machine's."""
    now = now or datetime.now(UTC)
    since, until = given.get("since"), given.get("until")
    wanted = {
        "call_direction": given.get("direction"),
        "extension": given.get("extension"),
        "caller_id": given.get("caller_id"),
        "dnis": given.get("dnis"),
        "cnam": given.get("cnam"),
        "call_id": given.get("call_id"),
        "duration_gte": given.get("min_length"),
        "duration_lte": given.get("max_length"),
        "start_gte": since and since.start(now, zone),
        "start_lte": until and until.end(now, zone),
    }
    return {name: value for name, value in wanted.items() if value is not None}
