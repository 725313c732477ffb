"""The models somebody would write for pydantic: with the same types as ours."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class Link(BaseModel):
    href: str | None = None


class Links(BaseModel):
    self_: Link | None = Field(None, alias="self")
    next_: Link | None = Field(None, alias="next")


class Recording(BaseModel):
    model_config = ConfigDict(extra="allow")

    links: Links | None = Field(None, alias="_links")
    call_direction: str | None = None
    call_id: str | None = None
    caller_id: str | None = None
    cnam: str | None = None
    dnis: str | None = None
    download_url: str | None = None
    duration: int | None = None
    end: datetime | None = None
    extensions: list[int | str] | None = None
    file_name: str | None = None
    file_size_in_bytes: int | None = None
    id: int | None = None
    rule_ids: list[int] | None = None
    start: datetime | None = None


class Embedded(BaseModel):
    recordings: list[Recording]


class Page(BaseModel):
    embedded: Embedded = Field(alias="_embedded")
    links: Links | None = Field(None, alias="_links")
    page: int
    page_size: int
    total_items: int
    total_pages: int
