"""The browse screen: finds cards, notes and concepts while one types, and shows the chosen one beside the list."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import Screen
from textual.widgets import Input, Static

from studycli.errors import StudyError
from studycli.tui import browse_changes, browse_hits, keymap
from studycli.tui.browse_changes import Changed
from studycli.tui.browse_hits import Entry, Page
from studycli.tui.browse_lines import Guide, Legend, Problem, counted
from studycli.tui.browse_list import HitList
from studycli.tui.browse_query import QueryField
from studycli.tui.browse_sight import sight
from studycli.tui.key_line import Key, KeyLine
from studycli.tui.map_atlas import Atlas
from studycli.tui.newest import Newest
from studycli.tui.secret import Secret

if TYPE_CHECKING:
    from studycli.collection import Collection
    from studycli.tui.desk import Desk


class BrowseScreen(Screen[None]):
    """A field, the hits below it, and the chosen one. What the review hides of the card it asks stays hidden here."""

    DEFAULT_CSS = """
    BrowseScreen #browse-query { padding: 0 1; background: $surface; }
    BrowseScreen #browse-said { height: auto; padding: 0 1; color: $text-muted; }
    BrowseScreen #browse-said.-wrong { color: $text-error; }
    BrowseScreen #browse-desk { layout: vertical; height: 1fr; }
    BrowseScreen HitList { height: 3fr; }
    BrowseScreen #browse-sight { height: 2fr; padding: 0 1; border-top: solid $panel; }
    BrowseScreen #browse-sight:focus { border-top: solid $primary; }
    BrowseScreen #browse-legend { height: 1; padding: 0 1; color: $text-muted; }
    BrowseScreen.-wide #browse-desk { layout: horizontal; }
    BrowseScreen.-wide HitList { width: 3fr; height: 1fr; }
    BrowseScreen.-wide #browse-sight { width: 2fr; height: 1fr; border-top: none; border-left: solid $panel; }
    BrowseScreen.-wide #browse-sight:focus { border-left: solid $primary; }
    BrowseScreen.-full HitList { display: none; }
    BrowseScreen.-full #browse-sight { width: 1fr; height: 1fr; }
    """
    AUTO_FOCUS = "#browse-query"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="browse-back"),
        Binding("s", "suspend_card", "Suspend", id="suspend"),
        Binding("b", "bury", "Bury", id="bury"),
        Binding("f", "flag", "Flag", id="flag"),
        Binding("slash", "to_query", "Search", show=False, id="browse"),
        Binding("enter", "shrink", show=False),
        Binding("q", "leave", "To the card", id="browse-leave"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._atlas = Atlas(desk)
        self._hits, self._pages, self._sights = Newest(self), Newest(self), Newest(self)
        self._one_change = asyncio.Lock()
        self._text = ""
        self._seen_name = ""

    def compose(self) -> ComposeResult:
        """Field, what is said of it, hits and the chosen one, what the marks mean, keys."""
        yield QueryField()
        yield Static(Guide(), id="browse-said", markup=False)
        with Horizontal(id="browse-desk"):
            yield HitList(self.desk.collection.today)
            with VerticalScroll(id="browse-sight", can_focus=True):
                yield Static(id="browse-text", markup=False)
        yield Static(Legend("reading …"), id="browse-legend", markup=False)
        yield KeyLine(self._keys_of_the_hits)

    def on_mount(self) -> None:
        """Begin with all cards."""
        self._find("")

    # Searching

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search for what is typed so far."""
        self._find(event.value)

    def _find(self, text: str) -> None:
        self._text = text
        self._hits.ask(self._reader(text, 0), self._found, partial(self._not_found, text))

    def _reader(self, text: str, start: int) -> Callable[[], Page]:
        return partial(browse_hits.read, self.desk.collection, text, start, Secret.of(self.desk.study))

    def _found(self, page: Page) -> None:
        """Show the hits, unless something else was typed meanwhile."""
        if page.text == self._text:
            self._say(Guide())
            self._list.show(page)
            self.refresh_bindings()

    def _not_found(self, text: str, error: Exception) -> None:
        """Say what is wrong with the text; the hits of the one before stay."""
        if text == self._text:
            self._say(Problem(error), wrong=True)

    def _say(self, words: Guide | Problem, *, wrong: bool = False) -> None:
        said = self.query_one("#browse-said", Static)
        said.set_class(wrong, "-wrong")
        said.update(words)

    def on_hit_list_wanted(self, message: HitList.Wanted) -> None:
        """Read the page that came into sight."""
        self._pages.ask(self._reader(self._list.text, message.start), self._paged, self._not_paged)

    def _paged(self, page: Page) -> None:
        if page.text == self._list.text:
            self._list.add(page)
        else:
            self._list.ask_again()

    def _not_paged(self, error: Exception) -> None:
        self._say(Problem(error), wrong=True)

    # The chosen one

    @property
    def _list(self) -> HitList:
        return self.query_one(HitList)

    def on_hit_list_chosen(self) -> None:
        """Show another one."""
        self._count()
        self._look()

    def _count(self, said: str = "") -> None:
        found = self._list
        count = counted(found.chosen, found.total, filtered=bool(found.text.strip()))
        self.query_one("#browse-legend", Static).update(Legend(count, said))

    def _look(self) -> None:
        entry = self._list.entry
        if entry is None:
            self._show(None, Text(""))
            return
        read = partial(sight, self.desk, self._atlas, entry.hit, Secret.of(self.desk.study))
        self._sights.ask(read, partial(self._seen, entry), partial(self._not_seen, entry))

    def _seen(self, entry: Entry, shown: RenderableType) -> None:
        if self._list.entry is entry:
            self._show(entry, shown)

    def _not_seen(self, entry: Entry, error: Exception) -> None:
        self._seen(entry, Problem(error, "this cannot be read"))

    def _keys_of_the_hits(self) -> Iterator[Key]:
        """What can be pressed in the list, for one who is in the field."""
        if isinstance(self.focused, QueryField) and self._list.total:
            lead = "in the hits:"
            for owner, names in ((self._list, {"browse-open"}), (self, {"suspend", "bury", "flag"})):
                for made in owner.BINDINGS:
                    if isinstance(made, Binding) and made.id in names:
                        key = keymap.shown(self.app, made)
                        yield Key(key, made.description, made.action, owner, lead)
                        lead = ""

    def _show(self, entry: Entry | None, shown: RenderableType) -> None:
        box = self.query_one("#browse-sight")
        self.query_one("#browse-text", Static).update(shown)
        name = entry.name if entry is not None else ""
        if name != self._seen_name:
            box.scroll_home(animate=False)
        self._seen_name = name

    def on_hit_list_opened(self) -> None:
        """Read it at full size."""
        self.add_class("-full")
        self.query_one("#browse-sight").focus()

    def on_hit_list_left(self) -> None:
        """Back to the field."""
        self.action_to_query()

    # What the learner does

    def action_to_list(self) -> None:
        """Go from the field to what was found."""
        if self._list.total:
            self._list.focus()

    def action_to_query(self) -> None:
        """Go to the field."""
        self._shrink()
        self.query_one(QueryField).focus()

    def action_shrink(self) -> None:
        """From the full size back to the list."""
        if self._shrink():
            self._list.focus()

    def _shrink(self) -> bool:
        was_full = self.has_class("-full")
        self.remove_class("-full")
        return was_full

    def action_back(self) -> None:
        """One step back: to the list, to all cards, to the review."""
        if self._shrink():
            self._list.focus()
        elif self.query_one(QueryField).value:
            self.query_one(QueryField).value = ""
            self.action_to_query()
        else:
            self.action_leave()

    def action_leave(self) -> None:
        """Back to the review."""
        self.dismiss()

    def action_suspend_card(self) -> None:
        """Suspend the chosen card, or bring it back."""
        self._change(browse_changes.suspend)

    def action_bury(self) -> None:
        """Bury the chosen card until tomorrow, or bring it back."""
        self._change(browse_changes.bury)

    def action_flag(self) -> None:
        """Put the flag on the chosen card, or take it off."""
        self._change(browse_changes.flag)

    def _change(self, change: Callable[[Collection, str], Changed]) -> None:
        entry = self._list.entry
        if entry is None:
            return
        if entry.card is None:
            self._count("that is no card")
            return
        self.run_worker(self._changed(partial(change, self.desk.collection, entry.card.id)))

    async def _changed(self, change: Callable[[], Changed]) -> None:
        async with self._one_change:
            try:
                changed = await asyncio.to_thread(change)
            except StudyError as error:
                self._count(f"nothing was changed: {error.message}")
                return
        self._list.renew(changed.card)
        self._count(changed.message)
        self._look()
