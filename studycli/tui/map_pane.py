"""The map pane: the card's concept among its neighbours, each marked by how well it is known."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from studycli.errors import StudyError
from studycli.render.safe import one_line
from studycli.tui import keymap
from studycli.tui.map_atlas import Atlas, Place, Sheet
from studycli.tui.map_list import MapList
from studycli.tui.map_page import Legend, Line, Standing, Target, page
from studycli.tui.map_preview import MapPreview, withheld
from studycli.tui.pane import Pane
from studycli.tui.secret import Secret

if TYPE_CHECKING:
    from studycli.model.review import StudyCard
    from studycli.tui.desk import Desk

_READING = "map"
_AFTER = "The map is drawn after the answer: it names the concept that this card may ask for."


@dataclass
class _Stop:
    """A concept that was looked at, and the line that was chosen when the learner went on."""

    place: Place
    chosen: int | None = None


class MapPane(Pane, can_focus=False):
    """Shows one concept at a time; enter goes to a neighbour or opens a card, backspace goes back.

    Maps and states are read in threads. What comes back for a card or a concept that was left meanwhile is dropped.
    """

    NAME = "map"
    TITLE = "Map"
    DEFAULT_CSS = """
    MapPane { overflow: hidden; }
    MapPane MapList { height: 1fr; max-height: 100%; }
    MapPane MapPreview { height: 1fr; display: none; }
    MapPane #map-legend { height: auto; color: $text-muted; border-top: solid $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("backspace,left", "back", "Back", show=False, id="map-back"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._atlas = Atlas(desk)
        self._card: StudyCard | None = None
        self._asked: tuple[str, str | None, int] | None = None
        self._secret = Secret()
        self._home: Place | None = None
        self._trail: list[_Stop] = []
        self._sheet: Sheet | None = None
        self._previewed: str | None = None

    def compose(self) -> ComposeResult:
        """The concept's lines, the card that is looked at in their place, and what the marks mean."""
        shown = MapList()
        yield shown
        yield MapPreview()
        keys = (f"{keymap.key(shown, 'map-open')}: open", f"{keymap.key(self, 'map-back')}: back")
        yield Static(Legend(keys), id="map-legend", markup=False)

    @property
    def focus_target(self) -> Widget:
        """The list, or the card that is looked at."""
        return self.query_one(MapPreview if self._previewed is not None else MapList)

    def show_card(self, card: StudyCard, revealed: bool) -> None:
        """Show where a card's concept stands. When only its answer came, stay where the learner went."""
        asked = (card.id, card.card.concept, self.desk.study.turn)
        stays = asked == self._asked and self._sheet is not None
        self._card, self._secret, self._asked = card, Secret(card, revealed), asked
        if stays and self._sheet is not None:
            self._show_sheet(self._sheet, self.query_one(MapList).highlighted)
            if self._previewed is not None:
                self._preview(self._previewed)
            return
        self._trail, self._home, self._sheet = [], None, None
        self._close_preview()
        if self._secret.hides_concept:
            self.workers.cancel_group(self, _READING)
            self._say(_AFTER)
            return
        self._say("reading the map …")
        self._start(lambda: self._find_home(card))

    async def _find_home(self, card: StudyCard) -> None:
        home, maps = await asyncio.to_thread(lambda: (self._atlas.find(card), self._atlas.maps))
        if home is None:
            self._say(*_nowhere(card, any_maps=bool(maps)))
            return
        self._home = home
        await self._go(_Stop(home))

    async def _go(self, stop: _Stop) -> None:
        """Turn to a concept."""
        sheet = await asyncio.to_thread(self._atlas.sheet, stop.place)
        if not self._trail or self._trail[-1] is not stop:
            self._trail.append(stop)
        self._show_sheet(sheet, stop.chosen)

    def _show_sheet(self, sheet: Sheet, chosen: int | None) -> None:
        assert self._card is not None and self._home is not None
        self._sheet = sheet
        concept = self._home.concept if self._home.concept_map is sheet.place.concept_map else ""
        lines = page(sheet, Standing(self._secret, concept))
        self.query_one(MapList).show(lines, chosen)

    def on_map_list_opened(self, message: MapList.Opened) -> None:
        """Go to the neighbour, or look at the card."""
        message.stop()
        target: Target = message.target
        if target.card is not None:
            self._open_card(target.card)
        elif target.concept is not None and self._sheet is not None:
            self._trail[-1].chosen = self.query_one(MapList).highlighted
            stop = _Stop(Place(self._sheet.place.concept_map, target.concept))
            self._start(lambda: self._go(stop))

    def _open_card(self, card_id: str) -> None:
        if self._card is not None and card_id == self._card.id:
            self.call_later(self.run_action, "screen.card")
            return
        self._preview(card_id)

    def _preview(self, card_id: str) -> None:
        self._start(lambda: self._show_preview(card_id))

    async def _show_preview(self, card_id: str) -> None:
        card = await asyncio.to_thread(self._atlas.card, card_id)
        reason = withheld(card, self.desk.study.today, asked=self.desk.study.session.asks(card_id),
                          spoils=not self._secret.revealed and self._is_home())  # fmt: skip
        preview = self.query_one(MapPreview)
        preview.show(card, self.desk.study.today, reason, self._secret)
        self._previewed = card_id
        self._display(preview, instead_of=self.query_one(MapList))

    def _is_home(self) -> bool:
        return self._sheet is not None and self._sheet.place == self._home

    def action_back(self) -> None:
        """Close the card that is looked at, else go back to the concept before."""
        if self._previewed is not None:
            self._close_preview()
        elif len(self._trail) > 1:
            self._trail.pop()
            stop = self._trail[-1]
            self._start(lambda: self._go(stop))

    def _close_preview(self) -> None:
        self._previewed = None
        self._display(self.query_one(MapList), instead_of=self.query_one(MapPreview))

    def _display(self, widget: Widget, instead_of: Widget) -> None:
        """Show one of the two views; it takes over the focus, before the other one is hidden and loses it."""
        widget.display = True
        if instead_of.has_focus:
            self.screen.set_focus(widget, scroll_visible=False)
        instead_of.display = False

    def _say(self, *lines: str) -> None:
        self.query_one(MapList).show([Line(Text(line)) for line in lines])

    def _start(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do what takes reading; it ends what was being read before, and an error of it is said here."""
        self.run_worker(self._guarded(work), group=_READING, exclusive=True)

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Exception as error:
            # Whatever it is, the review goes on without the map.
            message, hint = (error.message, error.hint) if isinstance(error, StudyError) else (repr(error), None)
            self._close_preview()
            self._say(f"The map cannot be shown: {one_line(message)}", one_line(hint or ""))


def _nowhere(card: StudyCard, any_maps: bool) -> tuple[str, ...]:
    """Why there is nothing to show, and what to do."""
    if not any_maps:
        return ("There are no concept maps yet.", "", "`studycli add PATH` brings the folder of yours.")
    if not card.card.concept:
        return (
            "This card names no concept, so it stands on no map.", "",
            "A line **Concept:** under its heading gives it one; `studycli maps` lists the maps.",
        )  # fmt: skip
    return (
        f"None of your maps has the concept {one_line(card.card.concept)}.", "",
        "`studycli maps` lists them; `studycli add PATH` brings more.",
    )  # fmt: skip
