"""An export's token is JSON text that survives a round trip, and nothing else is taken for one."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vbc_call_recording._errors import InputError
from vbc_call_recording._exports.ticket import NOT_FOUND_GRACE, ExportTicket

tickets = st.builds(
    ExportTicket,
    job_ids=st.lists(st.uuids().map(str), unique=True).map(tuple),
    kind=st.sampled_from(["recordings", "recordings_transcriptions"]),
    user_id=st.sampled_from(["self", "745249"]),
    scope=st.sampled_from(["company", "on_demand", None]),
    filters=st.one_of(st.none(), st.dictionaries(st.text(max_size=8), st.one_of(st.text(), st.integers()))),
    created=st.one_of(st.none(), st.floats(0, 1e11)),
)


@given(tickets)
def test_a_token_gives_back_what_went_in(ticket: ExportTicket) -> None:
    assert ExportTicket.from_token(ticket.to_token()) == ticket


@pytest.mark.slow
@given(st.one_of(st.text(), st.recursive(st.integers() | st.text(), st.lists).map(json.dumps)))
def test_what_is_no_token_is_refused_clearly(text: str) -> None:
    with pytest.raises(InputError, match=r"^token is .*; accepted: "):
        ExportTicket.from_token(text)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"version": 2}, "version 1"),
        ({"job_ids": "abc"}, "job_ids"),
        ({"job_ids": [None]}, "job id in the token"),
        ({"job_ids": [".."]}, "job id in the token"),
        ({"kind": "videos"}, "kind"),
        ({"scope": "galaxy"}, "scope"),
        ({"filters": []}, "filters"),
        ({"created": "today"}, "created"),
        ({"unheard_of": 1}, "unheard_of"),
    ],
)
def test_a_token_that_was_tampered_with_names_what_is_wrong(change: dict[str, object], named: str) -> None:
    fields = json.loads(ExportTicket(("a",), scope="company", filters={}).to_token())
    with pytest.raises(InputError, match=named):
        ExportTicket.from_token(json.dumps(fields | change))


def test_a_404_is_excused_only_just_after_creation() -> None:
    ticket = ExportTicket(("a",), created=1000.0)
    assert ticket.may_not_be_known_yet(1000.0)
    assert ticket.may_not_be_known_yet(1000.0 + NOT_FOUND_GRACE)
    assert not ticket.may_not_be_known_yet(1001.0 + NOT_FOUND_GRACE)
    assert not ticket.may_not_be_known_yet(999.0), "created in the future: the clock cannot be trusted"
    assert not ExportTicket(("a",)).may_not_be_known_yet(1000.0), "a job adopted by id is no newborn"
