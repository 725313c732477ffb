"""Keyword arguments that come as `**options`, named by a TypedDict. Pure."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def spelled_out(options: type) -> Callable[[F], F]:
    """Has `help()` show the keywords of a method that takes `**options` as the TypedDict says."""

    def spell(method: F) -> F:
        given = inspect.signature(method)
        named = [each for each in given.parameters.values() if each.kind is not each.VAR_KEYWORD]
        keywords = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=..., annotation=kind)
            for name, kind in options.__annotations__.items()
        ]
        vars(method)["__signature__"] = given.replace(parameters=[*named, *keywords])
        return method

    return spell


def split(options: Mapping[str, Any], part: type) -> tuple[dict[str, Any], Any]:
    """Those that the TypedDict `part` lacks, and those that it has."""
    others = dict(options)
    return others, {name: others.pop(name) for name in part.__annotations__ if name in options}
