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

T = TypeVar("T", bound="TranscriptionPageEmbedded")


@_attrs_define
class TranscriptionPageEmbedded:
    """The transcriptions on this page.

    Attributes:
        transcriptions (list[Transcription] | Unset):
    """

    transcriptions: list[Transcription] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        transcriptions: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.transcriptions, Unset):
            transcriptions = []
            for transcriptions_item_data in self.transcriptions:
                transcriptions_item = transcriptions_item_data.to_dict()
                transcriptions.append(transcriptions_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if transcriptions is not UNSET:
            field_dict["transcriptions"] = transcriptions

        return field_dict

    def __repr__(self) -> str:
        return brief_repr(self, _SHOWN)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d: dict[str, Any] = expect_object(src_dict, ("transcriptions",))
        try:
            _transcriptions = d.pop("transcriptions", UNSET)
            transcriptions: list[Transcription] | Unset = UNSET
            if _transcriptions is not UNSET:
                transcriptions = []
                for transcriptions_item_data in expect_list(_transcriptions):
                    try:
                        transcriptions_item = Transcription.from_dict(transcriptions_item_data)

                    except (ValueError, TypeError, AttributeError, KeyError) as error:
                        raise UnreadableField(f"[{len(transcriptions)}]", error) from error
                    transcriptions.append(transcriptions_item)

        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise UnreadableField("transcriptions", error) from error

        transcription_page_embedded = cls(
            transcriptions=transcriptions,
        )

        transcription_page_embedded.additional_properties = d
        return transcription_page_embedded

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


from ..models.transcription import Transcription

_SHOWN = ("transcriptions",)
