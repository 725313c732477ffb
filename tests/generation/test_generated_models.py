"""What our templates change about the models, compared with the generator's own output."""

import copy
import importlib
import inspect
import json
import pickle
import pkgutil
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from attrs import evolve

from vbc_call_recording_generated import api
from vbc_call_recording_generated.errors import UnreadableField
from vbc_call_recording_generated.models import (
    ExportFilter,
    ExportJob,
    ExportJobIds,
    ExportJobPage,
    Recording,
    RecordingPage,
    Transcription,
    TranscriptionPage,
)
from vbc_call_recording_generated.types import UNSET, Unset, read_json

MODELS = (ExportJob, ExportJobIds, ExportJobPage, Recording, RecordingPage, Transcription, TranscriptionPage)


USUAL: dict[str, Any] = {
    "_links": {"self": {"href": "x"}}, "call_direction": "INBOUND", "call_id": "c", "caller_id": "1",
    "cnam": "n", "dnis": "2", "download_url": "u", "duration": 1, "end": "2019-01-01T00:00:00+0000",
    "extensions": [1], "file_name": "f", "file_size_in_bytes": 2, "id": 3, "rule_ids": [4],
    "start": "2019-01-01T00:00:00+0000",
}  # fmt: skip


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_null_is_unset_for_every_property(model: type) -> None:
    names = {field.name for field in model.__attrs_attrs__} - {"additional_properties"}
    wire_names = {name.replace("hal_", "_") for name in names}

    read = model.from_dict(dict.fromkeys(wire_names))

    assert {name: getattr(read, name) for name in names} == dict.fromkeys(names, UNSET)
    assert read == model.from_dict({})
    assert read.to_dict() == {}


def test_unset_stays_itself_when_copied_and_pickled() -> None:
    recording = Recording(id=5)

    assert copy.deepcopy(recording).duration is UNSET
    assert pickle.loads(pickle.dumps(recording)).to_dict() == {"id": 5}
    assert repr(UNSET) == "UNSET"
    assert not UNSET


def test_hal_envelopes_have_telling_names() -> None:
    page = RecordingPage.from_dict(
        {"_embedded": {"recordings": [{"id": 1}]}, "_links": {"self": {"href": "x"}}}
    )

    assert not isinstance(page.hal_embedded, Unset)
    assert page.hal_embedded.recordings == [Recording(id=1)]
    assert not isinstance(page.hal_links, Unset)
    assert page.hal_links.self_.href == "x"


def test_extensions_may_be_integers_or_strings() -> None:
    assert Recording.from_dict({"extensions": [999, "998"]}).extensions == [999, "998"]


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2019-01-01T00:00:00+0000", datetime(2019, 1, 1, tzinfo=UTC)),
        ("2019-01-01T00:00:00.250Z", datetime(2019, 1, 1, microsecond=250_000, tzinfo=UTC)),
        ("2019-01-01T24:00:00Z", datetime(2019, 1, 2, tzinfo=UTC)),
        ("2019-01-01T00:00:00-05:30", datetime(2019, 1, 1, 5, 30, tzinfo=UTC)),
    ],
)
def test_instants_are_read_in_every_iso_8601_form_and_written_as_they_came(
    text: str, instant: datetime
) -> None:
    for values in ({"start": text}, USUAL | {"start": text}):
        recording = Recording.from_dict(values)
        assert recording.start == instant
        assert recording.to_dict() == values
        assert recording == evolve(recording, start=instant)


@pytest.mark.parametrize("values", [{}, {name: text for name, text in USUAL.items() if name != "id"}, USUAL])
def test_an_instant_that_was_set_is_written_as_the_api_writes_it(values: dict[str, Any]) -> None:
    recording = Recording.from_dict(values)
    recording.start = datetime(2024, 2, 3, 4, 5, 6, tzinfo=timezone(timedelta(hours=-5)))

    assert recording.start.hour == 4
    assert recording.to_dict() == values | {"start": "2024-02-03T04:05:06-0500"}
    assert pickle.loads(pickle.dumps(recording)) == copy.deepcopy(recording) == recording
    assert pickle.loads(pickle.dumps(recording)).to_dict() == recording.to_dict()
    recording.start = UNSET
    assert recording.start is UNSET
    assert recording.to_dict() == {name: value for name, value in values.items() if name != "start"}


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        ({"_embedded": {"recordings": [{}, {"start": "yesterday"}]}}, "_embedded.recordings[1].start"),
        ({"_embedded": {"recordings": [{}, 7]}}, "_embedded.recordings[1]"),
        ({"_embedded": {"recordings": {"id": 1}}}, "_embedded.recordings"),
        ({"_embedded": []}, "_embedded"),
        ({"_links": {"next": "/page/2"}}, "_links.next"),
        ({"_embedded": {"recordings": [{"extensions": "999"}]}}, "_embedded.recordings[0].extensions"),
        ({"_embedded": {"recordings": [{"end": 1546300800}]}}, "_embedded.recordings[0].end"),
    ],
)
def test_an_unreadable_answer_names_the_field(answer: dict[str, object], field: str) -> None:
    with pytest.raises(UnreadableField) as caught:
        RecordingPage.from_dict(answer)

    assert caught.value.field == field


@pytest.mark.parametrize(
    "form", ['{"id":%s}', '{"id" :\n\t %s }', '{"id": -%s}', '{"mood":[1,%s]}', '{"mood":[ %s]}']
)
@pytest.mark.parametrize("digits", ["9223372036854775808", "18446744073709551616", "12345678901234567890123"])
def test_no_digit_of_a_long_number_is_lost(form: str, digits: str) -> None:
    text = form % digits
    assert Recording.from_dict(read_json(text.encode())).to_dict() == json.loads(text)


def test_unknown_properties_are_kept() -> None:
    assert Recording.from_dict({"id": 1, "sentiment": "calm"}).to_dict() == {"id": 1, "sentiment": "calm"}


FUNCTIONS = sorted(
    module
    for package in pkgutil.iter_modules(api.__path__)
    for module in (
        f"{api.__name__}.{package.name}.{found.name}"
        for found in pkgutil.iter_modules([f"{api.__path__[0]}/{package.name}"])
    )
)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("bad", ["", ".", "..", "a/b", "..\\"])
def test_no_path_parameter_of_any_operation_can_lead_elsewhere(function: str, bad: str) -> None:
    get_kwargs = importlib.import_module(function)._get_kwargs
    names = [
        name
        for name, parameter in inspect.signature(get_kwargs).parameters.items()
        if parameter.default is parameter.empty and name != "body"
    ]
    body = {"body": ExportFilter()} if "body" in inspect.signature(get_kwargs).parameters else {}

    assert get_kwargs(**dict.fromkeys(names, "a b"), **body)["url"].count("/a%20b") == len(names) > 0
    for name in names:
        with pytest.raises(ValueError, match=name):
            get_kwargs(**(dict.fromkeys(names, "5") | {name: bad}), **body)
