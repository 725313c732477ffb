from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..errors import UnreadableField
from ..types import (
    UNSET,
    Unset,
    brief_repr,
    expect_list,
    expect_object,
)

T = TypeVar("T", bound="ExportJobIds")


@_attrs_define
class ExportJobIds:
    """The export jobs that were started. A large export is split into several.

    Attributes:
        job_ids (list[str] | Unset): Identifiers of the jobs. Example: ['afa725fb-d418-4eaf-b3f9-0e66396fafdc'].
    """

    job_ids: list[str] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        job_ids: list[str] | Unset = UNSET
        if not isinstance(self.job_ids, Unset):
            job_ids = self.job_ids

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if job_ids is not UNSET:
            field_dict["job_ids"] = job_ids

        return field_dict

    def __repr__(self) -> str:
        return brief_repr(self, _SHOWN)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d: dict[str, Any] = expect_object(src_dict, ("job_ids",))
        try:
            _job_ids = d.pop("job_ids", UNSET)
            job_ids: list[str] | Unset = UNSET
            if _job_ids is not UNSET:
                job_ids = expect_list(_job_ids)

        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise UnreadableField("job_ids", error) from error

        export_job_ids = cls(
            job_ids=job_ids,
        )

        export_job_ids.additional_properties = d
        return export_job_ids

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


_SHOWN = ("job_ids",)
