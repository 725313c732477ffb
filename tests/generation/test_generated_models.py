"""What our templates change about the models, compared with the generator's own output."""

import copy
import importlib
import inspect
import pickle
import pkgutil
from datetime import UTC, datetime

import pytest

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
from vbc_call_recording_generated.types import UNSET, Unset

MODELS = (ExportJob, ExportJobIds, ExportJobPage, Recording, RecordingPage, Transcription, TranscriptionPage)


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
def test_instants_are_read_in_every_iso_8601_form(text: str, instant: datetime) -> None:
    assert Recording.from_dict({"start": text}).start == instant


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
