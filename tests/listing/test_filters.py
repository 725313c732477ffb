"""What filters accept, what they become on the wire, and what they refuse."""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any

import httpx
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from vbc_call_recording._errors import InputError
from vbc_call_recording._listing.filters import (
    ExportFilters,
    JobFilters,
    ListFilters,
    TranscriptionFilters,
    plain_filters,
    wire_filters,
)
from vbc_call_recording_generated.models import CallDirection, ExportFilter

OFFSETS = st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(timezone)
SECOND = timedelta(seconds=1)
INSTANTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=OFFSETS)


def wire(**filters: Any) -> dict[str, Any]:
    return wire_filters(filters, allowed=TranscriptionFilters)


def read(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z")


@given(INSTANTS, INSTANTS, st.booleans())
def test_the_window_on_the_wire_holds_the_window_asked_for(
    one: datetime, other: datetime, text: bool
) -> None:
    low, high = sorted([one, other])
    # Python reads offsets of less than a second as UTC. ISO 8601 knows of none.
    assume(not text or all(abs(each.utcoffset() or SECOND) >= SECOND for each in (low, high)))
    given_low, given_high = (low.isoformat(), high.isoformat()) if text else (low, high)
    sent = wire(start_gte=given_low, start_lte=given_high)
    assert read(sent["startgte"]) <= low
    assert high <= read(sent["startlte"])
    assert low - read(sent["startgte"]) < timedelta(seconds=1), "and is no wider than it must be"
    assert read(sent["startlte"]) - high < timedelta(seconds=1)


@given(INSTANTS)
def test_bounds_are_sent_in_utc_as_the_docs_write_them(instant: datetime) -> None:
    sent = wire(start_gte=instant)["startgte"]
    assert re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\+0000", sent)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2019-01-01T00:00:00Z", "2019-01-01T00:00:00+0000", "2019-01-01T00:00:00+0000"),
        ("2019-01-01t00:00:00z", "2019-01-01T00:00:00+0000", "2019-01-01T00:00:00+0000"),
        ("2019-01-01T00:00:00+0000", "2019-01-01T00:00:00+0000", "2019-01-01T00:00:00+0000"),
        ("20190101T020000+02", "2019-01-01T00:00:00+0000", "2019-01-01T00:00:00+0000"),
        ("2019-01-01T24:00:00Z", "2019-01-02T00:00:00+0000", "2019-01-02T00:00:00+0000"),
        ("2018-12-31T23:59:59.5-00:30", "2019-01-01T00:29:59+0000", "2019-01-01T00:30:00+0000"),
        ("2019-01-01T00:00:00.0000001Z", "2019-01-01T00:00:00+0000", "2019-01-01T00:00:01+0000"),
    ],
)
def test_iso_strings_with_an_offset_are_read(text: str, low: str, high: str) -> None:
    assert wire(start_gte=text)["startgte"] == low
    assert wire(start_lte=text)["startlte"] == high


class Nowhere(tzinfo):
    """A time zone that does not know its offset, so that a datetime in it is naive."""

    def utcoffset(self, _: datetime | None) -> None:
        return None


@pytest.mark.parametrize(
    "value",
    [
        datetime(2019, 1, 1),
        datetime(2019, 1, 1, tzinfo=Nowhere()),
        date(2019, 1, 1),
        "2019-01-01T00:00:00",
        "2019-01-01",
        "yesterday",
        "",
        1546300800,
        datetime.max.replace(tzinfo=UTC),
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))),
        "9999-12-31T23:59:59.5Z",
        "0001-01-01T00:00:00+01:00",
    ],
)
def test_what_is_no_instant_or_a_naive_one_is_refused(value: Any) -> None:
    with pytest.raises(InputError, match="start_lte") as caught:
        wire(start_lte=value)
    assert str(value)[:10] in str(caught.value) or repr(value)[:40] in str(caught.value)


