"""The field of the browse screen, where the words to search for are typed."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input


class QueryField(Input):
    """A line of text. While it has the focus it takes every key that writes something."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.to_list", "To the hits", id="browse-search"),
        Binding("down", "screen.to_list", "To the hits", show=False, id="browse-to-hits"),
    ]

    def __init__(self) -> None:
        hint = "search cards, notes and concepts; ↓ goes to the hits"
        super().__init__(placeholder=hint, compact=True, id="browse-query")
