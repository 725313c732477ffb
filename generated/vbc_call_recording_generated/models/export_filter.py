from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..errors import UnreadableField
from ..models.call_direction import CallDirection
from ..types import (
    UNSET,
    Unset,
    brief_repr,
    expect_object,
)

T = TypeVar("T", bound="ExportFilter")


@_attrs_define
class ExportFilter:
    """Which recordings to export. All filters must match; none at all exports everything.

    Attributes:
        call_direction (CallDirection | Unset): Direction of a call as seen from the account: from outside, to outside,
            or between two of its own extensions.
        call_id (str | Unset): Only the call with this identifier. Example: c91150a6-8cc4-4e73-9fef-17fd925c6448.
        caller_id (str | Unset): Only calls from this caller ID. Example: 17325550100.
        cnam (str | Unset): Only calls with this CNAM (the caller's name as displayed). Example: JOHN SMITH.
        dnis (str | Unset): Only calls to this DNIS (the number that was dialled). Example: 17325550100.
        durationgte (int | Unset): Only calls at least this long, in milliseconds. Example: 60000.
        durationlte (int | Unset): Only calls at most this long, in milliseconds. Example: 60000.
        extension (str | Unset): Only calls of this extension number. Example: 999.
        startgte (str | Unset): Only calls that started at this instant or later, as `yyyy-MM-ddTHH:mm:ssZ` (ISO 8601).
            Example: 2019-01-01T00:00:00+0000.
        startlte (str | Unset): Only calls that started at this instant or earlier, as `yyyy-MM-ddTHH:mm:ssZ` (ISO
            8601). Example: 2019-01-01T00:00:00+0000.
    """

    call_direction: CallDirection | Unset = UNSET
    call_id: str | Unset = UNSET
    caller_id: str | Unset = UNSET
    cnam: str | Unset = UNSET
    dnis: str | Unset = UNSET
    durationgte: int | Unset = UNSET
    durationlte: int | Unset = UNSET
    extension: str | Unset = UNSET
    startgte: str | Unset = UNSET
    startlte: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        call_direction: str | Unset = UNSET
        if not isinstance(self.call_direction, Unset):
            call_direction = self.call_direction.value

        call_id = self.call_id

        caller_id = self.caller_id

        cnam = self.cnam

        dnis = self.dnis

        durationgte = self.durationgte

        durationlte = self.durationlte

        extension = self.extension

        startgte = self.startgte

        startlte = self.startlte

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if call_direction is not UNSET:
            field_dict["call_direction"] = call_direction
        if call_id is not UNSET:
            field_dict["call_id"] = call_id
        if caller_id is not UNSET:
            field_dict["caller_id"] = caller_id
        if cnam is not UNSET:
            field_dict["cnam"] = cnam
        if dnis is not UNSET:
            field_dict["dnis"] = dnis
        if durationgte is not UNSET:
            field_dict["duration:gte"] = durationgte
        if durationlte is not UNSET:
            field_dict["duration:lte"] = durationlte
        if extension is not UNSET:
            field_dict["extension"] = extension
        if startgte is not UNSET:
            field_dict["start:gte"] = startgte
        if startlte is not UNSET:
            field_dict["start:lte"] = startlte

        return field_dict

    def __repr__(self) -> str:
        return brief_repr(self, _SHOWN)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d: dict[str, Any] = expect_object(
            src_dict,
            (
                "call_direction",
                "call_id",
                "caller_id",
                "cnam",
                "dnis",
                "duration:gte",
                "duration:lte",
                "extension",
                "start:gte",
                "start:lte",
            ),
        )
        try:
            _call_direction = d.pop("call_direction", UNSET)
            call_direction: CallDirection | Unset
            if isinstance(_call_direction, Unset):
                call_direction = UNSET
            else:
                call_direction = CallDirection(_call_direction)

        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise UnreadableField("call_direction", error) from error

        call_id = d.pop("call_id", UNSET)

        caller_id = d.pop("caller_id", UNSET)

        cnam = d.pop("cnam", UNSET)

        dnis = d.pop("dnis", UNSET)

        durationgte = d.pop("duration:gte", UNSET)

        durationlte = d.pop("duration:lte", UNSET)

        extension = d.pop("extension", UNSET)

        startgte = d.pop("start:gte", UNSET)

        startlte = d.pop("start:lte", UNSET)

        export_filter = cls(
            call_direction=call_direction,
            call_id=call_id,
            caller_id=caller_id,
            cnam=cnam,
            dnis=dnis,
            durationgte=durationgte,
            durationlte=durationlte,
            extension=extension,
            startgte=startgte,
            startlte=startlte,
        )

        export_filter.additional_properties = d
        return export_filter

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties


_SHOWN = (
    "call_direction",
    "call_id",
    "caller_id",
    "cnam",
    "dnis",
    "durationgte",
    "durationlte",
    "extension",
    "startgte",
    "startlte",
)
