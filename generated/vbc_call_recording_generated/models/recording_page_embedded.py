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

T = TypeVar("T", bound="RecordingPageEmbedded")


@_attrs_define
class RecordingPageEmbedded:
    """The recordings on this page.

    Attributes:
        recordings (list[Recording] | Unset):
    """

    recordings: list[Recording] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        recordings: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.recordings, Unset):
            recordings = []
            for recordings_item_data in self.recordings:
                recordings_item = recordings_item_data.to_dict()
                recordings.append(recordings_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if recordings is not UNSET:
            field_dict["recordings"] = recordings

        return field_dict

    def __repr__(self) -> str:
        return brief_repr(self, _SHOWN)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d: dict[str, Any] = expect_object(src_dict, ("recordings",))
        try:
            _recordings = d.pop("recordings", UNSET)
            recordings: list[Recording] | Unset = UNSET
            if _recordings is not UNSET:
                recordings = []
                for recordings_item_data in expect_list(_recordings):
                    try:
                        recordings_item = Recording.from_dict(recordings_item_data)

                    except (ValueError, TypeError, AttributeError, KeyError) as error:
                        raise UnreadableField(f"[{len(recordings)}]", error) from error
                    recordings.append(recordings_item)

        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise UnreadableField("recordings", error) from error

        recording_page_embedded = cls(
            recordings=recordings,
        )

        recording_page_embedded.additional_properties = d
        return recording_page_embedded

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


from ..models.recording import Recording

_SHOWN = ("recordings",)
