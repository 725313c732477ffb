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

T = TypeVar("T", bound="ExportJobPageEmbedded")


@_attrs_define
class ExportJobPageEmbedded:
    """The export jobs on this page.

    Attributes:
        jobs (list[ExportJob] | Unset):
    """

    jobs: list[ExportJob] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        jobs: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.jobs, Unset):
            jobs = []
            for jobs_item_data in self.jobs:
                jobs_item = jobs_item_data.to_dict()
                jobs.append(jobs_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if jobs is not UNSET:
            field_dict["jobs"] = jobs

        return field_dict

    def __repr__(self) -> str:
        return brief_repr(self, _SHOWN)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d: dict[str, Any] = expect_object(src_dict, ("jobs",))
        try:
            _jobs = d.pop("jobs", UNSET)
            jobs: list[ExportJob] | Unset = UNSET
            if _jobs is not UNSET:
                jobs = []
                for jobs_item_data in expect_list(_jobs):
                    try:
                        jobs_item = ExportJob.from_dict(jobs_item_data)

                    except (ValueError, TypeError, AttributeError, KeyError) as error:
                        raise UnreadableField(f"[{len(jobs)}]", error) from error
                    jobs.append(jobs_item)

        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise UnreadableField("jobs", error) from error

        export_job_page_embedded = cls(
            jobs=jobs,
        )

        export_job_page_embedded.additional_properties = d
        return export_job_page_embedded

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


from ..models.export_job import ExportJob

_SHOWN = ("jobs",)