@given(st.timedeltas(timedelta(0), timedelta(days=400)))
@example(timedelta(microseconds=1))
def test_the_durations_on_the_wire_hold_those_asked_for(duration: timedelta) -> None:
    sent = wire(duration_gte=duration, duration_lte=duration)
    unit = timedelta(milliseconds=1)
    assert sent["durationgte"] * unit <= duration <= sent["durationlte"] * unit
    assert sent["durationlte"] - sent["durationgte"] <= 1


def test_durations_may_be_milliseconds() -> None:
    assert wire(duration_gte=0, duration_lte=60_000) == {"durationgte": 0, "durationlte": 60_000}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("duration_gte", -1),
        ("duration_gte", timedelta(microseconds=-1)),
        ("duration_gte", 1.0),
        ("duration_gte", True),
        ("duration_gte", "1"),
        ("duration_gte", 10**50),
        ("call_direction", "SIDEWAYS"),
        ("call_direction", ""),
        ("extension", ""),
        ("extension", True),
        ("extension", 10**50),
        ("call_id", 5),
        ("call_id", "  "),
        ("caller_id", "a\r\nb"),
        ("cnam", "\x00"),
        ("cnam", "\ud800"),
        ("order", "start"),
        ("order", "start:desc"),
        ("order", "start:DESC,id:ASC"),
        ("order", "start:DESC\n"),
        ("transcription_ready", "true"),
        ("transcription_ready", 1),
    ],
)
def test_a_value_that_cannot_be_right_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(InputError, match=name):
        wire(**{name: value})


@pytest.mark.parametrize(
    "bounds",
    [
        {"start_gte": "2019-01-01T00:00:01Z", "start_lte": "2019-01-01T00:00:00Z"},
        {
            "start_gte": "2019-01-01T00:00:00Z",
            "start_lte": "2019-01-01T00:59:59+01:00",
        },
        {"duration_gte": timedelta(seconds=2), "duration_lte": 1999},
    ],
)
def test_bounds_that_contradict_each_other_are_refused(bounds: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"_gte is .*, after .*_lte .*; accepted: "):
        wire(**bounds)


@pytest.mark.parametrize("direction", ["INBOUND", "inbound", CallDirection.INBOUND])
def test_directions_are_enum_members_or_their_names(direction: Any) -> None:
    assert wire(call_direction=direction)["call_direction"] is CallDirection.INBOUND


@pytest.mark.parametrize("extension", [7, "7"])
def test_extensions_are_numbers_or_text(extension: Any) -> None:
    assert wire(extension=extension) == {"extension": "7"}


@pytest.mark.parametrize(
    ("allowed", "name", "hint"),
    [
        (ListFilters, "start_gt", "did you mean 'start_gte'"),
        (ListFilters, "transcription_ready", "call_direction, call_id"),
        (ExportFilters, "order", "call_direction, call_id"),
        (JobFilters, "state", "did you mean 'status'"),
        (ListFilters, "start:gte", "did you mean 'start_gte'"),
    ],
)
def test_unknown_filters_are_refused_with_the_closest_name(allowed: type, name: str, hint: str) -> None:
    with pytest.raises(InputError, match=f"unknown filter '{name}'") as caught:
        wire_filters({name: "x"}, allowed=allowed)
    assert hint in str(caught.value)


def test_an_int_too_long_to_be_written_is_refused_too() -> None:
    with pytest.raises(InputError, match="too many digits"):
        wire(extension=10**5000)


EVERYTHING = {
    "call_direction": "OUTBOUND",
    "call_id": "c",
    "caller_id": "+1",
    "cnam": "Å",
    "dnis": "2",
    "duration_gte": 1,
    "duration_lte": timedelta(seconds=1),
    "extension": 3,
    "order": "start:ASC",
    "start_gte": datetime(2019, 1, 1, tzinfo=UTC),
    "start_lte": "2020-01-01T00:00:00Z",
    "transcription_ready": False,
}


