from __future__ import annotations

import datetime
from collections.abc import Mapping
from operator import itemgetter as _itemgetter
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..errors import UnreadableField
from ..types import (
    UNSET,
    AsItCame,
    Unset,
    brief_repr,
    expect_object,
    readable,
    write_datetime,
)

T = TypeVar("T", bound="Transcription")


@_attrs_define
class Transcription:
    """A transcript, or how far it has got ('Get company call recording Transcriptions' on the vendor's page).

    Attributes:
        recording_id (int | Unset): Unique identifier of the recording that was transcribed. Example: 1069241910.
        call_id (str | Unset): Identifier of the call. Example: c91150a6-8cc4-4e73-9fef-17fd925c6448.
        caller_id (str | Unset): Caller ID of whoever called. Example: 17325550100.
        call_date (datetime.datetime | Unset): When the call took place. Example: 2019-01-01T00:00:00+0000.
        duration (int | Unset): Length of the call in milliseconds. Example: 60000.
        direction (str | Unset): Direction of the call. New words may appear, hence not an enumeration. Example:
            INBOUND.
        cnam (str | Unset): CNAM (displayed name) of whoever called. Example: JOHN SMITH.
        dnis (str | Unset): DNIS (the number that was dialled). Example: 17325550100.
        transcription_ready (bool | Unset): Whether the transcript can be fetched. Example: True.
        transcription_url (str | Unset): Where the transcript can be fetched, with the same OAuth token as the API.
            Present only once transcribing has succeeded. Example:
            https://api.vonage.com/t/vbc.prod/call_recording/v1/api/transcription/193228.
        transcription_error (str | Unset): Why transcribing failed. Present only if it did; the transcript is not ready
            then. Example: Transcription job failed at AI.
    """

    recording_id: int | Unset = UNSET
    call_id: str | Unset = UNSET
    caller_id: str | Unset = UNSET
    call_date: datetime.datetime | Unset = UNSET
    duration: int | Unset = UNSET
    direction: str | Unset = UNSET
    cnam: str | Unset = UNSET
    dnis: str | Unset = UNSET
    transcription_ready: bool | Unset = UNSET
    transcription_url: str | Unset = UNSET
    transcription_error: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        recording_id = self.recording_id

        call_id = self.call_id

        caller_id = self.caller_id

        call_date: str | Unset = UNSET
        if not isinstance(self._call_date, Unset):
            call_date = write_datetime(self._call_date)

        duration = self.duration

        direction = self.direction

        cnam = self.cnam

        dnis = self.dnis

        transcription_ready = self.transcription_ready

        transcription_url = self.transcription_url

        transcription_error = self.transcription_error

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if recording_id is not UNSET:
            field_dict["recording_id"] = recording_id
        if call_id is not UNSET:
            field_dict["call_id"] = call_id
        if caller_id is not UNSET:
            field_dict["caller_id"] = caller_id
        if call_date is not UNSET:
            field_dict["call_date"] = call_date
        if duration is not UNSET:
            field_dict["duration"] = duration
        if direction is not UNSET:
            field_dict["direction"] = direction
        if cnam is not UNSET:
            field_dict["cnam"] = cnam
        if dnis is not UNSET:
            field_dict["dnis"] = dnis
        if transcription_ready is not UNSET:
            field_dict["transcription_ready"] = transcription_ready
        if transcription_url is not UNSET:
            field_dict["transcription_url"] = transcription_url
        if transcription_error is not UNSET:
            field_dict["transcription_error"] = transcription_error

        return field_dict

    def __repr__(self) -> str:
        return brief_repr(self, _SHOWN)

    @property
    def duration_time(self) -> datetime.timedelta | Unset:
        """`duration` as a timedelta."""
        if isinstance(self.duration, Unset):
            return UNSET
        return datetime.timedelta(milliseconds=self.duration)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        if cls is Transcription and type(src_dict) is dict and None not in src_dict.values():
            try:
                return _from_usual(src_dict)
            except (ValueError, TypeError, AttributeError, KeyError):
                pass
        d: dict[str, Any] = expect_object(
            src_dict,
            (
                "recording_id",
                "call_id",
                "caller_id",
                "call_date",
                "duration",
                "direction",
                "cnam",
                "dnis",
                "transcription_ready",
                "transcription_url",
                "transcription_error",
            ),
        )
        recording_id = d.pop("recording_id", UNSET)

        call_id = d.pop("call_id", UNSET)

        caller_id = d.pop("caller_id", UNSET)

        try:
            _call_date = d.pop("call_date", UNSET)
            call_date: datetime.datetime | Unset
            if isinstance(_call_date, Unset):
                call_date = UNSET
            else:
                call_date = readable(_call_date)

        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise UnreadableField("call_date", error) from error

        duration = d.pop("duration", UNSET)

        direction = d.pop("direction", UNSET)

        cnam = d.pop("cnam", UNSET)

        dnis = d.pop("dnis", UNSET)

        transcription_ready = d.pop("transcription_ready", UNSET)

        transcription_url = d.pop("transcription_url", UNSET)

        transcription_error = d.pop("transcription_error", UNSET)

        transcription = cls(
            recording_id=recording_id,
            call_id=call_id,
            caller_id=caller_id,
            call_date=call_date,
            duration=duration,
            direction=direction,
            cnam=cnam,
            dnis=dnis,
            transcription_ready=transcription_ready,
            transcription_url=transcription_url,
            transcription_error=transcription_error,
        )

        transcription.additional_properties = d
        return transcription

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
    "recording_id",
    "call_id",
    "caller_id",
    "call_date",
    "duration",
    "direction",
    "cnam",
    "dnis",
    "transcription_ready",
    "transcription_url",
    "transcription_error",
)
Transcription._call_date = Transcription.call_date
Transcription.call_date = AsItCame(Transcription._call_date)
_NAMES = (
    "recording_id",
    "call_id",
    "caller_id",
    "call_date",
    "duration",
    "direction",
    "cnam",
    "dnis",
    "transcription_ready",
    "transcription_url",
    "transcription_error",
)
_values_of = _itemgetter(*_NAMES)
_new = Transcription.__new__


def _from_usual(values: dict[str, Any]) -> Transcription:
    """What from_dict makes of values that are all there and as documented. Raises something for others."""
    self = _new(Transcription)
    (
        self.recording_id,
        self.call_id,
        self.caller_id,
        self._call_date,
        self.duration,
        self.direction,
        self.cnam,
        self.dnis,
        self.transcription_ready,
        self.transcription_url,
        self.transcription_error,
    ) = _values_of(values)
    _fromisoformat(self._call_date)
    self.additional_properties = (
        {}
        if len(values) == len(_NAMES)
        else {name: value for name, value in values.items() if name not in _NAMES}
    )
    return self


_fromisoformat = datetime.datetime.fromisoformat
