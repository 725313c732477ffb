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
    expect_object,
    readable,
    write_datetime,
)

T = TypeVar("T", bound="ExportJob")


@_attrs_define
class ExportJob:
    """One export job, and how far it has got ('Get call recording export job' on the vendor's page).

    Attributes:
        hal_links (ItemLinks | Unset): Where one item can be fetched again.
        download_url (str | Unset): Where the finished archive can be downloaded, with the same OAuth token as the API.
            Example: https://api.vonage.com/t/vbc.prod/call_recording/api/bulkDownload/retrieve?jobId=afa725fb-d418-4eaf-
            b3f9-0e66396fafdc.
        files_completed (int | Unset): How many files the job has finished. Example: 5.
        files_total (int | Unset): How many files the job comprises. Example: 10.
        id (str | Unset): Unique identifier of the job. Example: afa725fb-d418-4eaf-b3f9-0e66396fafdc.
        status (str | Unset): State of the job. Only `complete` is documented; other words occur. Example: complete.
        valid_until (datetime.datetime | Unset): When the finished archive expires. Example: 2019-01-01T00:00:00+0000.
    """

    hal_links: ItemLinks | Unset = UNSET
    download_url: str | Unset = UNSET
    files_completed: int | Unset = UNSET
    files_total: int | Unset = UNSET
    id: str | Unset = UNSET
    status: str | Unset = UNSET
    valid_until: datetime.datetime | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        hal_links: dict[str, Any] | Unset = UNSET
        if not isinstance(self.hal_links, Unset):
            hal_links = self.hal_links.to_dict()

        download_url = self.download_url

        files_completed = self.files_completed

        files_total = self.files_total

        id = self.id

        status = self.status

        valid_until: str | Unset = UNSET
        if not isinstance(self._valid_until, Unset):
            valid_until = write_datetime(self._valid_until)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if hal_links is not UNSET:
            field_dict["_links"] = hal_links
        if download_url is not UNSET:
            field_dict["download_url"] = download_url
        if files_completed is not UNSET:
            field_dict["files_completed"] = files_completed
        if files_total is not UNSET:
            field_dict["files_total"] = files_total
        if id is not UNSET:
            field_dict["id"] = id
        if status is not UNSET:
            field_dict["status"] = status
        if valid_until is not UNSET:
            field_dict["valid_until"] = valid_until

        return field_dict

    def __repr__(self) -> str:
        return brief_repr(self, _SHOWN)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        if cls is ExportJob and type(src_dict) is dict and None not in src_dict.values():
            try:
                return _from_usual(src_dict)
            except (ValueError, TypeError, AttributeError, KeyError):
                pass
        d: dict[str, Any] = expect_object(
            src_dict,
            (
                "_links",
                "download_url",
                "files_completed",
                "files_total",
                "id",
                "status",
                "valid_until",
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

        download_url = d.pop("download_url", UNSET)

        files_completed = d.pop("files_completed", UNSET)

        files_total = d.pop("files_total", UNSET)

        id = d.pop("id", UNSET)

        status = d.pop("status", UNSET)

        try:
            _valid_until = d.pop("valid_until", UNSET)
            valid_until: datetime.datetime | Unset
            if isinstance(_valid_until, Unset):
                valid_until = UNSET
            else:
                valid_until = readable(_valid_until)

        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise UnreadableField("valid_until", error) from error

        export_job = cls(
            hal_links=hal_links,
            download_url=download_url,
            files_completed=files_completed,
            files_total=files_total,
            id=id,
            status=status,
            valid_until=valid_until,
        )

        export_job.additional_properties = d
        return export_job

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
    "download_url",
    "files_completed",
    "files_total",
    "status",
    "valid_until",
)
ExportJob._valid_until = ExportJob.valid_until
ExportJob.valid_until = AsItCame(ExportJob._valid_until)
_NAMES = (
    "_links",
    "download_url",
    "files_completed",
    "files_total",
    "id",
    "status",
    "valid_until",
)
_values_of = _itemgetter(*_NAMES)
_new = ExportJob.__new__
ExportJob._hal_links = ExportJob.hal_links
ExportJob.hal_links = Unread(ExportJob._hal_links, ItemLinks.from_dict)


def _from_usual(values: dict[str, Any]) -> ExportJob:
    """What from_dict makes of values that are all there and as documented. Raises something for others."""
    self = _new(ExportJob)
    (
        self._hal_links,
        self.download_url,
        self.files_completed,
        self.files_total,
        self.id,
        self.status,
        self._valid_until,
    ) = _values_of(values)
    _fromisoformat(self._valid_until)
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
