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
    Unread,
    Unset,
    brief_repr,
    expect_list,
    expect_object,
    readable,
    write_datetime,
)

T = TypeVar("T", bound="Recording")


@_attrs_define
class Recording:
    """One recorded call ('Get single company call recording' on the vendor's page).

    Attributes:
        hal_links (ItemLinks | Unset): Where one item can be fetched again.
        call_direction (str | Unset): Direction of the call. New words may appear, hence not an enumeration. Example:
            INBOUND.
        call_id (str | Unset): Identifier of the call. Example: c91150a6-8cc4-4e73-9fef-17fd925c6448.
        caller_id (str | Unset): Caller ID of whoever called. Example: 17325550100.
        cnam (str | Unset): CNAM (displayed name) of whoever called. Example: JOHN SMITH.
        dnis (str | Unset): DNIS (the number that was dialled). Example: 17325550100.
        download_url (str | Unset): Where the audio can be downloaded, with the same OAuth token as the API. Example:
            https://api.vonage.com/t/vbc.prod/call_recording/api/audio/recording/193228.
        duration (int | Unset): Length of the call in milliseconds. Example: 60000.
        end (datetime.datetime | Unset): When the call ended. Example: 2019-01-01T00:00:00+0000.
        extensions (list[int | str] | Unset): Extension numbers that took part in the call. Example: [999].
        file_name (str | Unset): File name of the audio. Example:
            730048.11826465111463122315701.95a7584be856e34a582025d420c20d9d.1463122442148.mp3.
        file_size_in_bytes (int | Unset): Size of the audio in bytes. Example: 100000.
        id (int | Unset): Unique identifier of the recording. Example: 193228.
        rule_ids (list[int] | Unset): The recording rules that caused this call to be recorded. Example: [1989, 2012,
            449].
        start (datetime.datetime | Unset): When the call started. Example: 2019-01-01T00:00:00+0000.
    """

    hal_links: ItemLinks | Unset = UNSET
    call_direction: str | Unset = UNSET
    call_id: str | Unset = UNSET
    caller_id: str | Unset = UNSET
    cnam: str | Unset = UNSET
    dnis: str | Unset = UNSET
    download_url: str | Unset = UNSET
    duration: int | Unset = UNSET
    end: datetime.datetime | Unset = UNSET
    extensions: list[int | str] | Unset = UNSET
    file_name: str | Unset = UNSET
    file_size_in_bytes: int | Unset = UNSET
    id: int | Unset = UNSET
    rule_ids: list[int] | Unset = UNSET
    start: datetime.datetime | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        hal_links: dict[str, Any] | Unset = UNSET
        if not isinstance(self.hal_links, Unset):
            hal_links = self.hal_links.to_dict()

        call_direction = self.call_direction

        call_id = self.call_id

        caller_id = self.caller_id

        cnam = self.cnam

        dnis = self.dnis

        download_url = self.download_url

        duration = self.duration

        end: str | Unset = UNSET
        if not isinstance(self._end, Unset):
            end = write_datetime(self._end)

        extensions: list[int | str] | Unset = UNSET
        if not isinstance(self.extensions, Unset):
            extensions = self.extensions

        file_name = self.file_name

        file_size_in_bytes = self.file_size_in_bytes

        id = self.id

        rule_ids: list[int] | Unset = UNSET
        if not isinstance(self.rule_ids, Unset):
            rule_ids = self.rule_ids

        start: str | Unset = UNSET
        if not isinstance(self._start, Unset):
            start = write_datetime(self._start)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if hal_links is not UNSET:
            field_dict["_links"] = hal_links
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
        if download_url is not UNSET:
            field_dict["download_url"] = download_url
        if duration is not UNSET:
            field_dict["duration"] = duration
        if end is not UNSET:
            field_dict["end"] = end
        if extensions is not UNSET:
            field_dict["extensions"] = extensions
        if file_name is not UNSET:
            field_dict["file_name"] = file_name
        if file_size_in_bytes is not UNSET:
            field_dict["file_size_in_bytes"] = file_size_in_bytes
        if id is not UNSET:
            field_dict["id"] = id
        if rule_ids is not UNSET:
            field_dict["rule_ids"] = rule_ids
        if start is not UNSET:
            field_dict["start"] = start

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
        if cls is Recording and type(src_dict) is dict and None not in src_dict.values():
            try:
                return _from_usual(src_dict)
            except (ValueError, TypeError, AttributeError, KeyError):
                pass
        d: dict[str, Any] = expect_object(
            src_dict,
            (
                "_links",
                "call_direction",
                "call_id",
                "caller_id",
                "cnam",
                "dnis",
                "download_url",
                "duration",
                "end",
                "extensions",
                "file_name",
                "file_size_in_bytes",
                "id",
                "rule_ids",
                "start",
            ),
        )
        try:
            _hal_links = d.pop("_links", UNSET)
            hal_links: ItemLinks | Unset
            if isinstance(_hal_links, Unset):
                hal_links = UNSET
            else:
                hal_links = ItemLinks.from_dict(_hal_links)

        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise UnreadableField("_links", error) from error

        call_direction = d.pop("call_direction", UNSET)

        call_id = d.pop("call_id", UNSET)

        caller_id = d.pop("caller_id", UNSET)

        cnam = d.pop("cnam", UNSET)

        dnis = d.pop("dnis", UNSET)

        download_url = d.pop("download_url", UNSET)

        duration = d.pop("duration", UNSET)

        try:
            _end = d.pop("end", UNSET)
            end: datetime.datetime | Unset
            if isinstance(_end, Unset):
                end = UNSET
            else:
                end = readable(_end)

        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise UnreadableField("end", error) from error

        try:
            _extensions = d.pop("extensions", UNSET)
            extensions: list[int | str] | Unset = UNSET
            if _extensions is not UNSET:
                extensions = expect_list(_extensions)

        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise UnreadableField("extensions", error) from error

        file_name = d.pop("file_name", UNSET)

        file_size_in_bytes = d.pop("file_size_in_bytes", UNSET)

        id = d.pop("id", UNSET)

        try:
            _rule_ids = d.pop("rule_ids", UNSET)
            rule_ids: list[int] | Unset = UNSET
            if _rule_ids is not UNSET:
                rule_ids = expect_list(_rule_ids)

        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise UnreadableField("rule_ids", error) from error

        try:
            _start = d.pop("start", UNSET)
            start: datetime.datetime | Unset
            if isinstance(_start, Unset):
                start = UNSET
            else:
                start = readable(_start)

        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise UnreadableField("start", error) from error

        recording = cls(
            hal_links=hal_links,
            call_direction=call_direction,
            call_id=call_id,
            caller_id=caller_id,
            cnam=cnam,
            dnis=dnis,
            download_url=download_url,
            duration=duration,
            end=end,
            extensions=extensions,
            file_name=file_name,
            file_size_in_bytes=file_size_in_bytes,
            id=id,
            rule_ids=rule_ids,
            start=start,
        )

        recording.additional_properties = d
        return recording

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


