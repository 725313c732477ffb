"""All groups of switches in one place, under names like `paging.first_page`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import timedelta
from typing import Any

from .._errors import InputError
from .answers import AnswerQuirks, GatewayQuirks, RequestQuirks
from .exports import ExportRules
from .files import FileQuirks
from .paging import ListQuirks, PagingQuirks
from .presets import read_spec
from .quota import QuotaQuirks, read_quota
from .switches import Accepts, Switches
from .tokens import TokenQuirks

GROUPS: dict[str, type[Switches]] = {
    "paging": PagingQuirks,
    "lists": ListQuirks,
    "answers": AnswerQuirks,
    "exports": ExportRules,
    "files": FileQuirks,
    "requests": RequestQuirks,
    "tokens": TokenQuirks,
    "quota": QuotaQuirks,
    "gateway": GatewayQuirks,
}


class Quirks:
    """The switches, by group: `sandbox.quirks.quota.requests = 10`.

    Whole groups can be set, too: `sandbox.quirks.paging = PagingQuirks(first_page=0)`.

    Attributes:
        paging: How lists are cut into pages, counted and linked.
        lists: Which recordings a list holds, and in which order.
        answers: How recordings, transcriptions and jobs are written.
        exports: How the export jobs created from now on behave.
        files: How audio, transcripts and archives are served.
        requests: What is asked of requests.
        tokens: How the token endpoint answers.
        quota: How many requests a token may make, and how the gateway refuses the rest.
        gateway: How the gateway writes its other refusals.
    """

    paging: PagingQuirks
    lists: ListQuirks
    answers: AnswerQuirks
    exports: ExportRules
    files: FileQuirks
    requests: RequestQuirks
    tokens: TokenQuirks
    quota: QuotaQuirks
    gateway: GatewayQuirks

    def __init__(self, spec: "str | Mapping[str, Any] | None" = None, quota: str | None = None) -> None:
        """Prepare the switches.

        Args:
            spec: Where they stand at first: names of presets, separated by commas, or switches by name.
            quota: Such as `10/min`.

        Raises:
            InputError: There is no such preset or switch, or it does not accept that.
        """
        self._at_first = _at_first(spec, quota)
        self.reset()

    def reset(self) -> None:
        """Put every switch back to where it was at first."""
        for name, group in GROUPS.items():
            object.__setattr__(self, name, group())
        self.set(self._at_first)

    def __setattr__(self, name: str, value: Any) -> None:
        group = GROUPS.get(name)
        if group is not None and not isinstance(value, group):
            raise InputError(f"{name} is {value!r}; accepted: {group.__name__}(...)")
        if group is None and not name.startswith("_"):
            raise InputError(f"{name} is not a group of switches; accepted: {', '.join(GROUPS)}")
        object.__setattr__(self, name, value)

    def set(self, switches: str | Mapping[str, Any]) -> None:
        """Set these switches, such as `{"paging.first_page": 0}`, or those of these presets; the others stay.

        Raises:
            InputError: There is no such preset or switch, or it does not accept that. Nothing is changed
                then.
        """
        before = self.changed()
        try:
            for name, value in read_spec(switches, Quirks.readings).items():
                self._set(name, value)
        except InputError:
            for name in GROUPS:
                object.__setattr__(self, name, GROUPS[name]())
            for name, value in before.items():
                self._set(name, value)
            raise

    def _set(self, name: str, value: Any) -> None:
        group, _, switch = name.partition(".")
        if group not in GROUPS or not switch:
            raise InputError(f"{name!r} is not a switch; accepted: names like paging.first_page")
        setattr(getattr(self, group), switch, _from_json(name, value))

    def changed(self) -> dict[str, Any]:
        """The switches that are not as by default, as JSON has them: for a report, or another run."""
        return {
            name: _to_json(value)
            for name, value, default in self._all()
            if _to_json(value) != _to_json(default)
        }

    def all(self) -> dict[str, Any]:
        """Every switch, as JSON has it."""
        return {name: _to_json(value) for name, value, _ in self._all()}

    def _all(self) -> Iterator[tuple[str, Any, Any]]:
        for group in GROUPS:
            current, default = getattr(self, group), GROUPS[group]()
            for field in fields(current):
                yield f"{group}.{field.name}", getattr(current, field.name), getattr(default, field.name)

    @staticmethod
    def readings() -> dict[str, Sequence[Any]]:
        """The values a careful client copes with, for every switch that has some."""
        found: dict[str, Sequence[Any]] = {}
        for group, kind in GROUPS.items():
            for field in fields(kind):
                accepts: Accepts = field.metadata["accepts"]
                if field.metadata["is_reading"] and len(accepts.examples) > 1:
                    found[f"{group}.{field.name}"] = accepts.examples
        return found


def _at_first(spec: str | Mapping[str, Any] | None, quota: str | None) -> dict[str, Any]:
    switches = dict(read_spec(spec or {}, Quirks.readings))
    if quota is not None:
        requests, window = read_quota(quota)
        # By the gateway's documents, the two go together.
        switches.setdefault("tokens.again", "login")
        switches |= {"quota.requests": requests, "quota.window": window}
    return switches


def _from_json(name: str, value: Any) -> Any:
    """JSON has no durations: there, they are seconds."""
    if name == "exports.lifetime" and isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return timedelta(seconds=value)
        except (OverflowError, ValueError) as error:
            raise InputError(f"{name} is {value!r}; accepted: a number of seconds") from error
    return value


def _to_json(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value.total_seconds()
    return [*value] if isinstance(value, tuple) else value  # pyright: ignore[reportUnknownVariableType]
