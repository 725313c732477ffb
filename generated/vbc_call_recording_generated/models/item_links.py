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
    expect_object,
)

T = TypeVar("T", bound="ItemLinks")


@_attrs_define
class ItemLinks:
    """Where one item can be fetched again.

    Attributes:
        self_ (Link | Unset):
    """

    self_: Link | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        self_: dict[str, Any] | Unset = UNSET
        if not isinstance(self.self_, Unset):
            self_ = self.self_.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if self_ is not UNSET:
            field_dict["self"] = self_

        return field_dict

    def __repr__(self) -> str:
        return brief_repr(self, _SHOWN)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d: dict[str, Any] = expect_object(src_dict, ("self",))
        try:
            _self_ = d.pop("self", UNSET)
            self_: Link | Unset
            if isinstance(_self_, Unset):
                self_ = UNSET
            else:
                self_ = Link.from_dict(_self_)

        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise UnreadableField("self", error) from error

        item_links = cls(
            self_=self_,
        )

        item_links.additional_properties = d
        return item_links

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


from ..models.link import Link

_SHOWN = ("self_",)
