"""The preview: a card of a concept, read on the map and never graded there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from rich.console import Group, RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from studycli.demos.computed import filling
from studycli.model.review import StudyCard
from studycli.render.card import extras, place
from studycli.render.markdown import render_markdown
from studycli.review import wording
from studycli.tui.secret import STAYS_HIDDEN, Secret


class MapPreview(VerticalScroll, can_focus=True, inherit_bindings=False):
    """The question, and the answer where seeing it spoils no review."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_up", "Up", show=False, id="map-preview-up"),
        Binding("down", "scroll_down", "Down", show=False, id="map-preview-down"),
        Binding("pageup", "page_up", "Page up", show=False, id="map-preview-page-up"),
        Binding("pagedown", "page_down", "Page down", show=False, id="map-preview-page-down"),
        Binding("home", "scroll_home", "First", show=False, id="map-preview-first"),
        Binding("end", "scroll_end", "Last", show=False, id="map-preview-last"),
        Binding("enter", "read_on", "Read on", show=False, id="map-preview-read-on"),
    ]

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static(markup=False)

    def action_read_on(self) -> None:
        """Turn a page, if there is one; the review, where this key reveals the card in question, never gets it."""
        self.scroll_page_down(animate=False)

    def show(self, card: StudyCard, today: date, withheld: str | None, secret: Secret) -> None:
        """Show a card; `withheld` says why its answer is not shown."""
        self.query_one(Static).update(Group(*_parts(card, today, withheld, secret)))
        self.scroll_home(animate=False)


def _parts(card: StudyCard, today: date, withheld: str | None, secret: Secret) -> Iterator[RenderableType]:
    if secret.hides_question(card):
        yield Text(wording.place(card), "dim")
        yield from (Text(), Text(STAYS_HIDDEN, "italic"))
        return
    yield Text(f"{place(card)}\n{wording.standing(card, today)}", "dim")
    yield from (Text(), render_markdown(card.card.front), Text())
    if withheld is not None:
        yield Text(withheld, "italic")
        return
    yield from (Text("Answer", "bold underline"), render_markdown(card.card.back))
    for title, text in extras(card):
        yield from (Text(), Text(title, "bold"), render_markdown(text))


def withheld(card: StudyCard, today: date, *, asked: bool, spoils: bool) -> str | None:
    """Why a card's answer stays hidden here, or None where it may be seen.

    `asked` is true where this review still asks the card, `spoils` where its answer gives away the one in question.
    """
    due = card.state.due
    if due is None:
        return "Its answer stays hidden: you have not met this card yet."
    if not card.suspended and (asked or card.pending_repeat or due <= today):
        return "Its answer stays hidden: this card is still to be asked."
    if spoils:
        return "Its answer stays hidden until you have answered the card in question: it is on the same concept."
    if filling.is_computed(card.card):
        return "Its answer is computed when the card is asked."
    return None
