"""Named settings of many switches: published readings of the API, and surprises."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, cast

from .._errors import InputError

PRESETS: dict[str, dict[str, Any]] = {
    # The vendor's page of 2026 to the letter: the first page is asked for as 1, its links count from 0, and
    # its answers repeat another number than their own links.
    "page-2026": {
        "paging.default_page": 1,
        "paging.first_page": 0,
        "paging.echo_offset": -1,
        "paging.below": "empty",
        "exports.success_status": 201,
    },
    # The vendor's OpenAPI file of 2024, where it says something else than the page.
    "openapi-2024": {
        "exports.success_status": 202,
        "answers.extensions": "strings",
        "answers.urls": "/v1/api",
    },
    # What refuses whatever it may refuse.
    "strict": {
        "requests.lenient": False,
        "paging.page_size_max": 100,
        "paging.beyond": 404,
        "paging.below": 400,
    },
    # The gateway as it is by all signs: its quota, its words, and one token for one user.
    "gateway": {
        "quota.requests": 10,
        "quota.window": 60,
        "tokens.again": "login",
        "gateway.body": "json",
    },
}
RANDOM = "random:SEED"


def read_spec(
    spec: str | Mapping[str, Any], readings: Callable[[], Mapping[str, Sequence[Any]]]
) -> Mapping[str, Any]:
    """The switches that presets, separated by commas, stand for. A mapping is them already.

    Raises:
        InputError: There is no such preset.
    """
    if not isinstance(spec, str):
        return _mapping(spec)
    switches: dict[str, Any] = {}
    for name in filter(None, (part.strip() for part in spec.split(","))):
        if name.startswith("random:") and name.removeprefix("random:"):
            switches |= _surprise(name.removeprefix("random:"), readings())
        elif name in PRESETS:
            switches |= PRESETS[name]
        else:
            raise InputError(f"quirks is {name!r}; accepted: {', '.join((*PRESETS, RANDOM))}")
    return switches


def _mapping(spec: Any) -> Mapping[str, Any]:
    if not isinstance(spec, Mapping):
        raise InputError(f"quirks is {spec!r}; accepted: names of presets, or switches by name")
    return cast("Mapping[str, Any]", spec)


def _surprise(seed: str, readings: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """Some switches, set to something a careful client copes with: the same ones for the same seed."""
    random = Random(seed)
    return {name: random.choice(values) for name, values in readings.items() if random.random() < 0.5}
