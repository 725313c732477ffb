"""Arguments end as what they stand for, or in an error of ours in one voice, whatever is passed."""

import math
from collections.abc import Callable
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vbc_call_recording import ConfigurationError, InputError
from vbc_call_recording._checks import (
    checked_bearer_token,
    checked_text,
    flag,
    one_of,
    path_segment,
    seconds,
    shown,
    timeouts,
    whole_number,
)

CHECKS: list[Callable[[Any], object]] = [
    lambda value: whole_number(value, "x", least=1, most=16),
    lambda value: seconds(value, "x"),
    lambda value: seconds(value, "x", zero=True, most=10.0, also="None"),
    lambda value: flag(value, "x"),
    lambda value: one_of(value, "x", ("recordings", "jobs")),
    lambda value: path_segment(value, "x"),
]
SETTINGS: list[Callable[[Any], object]] = [
    timeouts,
    *(
        lambda value, check=check: check(value, "x")
        for check in (checked_text, checked_bearer_token)  # type: ignore[misc]
    ),
]
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(),
    st.just(10**5000),
    st.just(object()),
)


class Rude:
    def __repr__(self) -> str:
        raise RuntimeError("no")


def refusal(check: Callable[[Any], object], value: object, kind: type[Exception]) -> str | None:
    try:
        check(value)
    except kind as error:
        return str(error)
    return None


@pytest.mark.parametrize("check", CHECKS)
@given(value=ANYTHING)
def test_an_argument_is_accepted_or_refused_in_one_voice(
    check: Callable[[Any], object], value: object
) -> None:
    message = refusal(check, value, InputError)
    if message is not None:
        assert message.startswith("x is ")
        assert "; accepted: " in message
        assert len(message) < 400


@pytest.mark.parametrize("check", SETTINGS)
@given(value=ANYTHING)
def test_a_setting_is_accepted_or_refused_as_configuration(
    check: Callable[[Any], object], value: object
) -> None:
    message = refusal(check, value, ConfigurationError)
    assert message is None or "; accepted: " in message


@pytest.mark.parametrize("value", [0, 17, True, "5", 5.0, None, 10**400])
def test_whole_numbers_are_neither_flags_nor_text(value: object) -> None:
    with pytest.raises(InputError, match=r"^x is .*; accepted: a whole number, 1 to 16$"):
        whole_number(value, "x", least=1, most=16)


def test_of_an_enum_the_value_counts_and_not_the_name() -> None:
    class Known(str, Enum):  # noqa: UP042 - as older code has them
        ONE = "abc"

    class Numbered(int, Enum):
        ONE = 7

    assert path_segment(Known.ONE, "recording_id") == "abc"
    assert path_segment(Numbered.ONE, "recording_id") == "7"


@pytest.mark.parametrize("value", [0, -1, math.nan, math.inf, True, "60", 10**400])
def test_seconds_are_finite_and_above_zero(value: object) -> None:
    with pytest.raises(InputError, match=r"^x is .*; accepted: seconds above 0$"):
        seconds(value, "x")


def test_what_cannot_be_shown_is_named_by_its_type() -> None:
    assert shown(Rude()) == "an object of type Rude"
    assert len(shown("x" * 70_000)) == 100


@pytest.mark.parametrize("encoding", ["a" * 70_000, "%25" * 20_000 + "2e", "%252e" * 60])
def test_an_id_of_absurd_length_is_refused_at_once(encoding: str) -> None:
    with pytest.raises(InputError, match="at most 255 characters"):
        path_segment(encoding, "recording_id")