from ..models.item_links import ItemLinks

_SHOWN = (
    "id",
    "hal_links",
    "call_direction",
    "call_id",
    "caller_id",
    "cnam",
    "dnis",
    "download_url",
    "duration",
    "end",
    "extensions",
    "file_name",
    "file_size_in_bytes",
    "rule_ids",
    "start",
)
Recording._end = Recording.end
Recording.end = AsItCame(Recording._end)
Recording._start = Recording.start
Recording.start = AsItCame(Recording._start)
_NAMES = (
    "_links",
    "call_direction",
    "call_id",
    "caller_id",
    "cnam",
    "dnis",
    "download_url",
    "duration",
    "end",
    "extensions",
    "file_name",
    "file_size_in_bytes",
    "id",
    "rule_ids",
    "start",
)
_values_of = _itemgetter(*_NAMES)
_new = Recording.__new__
Recording._hal_links = Recording.hal_links
Recording.hal_links = Unread(Recording._hal_links, ItemLinks.from_dict)


def _from_usual(values: dict[str, Any]) -> Recording:
    """What from_dict makes of values that are all there and as documented. Raises something for others."""
    self = _new(Recording)
    (
        self._hal_links,
        self.call_direction,
        self.call_id,
        self.caller_id,
        self.cnam,
        self.dnis,
        self.download_url,
        self.duration,
        self._end,
        self.extensions,
        self.file_name,
        self.file_size_in_bytes,
        self.id,
        self.rule_ids,
        self._start,
    ) = _values_of(values)
    _fromisoformat(self._end)
    _fromisoformat(self._start)
    if type(self.extensions) is not list:
        raise TypeError
    if type(self.rule_ids) is not list:
        raise TypeError
    for link in self._hal_links.values():
        if type(link) is not dict:
            raise TypeError
    self.additional_properties = (
        {}
        if len(values) == len(_NAMES)
        else {name: value for name, value in values.items() if name not in _NAMES}
    )
    return self


_fromisoformat = datetime.datetime.fromisoformat
