"""A spec of every feature the generator knows, generated with its templates and with ours.

What the stock code reads and writes, ours reads and writes alike. Where ours departs, it is on purpose: null
in place of an optional property that is never null is UNSET; what cannot be read is an `UnreadableField`;
instants are written as they came, or as the API documents them: without the stock code's colon in `+00:00`.
"""

import importlib
import io
import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from scripts import generate

pytestmark = pytest.mark.slow

SPEC = Path(__file__).with_name("features.yaml")
AT, DAY = "2019-01-01T00:00:00+0000", "2019-01-02"
INSTANT = datetime(2019, 1, 1, tzinfo=UTC)
LEAF: dict[str, Any] = {"name": "a", "twig": {"name": "b"}}
REQUIRED: dict[str, Any] = {
    "text": "t", "count": 1, "at": AT, "word": "no", "leaf": LEAF, "texts": ["a"], "instants": [AT],
    "leaves": [LEAF], "maybe": None, "maybe_at": None, "maybe_leaf": None, "maybe_leaves": None,
    "anything": None, "fixed": "always",
}  # fmt: skip
OPTIONAL: dict[str, Any] = {
    "ratio": 1.5, "flag": True, "day": DAY, "id": "c91150a6-8cc4-4e73-9fef-17fd925c6448", "number": -2,
    "words": ["no", "yes it is"], "matrix": [[1], []], "bushes": [[LEAF], []], "maybes": ["a", None],
    "either": AT, "eithers": [1, "a"],
}  # fmt: skip
WHOLE = REQUIRED | OPTIONAL
GIVEN = {"maybe": "m", "maybe_at": AT, "maybe_leaf": LEAF, "maybe_leaves": [LEAF], "anything": {"b": None}}
READABLE: list[tuple[str, Any]] = [
    ("Thing", REQUIRED),
    ("Thing", WHOLE),
    ("Thing", WHOLE | GIVEN),
    *(("Thing", WHOLE | {"either": either}) for either in (7, LEAF, AT)),
    ("Loose", {}),
    *(("Loose", {name: value}) for name, value in (WHOLE | GIVEN).items()),
    *(("Loose", {name: None}) for name in GIVEN),
    ("Closed", {"a": "x"}),
    ("Instants", {"x": AT}),
    ("Leaves", {"x": LEAF}),
    ("Lists", {"x": [AT], "y": []}),
    ("Nulls", {"x": None, "y": "z"}),
    ("Both", {"name": "a", "more": 1, "unknown": {"x": None}, "none": None}),
    (
        "Holder",
        {
            "one": {"a": "x"},
            "two": {"x": AT},
            "three": {"x": LEAF},
            "five": {"x": None},
            "seven": {"word": "no"},
        },
    ),
]


class Client:
    """A generated package, by the names of its models and operations."""

    def __init__(self, package: ModuleType) -> None:
        self.name = package.__name__
        self.models = importlib.import_module(f"{self.name}.models")
        self.types = importlib.import_module(f"{self.name}.types")
        self.errors = importlib.import_module(f"{self.name}.errors")
        self.client = importlib.import_module(f"{self.name}.client").Client

    def operation(self, name: str) -> Any:
        return importlib.import_module(f"{self.name}.api.default.{name}")

    def read(self, model: str, value: Any) -> Any:
        return getattr(self.models, model).from_dict(value)

    def answered(self, name: str, response: httpx.Response, **arguments: Any) -> Any:
        client = self.client(base_url="https://api.test")
        transport = httpx.MockTransport(lambda _: response)
        client.set_httpx_client(httpx.Client(transport=transport, base_url="https://api.test"))
        return self.operation(name).sync_detailed(client=client, **arguments).parsed

    def request(self, name: str, **arguments: Any) -> tuple[str, str, str, bytes]:
        kwargs = self.operation(name)._get_kwargs(**arguments)
        request = httpx.Client(base_url="https://api.test").build_request(**kwargs)
        request.read()
        # The stock code states a boundary of its own; whichever it is, the parts are the same.
        headers = "\n".join(
            f"{key}: {value}" for key, value in request.headers.items() if key != "content-length"
        )
        return request.method, as_documented(str(request.url)), as_documented(headers), request.content


def as_documented(text: str) -> str:
    """Instants without the colon in their offset, which ours never writes."""
    return text.replace("+00:00", "+0000").replace("%2B00%3A00", "%2B0000")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Client]]:
    """The stock client and ours."""
    folder = tmp_path_factory.mktemp("features")
    generate.write_package(SPEC, folder / "features_stock")
    generate.write_package(SPEC, folder / "features_ours", "--custom-template-path", str(generate.TEMPLATES))
    generate.finish(folder / "features_ours")
    sys.path.insert(0, str(folder))
    yield (
        Client(importlib.import_module("features_stock")),
        Client(importlib.import_module("features_ours")),
    )
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.startswith("features_")]:
        del sys.modules[name]


def fields(value: Any) -> Any:
    """A model as nested plain values, UNSET left out, whatever package it is from."""
    if hasattr(value, "__attrs_attrs__"):
        pairs = {each.name: getattr(value, each.name) for each in value.__attrs_attrs__}
        set_ones = {name: fields(inner) for name, inner in pairs.items() if type(inner).__name__ != "Unset"}
        return type(value).__name__, set_ones
    if isinstance(value, list):
        return [fields(inner) for inner in value]
    if isinstance(value, dict):
        return {name: fields(inner) for name, inner in value.items()}
    return value if not hasattr(value, "name") else (type(value).__name__, value.name, value.value)


