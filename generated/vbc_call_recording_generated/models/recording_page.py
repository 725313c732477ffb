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

T = TypeVar("T", bound="RecordingPage")


@_attrs_define
class RecordingPage:
    """One page of recordings.

    Attributes:
        hal_embedded (RecordingPageEmbedded | Unset): The recordings on this page.
        hal_links (PageLinks | Unset): Where this page and its neighbours can be fetched.
        page (int | Unset): Number of this page. Example: 1.
        page_size (int | Unset): How many items a page holds. Example: 10.
        total_items (int | Unset): How many items there are on all pages together. Example: 100.
        total_pages (int | Unset): How many pages there are. Example: 10.
    """

    hal_embedded: RecordingPageEmbedded | Unset = UNSET
    hal_links: PageLinks | Unset = UNSET
    page: int | Unset = UNSET
    page_size: int | Unset = UNSET
    total_items: int | Unset = UNSET
    total_pages: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        hal_embedded: dict[str, Any] | Unset = UNSET
        if not isinstance(self.hal_embedded, Unset):
            hal_embedded = self.hal_embedded.to_dict()

        hal_links: dict[str, Any] | Unset = UNSET
        if not isinstance(self.hal_links, Unset):
            hal_links = self.hal_links.to_dict()

        page = self.page

        page_size = self.page_size

        total_items = self.total_items

        total_pages = self.total_pages

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if hal_embedded is not UNSET:
            field_dict["_embedded"] = hal_embedded
        if hal_links is not UNSET:
            field_dict["_links"] = hal_links
        if page is not UNSET:
            field_dict["page"] = page
        if page_size is not UNSET:
            field_dict["page_size"] = page_size
        if total_items is not UNSET:
            field_dict["total_items"] = total_items
        if total_pages is not UNSET:
            field_dict["total_pages"] = total_pages

        return field_dict

    def __repr__(self) -> str:
        return brief_repr(self, _SHOWN)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d: dict[str, Any] = expect_object(
            src_dict,
            (
                "_embedded",
                "_links",
                "page",
                "page_size",
                "total_items",
                "total_pages",
            ),
        )
        try:
            _hal_embedded = d.pop("_embedded", UNSET)
            hal_embedded: RecordingPageEmbedded | Unset
            if isinstance(_hal_embedded, Unset):
                hal_embedded = UNSET
            else:
                hal_embedded = RecordingPageEmbedded.from_dict(_hal_embedded)

        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise UnreadableField("_embedded", error) from error

        try:
            _hal_links = d.pop("_links", UNSET)
            hal_links: PageLinks | Unset
            if isinstance(_hal_links, Unset):
                hal_links = UNSET
            else:
                hal_links = PageLinks.from_dict(_hal_links)

        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise UnreadableField("_links", error) from error

        page = d.pop("page", UNSET)

        page_size = d.pop("page_size", UNSET)

        total_items = d.pop("total_items", UNSET)

        total_pages = d.pop("total_pages", UNSET)

        recording_page = cls(
            hal_embedded=hal_embedded,
            hal_links=hal_links,
            page=page,
            page_size=page_size,
            total_items=total_items,
            total_pages=total_pages,
        )

        recording_page.additional_properties = d
        return recording_page

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


from ..models.page_links import PageLinks
from ..models.recording_page_embedded import RecordingPageEmbedded

_SHOWN = (
    "hal_embedded",
    "hal_links",
    "page",
    "page_size",
    "total_items",
    "total_pages",
)
