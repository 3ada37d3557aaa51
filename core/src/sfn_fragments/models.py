"""Requests and responses of fragments that pass on whatever they are given."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, JsonValue, RootModel


class AnyJson(RootModel[JsonValue]):
    """Anything that JSON can hold: the code that is called knows what it takes and returns."""


class AnyObject(BaseModel):
    """Any JSON object; the fragment's parameters may be paths into it."""

    model_config = ConfigDict(extra="allow")