@pytest.mark.parametrize(("model", "value"), READABLE, ids=lambda each: each if isinstance(each, str) else "")
def test_what_the_stock_code_reads_and_writes_ours_does_too(
    model: str, value: Any, built: tuple[Client, Client]
) -> None:
    stock, ours = (client.read(model, value) for client in built)
    assert fields(ours) == fields(stock)
    assert ours.to_dict() == value
    assert stock.to_dict() == json.loads(json.dumps(value).replace("+0000", "+00:00"))


@pytest.mark.parametrize("name", sorted(OPTIONAL))
def test_null_where_null_is_not_allowed_is_unset(name: str, built: tuple[Client, Client]) -> None:
    _, ours = built
    read = ours.read("Loose", {name: None})
    assert getattr(read, name) is ours.types.UNSET
    assert read.to_dict() == {}


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_a_required_property_that_is_missing_is_named(name: str, built: tuple[Client, Client]) -> None:
    _, ours = built
    with pytest.raises(ours.errors.UnreadableField) as caught:
        ours.read("Thing", {key: value for key, value in WHOLE.items() if key != name})
    assert caught.value.field == name


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"at": "soon"}, "at"),
        ({"word": "maybe"}, "word"),
        ({"leaves": [LEAF, {}]}, "leaves[1].name"),
        ({"instants": [AT, None]}, "instants[1]"),
        ({"matrix": 5}, "matrix"),
        ({"bushes": [[], [{}]]}, "bushes[1][0].name"),
    ],
)
def test_what_cannot_be_read_is_named(value: Any, field: str, built: tuple[Client, Client]) -> None:
    _, ours = built
    with pytest.raises(ours.errors.UnreadableField) as caught:
        ours.read("Thing", WHOLE | value)
    assert caught.value.field == field


ANSWERS: list[tuple[str, Any]] = [
    ("list_strings", ["a"]),
    ("list_words", ["no", "yes it is"]),
    ("list_numbers", [1, -2]),
    ("list_matrix", [[1], []]),
    ("list_instants", [AT]),
    ("list_things", [WHOLE]),
    ("list_groups", [[WHOLE], []]),
    ("list_choices", [1, WHOLE]),
    ("get_count", 5),
    ("get_several", WHOLE),
]


@pytest.mark.parametrize(("operation", "answer"), ANSWERS)
def test_answers_of_every_kind_are_read_alike(
    operation: str, answer: Any, built: tuple[Client, Client]
) -> None:
    stock, ours = (client.answered(operation, httpx.Response(200, json=answer)) for client in built)
    assert fields(ours) == fields(stock)
    assert ours is not None


@pytest.mark.parametrize("status", [404, 503])
def test_documented_errors_and_the_default_are_read_alike(status: int, built: tuple[Client, Client]) -> None:
    response = httpx.Response(status, json={"title": "No"})
    stock, ours = (client.answered("get_several", response) for client in built)
    assert fields(ours) == fields(stock) == ("Problem", {"title": "No", "additional_properties": {}})


def test_text_files_and_nothing_are_read_alike(built: tuple[Client, Client]) -> None:
    for operation, response in (
        ("get_plain", httpx.Response(200, text="words")),
        ("delete_nothing", httpx.Response(204)),
    ):
        stock, ours = (client.answered(operation, response) for client in built)
        assert ours == stock
    read = [
        client.answered("get_file", httpx.Response(200, content=b"abc")).payload.read() for client in built
    ]
    assert read == [b"abc", b"abc"]


def asked(client: Client) -> dict[str, Any]:
    return {
        "id": 5, "word": client.models.Word("no"), "at": INSTANT, "day": date(2019, 1, 2),
        "days": [date(2019, 1, 2)], "words": [client.models.Word("no")], "nullable": None, "either": INSTANT,
        "x_count": 3, "cake": "c",
    }  # fmt: skip


def parts(client: Client) -> Any:
    leaf, file, word = client.read("Leaf", LEAF), client.types.File, client.models.Word("no")
    return client.models.Parts(
        name="n", at=INSTANT, day=date(2019, 1, 2), times=[INSTANT, INSTANT], words=[word],
        counts=[1, 2], leaf=leaf, leaves=[leaf, leaf], either=INSTANT, file=file(io.BytesIO(b"f"), "f.bin"),
        files=[file(io.BytesIO(b"g"), "g.bin", "text/plain")],
    )  # fmt: skip


BODIES: dict[str, Callable[[Client], Any]] = {
    "send_json": lambda client: client.read("Thing", WHOLE),
    "send_array": lambda client: [INSTANT],
    "send_form": lambda client: client.read("Form", {"a": "x", "at": AT}),
    "send_parts": parts,
    "send_bytes": lambda client: client.types.File(io.BytesIO(b"f"), "f.bin", "audio/mpeg"),
    "send_either": parts,
}


@pytest.mark.parametrize("operation", BODIES)
def test_bodies_of_every_kind_are_written_alike(operation: str, built: tuple[Client, Client]) -> None:
    stock, ours = (client.request(operation, body=BODIES[operation](client)) for client in built)
    assert ours[:3] == stock[:3]
    assert ours[3].decode() == as_documented(stock[3].decode())


def test_parameters_of_every_kind_are_written_alike(built: tuple[Client, Client]) -> None:
    stock, ours = (client.request("ask", **asked(client)) for client in built)
    assert ours == stock
    assert "/asked/5/no?" in ours[1]
