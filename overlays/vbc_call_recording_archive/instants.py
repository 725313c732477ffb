"""How instants are written in an archive: ISO 8601 text in UTC, to the second, as `2026-11-24T10:00:00Z`.

Such texts sort as the instants do. Fractions of a second are dropped; the wire JSON keeps them.
"""

from datetime import UTC, datetime


def to_text(instant: datetime) -> str:
    """`2026-11-24T10:00:00Z`. The instant must be aware."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


def from_text(text: str) -> datetime:
    """The instant, in UTC. ValueError for anything that `to_text` does not write."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def now() -> datetime:
    """By this machine's clock, in UTC, whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)
