"""How bad a change is for those who use this client: a table, so that it can be read and argued about."""

from enum import IntEnum

from ..facts import ENUM, EXISTS, NAME, Fact, Facts, Place, is_answer, kind_of
from ..sources.schemas import LIMITS


class Severity(IntEnum):
    """Ordered, so that a threshold is a comparison.

    Attributes:
        NOTICE: Nothing to do now: defaults, deprecations, tags, documented errors.
        ADDITIVE: There is something new to offer.
        BREAKING: Our calls or our users' code would fail.
    """

    NOTICE = 1
    ADDITIVE = 2
    BREAKING = 3

    def __str__(self) -> str:
        return self.name.lower()


_N, _A, _B = Severity.NOTICE, Severity.ADDITIVE, Severity.BREAKING

# What exists: (newly upstream, no longer upstream).
_EXISTENCE = {
    **dict.fromkeys(
        ("operation", "parameter", "body", "media type", "property", "enum value", "server"), (_A, _B)
    ),
    # The client has one server for all operations.
    "operation's server": (_B, _B),
    # A value that was free becomes an enumeration, or ceases to be one: another type in Python.
    "enum": (_B, _B),
    # A success we do not know is one the generated client returns None for.
    "success status": (_B, _B),
    "documented error": (_N, _N),
}

# Other aspects: (newly stated, no longer stated, changed), for what we send and for what we receive.
_SENT = {
    "required": (_B, _A, _B),
    "nullable": (_B, _B, _B),
    # A path parameter is sent by its place in the path, whatever its NAME is.
    **dict.fromkeys(("default", "deprecated", "tags", NAME), (_N, _N, _N)),
    # What may not be sent any more, or only sent.
    "readOnly": (_B, _A, _B),
    "writeOnly": (_N, _N, _N),
    # A limit where there was none refuses calls that worked; one that is gone refuses nothing.
    **dict.fromkeys(LIMITS, (_B, _A, _B)),
    "additionalProperties": (_B, _A, _B),
}
_RECEIVED = _SENT | {
    "required": (_B, _B, _B),
    "nullable": (_B, _A, _B),
    "readOnly": (_N, _N, _N),
    "writeOnly": (_B, _A, _B),
    **dict.fromkeys(LIMITS, (_N, _N, _N)),
    "additionalProperties": (_N, _N, _N),
}
# type, format, operationId, security, media type, style
_ANY_OTHER = (_B, _B, _B)


def severity(
    fact: Fact, ours: str | bool | None, theirs: str | bool | None, mine: Facts, upstream: Facts
) -> Severity:
    """The severity of a fact being one thing in openapi.yaml and another upstream (None: not stated)."""
    if fact.aspect == EXISTS:
        if _is_respelt_status(fact.place, upstream if theirs is None else mine):
            return _N
        added, removed = _EXISTENCE[kind_of(fact.place)]
        if ours is not None:
            return removed
        return _B if _is_demanded(fact.place, upstream) else added
    table = _RECEIVED if is_answer(fact.place) else _SENT
    added, removed, changed = table.get(fact.aspect, _ANY_OTHER)
    return added if ours is None else removed if theirs is None else changed


def _is_demanded(place: Place, upstream: Facts) -> bool:
    """Whether something new has to be sent, so that calls as they are would fail."""
    return not is_answer(place) and Fact(place, "required") in upstream.values


def _is_respelt_status(place: Place, other: Facts) -> bool:
    """Whether the other side has this word of a status, too, in other letters: the client ignores case."""
    if place[-2:-1] != (ENUM,) or place[-3] != "status":
        return False
    return place[-1].casefold() in map(str.casefold, other.names(place[:-1]))
