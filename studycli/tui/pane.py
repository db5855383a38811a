"""Pane: one view beside the card, such as its demo or its place on the concept map."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import VerticalScroll
from textual.widget import Widget

if TYPE_CHECKING:
    from studycli.model.review import StudyCard
    from studycli.tui.desk import Desk


class Pane(VerticalScroll, can_focus=True):
    """A pane is mounted when it is first looked at, and hears of a card only while it is looked at.

    Subclasses compose their widgets and implement `show_card`. Their own keys are ordinary bindings: they count while
    the pane, or something in it, has the focus.
    """

    NAME: ClassVar[str] = ""
    TITLE: ClassVar[str] = ""

    def __init__(self, desk: Desk) -> None:
        super().__init__(id=f"pane-{self.NAME}")
        self.desk = desk
        self._shown: tuple[str, bool] | None = None

    def turn_to(self, card: StudyCard, revealed: bool) -> None:
        """Show what belongs to a card, unless it is shown already."""
        self._shown = (card.id, revealed)
        self.show_card(card, revealed)

    def show_card(self, card: StudyCard, revealed: bool) -> None:
        """Show what belongs to a card. Before its answer is `revealed`, nothing here may give it away."""
        raise TypeError(f"{type(self).__name__} shows no cards")

    def entered(self) -> None:
        """The learner turned to this pane."""
        return

    @property
    def focus_target(self) -> Widget:
        """What gets the focus when the learner turns to this pane."""
        return self