def test_every_filter_has_a_place_on_the_wire_and_a_way_back() -> None:
    assert set(EVERYTHING) == set(TranscriptionFilters.__annotations__)
    sent = wire(**EVERYTHING)
    assert wire(**plain_filters(sent)) == sent


def test_an_export_takes_every_filter_it_offers() -> None:
    filters = {name: EVERYTHING[name] for name in ExportFilters.__annotations__}
    body = ExportFilter(**wire_filters(filters, allowed=ExportFilters)).to_dict()
    assert len(body) == len(filters)
    assert body["start:gte"] == "2019-01-01T00:00:00+0000"


class Stamp(datetime):
    """As pandas.Timestamp: finer than a microsecond, and with arithmetic of its own."""

    nanosecond = 1

    def astimezone(self, tz: Any = None) -> Any:
        raise NotImplementedError

    def isoformat(self, *_: Any, **__: Any) -> str:
        return "2019-01-01T00:00:00.000000001+00:00"

    def __add__(self, other: Any) -> Any:
        raise NotImplementedError

    __sub__ = replace = __add__


class NotATime(datetime):
    """As pandas.NaT, which is an instance of datetime."""

    def utcoffset(self) -> Any:
        return self

    year = month = property(lambda _: float("nan"))  # type: ignore[assignment]


class Spiteful(tzinfo):
    def utcoffset(self, _: datetime | None) -> Any:
        raise LookupError("no zone")


def test_a_timestamp_of_pandas_is_read_to_the_nanosecond() -> None:
    stamp = Stamp(2019, 1, 1, tzinfo=UTC)
    assert wire(start_gte=stamp)["startgte"] == "2019-01-01T00:00:00+0000"
    assert wire(start_lte=stamp)["startlte"] == "2019-01-01T00:00:01+0000"


ODD = st.one_of(
    st.text(max_size=30),
    st.text(st.characters(categories=["Cs", "Cc", "Nd"]), max_size=5),
    st.sampled_from(
        ["x" * 70_000, "1" * 70_000, "2019-01-01T00:00:00." + "1" * 70_000 + "Z", "0000-00-00T00:00Z"]
    ),
    st.integers() | st.sampled_from([10**400, -(10**400)]) | st.floats() | st.booleans() | st.none(),
    st.datetimes() | st.datetimes(timezones=OFFSETS) | st.timedeltas(),
    st.sampled_from([timedelta.max, timedelta.min]),
    st.sampled_from([datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)]),
    st.builds(lambda: NotATime(2019, 1, 1)),
    st.builds(lambda: datetime(2019, 1, 1, tzinfo=Spiteful())),
    st.dates() | st.binary(max_size=5) | st.lists(st.integers(), max_size=2),
)


def outcome_of(filters: dict[str, Any]) -> tuple[dict[str, Any] | None, str]:
    try:
        return wire(**filters), ""
    except InputError as error:
        return None, str(error)


@pytest.mark.slow
@settings(max_examples=1500)
@given(st.dictionaries(st.sampled_from(sorted(TranscriptionFilters.__annotations__)), ODD, max_size=4))
def test_a_filter_of_any_kind_can_be_sent_or_is_an_input_error(filters: dict[str, Any]) -> None:
    sent, refusal = outcome_of(filters)
    if sent is None:
        assert "accepted: " in refusal
        assert len(refusal) < 1000
    else:
        url = httpx.URL("https://api.example", params={name: str(value) for name, value in sent.items()})
        assert len(str(url)) < 20_000
        assert wire(**plain_filters(sent)) == sent


def test_a_filter_that_is_none_is_not_given() -> None:
    assert wire(call_id=None, start_gte=None, extension=7) == {"extension": "7"}
    assert wire(start_gte=None, start_lte="2024-01-01T00:00:00Z") == {"startlte": "2024-01-01T00:00:00+0000"}


@pytest.mark.parametrize("direction", ["inbound", "INTRA_PBX", "Outbound"])
def test_directions_may_be_in_lower_case(direction: str) -> None:
    assert wire(call_direction=direction) == {"call_direction": direction.upper()}
