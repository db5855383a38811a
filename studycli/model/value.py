"""The base of every model value: frozen, and strict about unknown keys."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value with no behaviour that needs I/O."""

    model_config = ConfigDict(frozen=True, extra="forbid")
