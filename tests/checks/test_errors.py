"""Errors are ordinary objects: users raise them in tests, copy them, and send them to other processes."""

import copy
import inspect
import pickle
from collections.abc import Callable
from typing import Any

import pytest

import vbc_call_recording
from vbc_call_recording import CallRecordingError, ExportError

ERRORS = [
    kind
    for _, kind in inspect.getmembers(vbc_call_recording, inspect.isclass)
    if issubclass(kind, CallRecordingError)
]
COPIES: list[Callable[[Any], Any]] = [
    copy.copy,
    copy.deepcopy,
    lambda error: pickle.loads(pickle.dumps(error)),
]


def documented(kind: type[CallRecordingError]) -> set[str]:
    return {name for base in kind.__mro__ for name in vars(base).get("__annotations__", ())}


@pytest.mark.parametrize("kind", ERRORS)
def test_an_error_made_of_words_alone_has_all_its_attributes_and_keeps_them(
    kind: type[CallRecordingError],
) -> None:
    error = kind("words")
    told = {name: getattr(error, name) for name in documented(kind)}
    for copied in (make(error) for make in COPIES):
        assert type(copied) is kind
        assert (str(copied), copied.args) == (str(error), ("words",))
        assert {name: getattr(copied, name) for name in told} == told


def test_what_an_export_error_is_given_is_its_own() -> None:
    one, other = ExportError("words", jobs={"a": None}), ExportError("words")
    one.jobs["b"] = "complete"
    other.jobs["c"] = None
    assert (one.jobs, ExportError("words").jobs) == ({"a": None, "b": "complete"}, {})
