"""Every example of openapi.yaml fits its schema, for validators that know the standard's formats, too."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_schema_validator import OAS30Validator, oas30_format_checker
from ruamel.yaml import YAML

from tests.generation.contract import SPEC

DOCUMENT: dict[str, Any] = YAML(typ="safe", pure=True).load(SPEC.read_text("utf-8"))


def examples(node: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        if "example" in node and "properties" not in node:
            yield at, node
        for name, child in node.items():
            if name != "example":
                yield from examples(child, f"{at}.{name}")
    elif isinstance(node, list):
        for number, child in enumerate(node):
            yield from examples(child, f"{at}[{number}]")


EXAMPLES = dict(examples(DOCUMENT["components"]["schemas"]))


def errors(schema: Any) -> list[str]:
    validator = OAS30Validator(
        {**schema, "components": DOCUMENT["components"]}, format_checker=oas30_format_checker
    )
    return [error.message for error in validator.iter_errors(schema["example"])]


@pytest.mark.parametrize("at", EXAMPLES)
def test_an_example_fits_its_schema(at: str) -> None:
    assert errors(EXAMPLES[at]) == []


def test_the_format_of_the_page_would_be_refused() -> None:
    """Which is why instants have a format of our own."""
    schema = copy.deepcopy(EXAMPLES[".Recording.properties.start"])
    schema["format"] = "date-time"
    assert errors(schema) == ["'2019-01-01T00:00:00+0000' is not a 'date-time'"]


def test_links_are_urls_that_a_client_can_follow() -> None:
    assert EXAMPLES[".Link.properties.href"]["example"].startswith(f"{DOCUMENT['servers'][0]['url']}/api/")


def test_it_says_whose_it_is() -> None:
    assert DOCUMENT["info"]["license"]["name"] == "MIT"
    assert DOCUMENT["info"]["contact"]["name"]
