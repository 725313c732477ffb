"""From the bytes of a page to typed models: 200 pages of 100 recordings, one after the other, none kept."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from benchmarks.canned_server import page
from benchmarks.rows import Goal, Row, Turn, Way, no_server, times
from benchmarks.subjects.listing import fast_json

SIZE, PAGES = 100, 200
TEXT = page(total=10_000, first=1, size=SIZE, number=1)


def read_all(read: Callable[[bytes], int]) -> int:
    return sum(read(TEXT) for _ in range(PAGES))


@contextmanager
def json_dicts(_: str) -> Iterator[Turn]:
    yield lambda: read_all(lambda text: len(json.loads(text)["_embedded"]["recordings"]))


@contextmanager
def orjson_dicts(_: str) -> Iterator[Turn]:
    loads = fast_json()
    yield lambda: read_all(lambda text: len(loads(text)["_embedded"]["recordings"]))


@contextmanager
def pydantic(_: str) -> Iterator[Turn]:
    from benchmarks.pydantic_models import Page

    yield lambda: read_all(lambda text: len(Page.model_validate_json(text).embedded.recordings))


@contextmanager
def stock(_: str) -> Iterator[Turn]:
    from stock.models import RecordingPage

    yield lambda: read_all(models(RecordingPage, json.loads))


@contextmanager
def openapi_generator(_: str) -> Iterator[Turn]:
    from openapi_generator.models.recording_page import RecordingPage

    yield lambda: read_all(lambda text: len(RecordingPage.from_json(text.decode()).embedded.recordings))


@contextmanager
def ours(_: str, *, orjson: bool) -> Iterator[Turn]:
    from vbc_call_recording_generated.models import RecordingPage
    from vbc_call_recording_generated.types import read_json

    require_same(RecordingPage)
    yield lambda: read_all(models(RecordingPage, read_json if orjson else json.loads))


def models(page_model: Any, loads: Callable[[bytes], Any]) -> Callable[[bytes], int]:
    return lambda text: len(page_model.from_dict(loads(text)).hal_embedded.recordings)


def require_same(page_model: Any) -> None:
    """What was read has to say what was sent."""
    sent = json.loads(TEXT)
    if page_model.from_dict(json.loads(TEXT)).to_dict() != sent:
        raise SystemExit("the models do not say what was sent")


WAYS: dict[str, Way] = {
    "json dicts": json_dicts,
    "orjson dicts": orjson_dicts,
    "pydantic": pydantic,
    "stock generated": stock,
    "openapi-generator": openapi_generator,
    "ours": partial(ours, orjson=True),
    "ours, without orjson": partial(ours, orjson=False),
}
ROWS = [
    Row(
        "page bytes → models, 20,000",
        WAYS,
        server=no_server,
        expects=SIZE * PAGES,
        goals=[Goal("≤ 0.32 × stock generated", times("ours", "stock generated"), most=0.32)],
    )
]
