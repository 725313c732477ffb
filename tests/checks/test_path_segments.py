"""Nothing that becomes part of a path can lead to another path."""

import posixpath
from typing import Any
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vbc_call_recording._checks import path_segment
from vbc_call_recording._errors import InputError

IDS = [193228, "193228", "self", "afa725fb-d418-4eaf-b3f9-0e66396fafdc", "a b", "..."]
PLAIN = ["", ".", "..", "/", "1/..", "..\\", " 1", "1\n", "a\x00", "\ud800", "..;a=b"]
ENCODED = ["%2e%2e", "%2E.", "%252e%252e", "1%2f2", "%5c", "a%00", "..%3Ba", "%EF%BC%8E."]
LOOK_ALIKES = ["\uff0e\uff0e", "a\uff0fb"]
NO_IDS = [True, None, 1.5, b"1", 10**50]


@pytest.mark.parametrize("value", IDS)
def test_ids_pass_as_text(value: str | int) -> None:
    assert path_segment(value, "recording_id") == str(value)


@pytest.mark.parametrize("value", [*PLAIN, *ENCODED, *LOOK_ALIKES, *NO_IDS])
def test_what_may_mean_another_path_is_refused(value: Any) -> None:
    with pytest.raises(InputError, match="recording_id"):
        path_segment(value, "recording_id")


@given(st.one_of(st.text(), st.text(alphabet="./\\%25eEfF;a")))
def test_whatever_passes_stays_in_its_folder_however_often_it_is_decoded(value: str) -> None:
    try:
        segment = path_segment(value, "id")
    except InputError:
        return
    text = quote(segment, safe="")
    for _ in range(5):
        path = posixpath.normpath("/accounts/self/" + text.partition(";")[0])
        assert path.startswith("/accounts/self/")
        assert path.count("/") == 3
        text = unquote(text)
