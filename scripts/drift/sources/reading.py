"""Fetching what is to be compared, telling what it is, and parsing it."""

import re
from pathlib import Path

import httpx

from scripts.spec import NotUnderstood, parse

from ..facts import Facts, Naming
from .document import read_document
from .page import read_page

_TIMEOUT_S = 30.0
_LARGEST_BYTES = 20 * 1024 * 1024


def fetch(source: str) -> str:
    """The text of a file or of an http(s) URL. Raises NotUnderstood."""
    if not re.match(r"https?://", source):
        try:
            return Path(source).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise NotUnderstood(f"{source} cannot be read: {error}") from error
    try:
        response = httpx.get(source, timeout=_TIMEOUT_S, follow_redirects=True)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotUnderstood(f"{source} cannot be fetched: {error or type(error).__name__}") from error
    if response.status_code != httpx.codes.OK:
        raise NotUnderstood(f"{source} answered {response.status_code}, not 200")
    if len(response.content) > _LARGEST_BYTES:
        raise NotUnderstood(f"{source} is larger than {_LARGEST_BYTES} bytes")
    return response.text.removeprefix("\ufeff")


def read_upstream(text: str, ours: Facts) -> Facts:
    """Facts of an OpenAPI document or of the docs page, whichever the text is.

    Operations are named as in `ours`, whatever upstream calls its path parameters.
    """
    names = Naming(ours.operations())
    if text.lstrip()[:1] == "{" or re.search(r"^['\"]?(openapi|swagger)['\"]?\s*:", text, re.MULTILINE):
        theirs = read_document(parse(text), names)
        if not set(theirs.operations()) & set(ours.operations()):
            raise NotUnderstood("no operation of openapi.yaml is in this document: it is another API's")
    else:
        theirs = read_page(text, ours)
    return theirs
