"""Errors that functions of the API may raise."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx


class UnexpectedStatus(Exception):
    """The status is not a documented one, and Client.raise_on_unexpected_status is set."""

    def __init__(self, status_code: int, content: bytes) -> None:
        self.status_code = status_code
        self.content = content
        super().__init__(f"Unexpected status code: {status_code}")


class UnreadableField(ValueError):
    """A value in an answer is not of the documented type. `field` is its path from where reading began."""

    def __init__(self, field: str, cause: Exception) -> None:
        inner = cause if isinstance(cause, UnreadableField) else None
        separator = "" if inner is None or inner.field.startswith("[") else "."
        self.field: str = field if inner is None else field + separator + inner.field
        self.reason: str = inner.reason if inner else f"{type(cause).__name__}: {cause}"
        super().__init__(f"{self.field}: {self.reason}")


@contextmanager
def reading(response: httpx.Response) -> Iterator[None]:
    """Lets the `unreadable` extension of the response, if there is one, say what an unreadable answer raises."""
    try:
        yield
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        translate = response.extensions.get("unreadable")
        if translate is None:
            raise
        raise translate(response, error) from error


__all__ = ["UnexpectedStatus", "UnreadableField", "reading"]
