"""The help: every key that means something where it was called, and the names to remap them by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from studycli.tui import keymap
from studycli.tui.commands import SENTENCES

_TOGETHER = {"grade": "Grade", "pane": None}
"""Actions whose keys stand on one line, with the words for them all; None puts their own words side by side."""

_ORDER = list(SENTENCES)
_HINT = 'Other keys: a table [keys] in config.toml, with lines such as\n  reveal = "space,v"'
_BACK = "esc goes back"


@dataclass
class Row:
    """One line of the help."""

    keys: list[str] = field(default_factory=list)
    what: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def add(self, key: str, what: str, name: str) -> None:
        """Put another key on the line."""
        for found, list_ in ((key, self.keys), (what, self.what), (name, self.names)):
            if found not in list_:
                list_.append(found)


def rows(bindings: Iterable[tuple[ActiveBinding, str]]) -> Iterator[Row]:
    """What can be pressed, each with the key as it is shown.

    First on the screen, in the order of the palette's sentences; then in the part of it that has the focus, anywhere,
    and last what scrolls. Keys without a name are left out.
    """
    found: dict[str, Row] = {}
    for active, key in sorted(bindings, key=_place):
        binding = active.binding
        if binding.id and binding.description and active.enabled:
            action = binding.action.partition("(")[0]
            row = found.setdefault(action if action in _TOGETHER else binding.id, Row())
            row.add(key, _TOGETHER.get(action) or binding.description, binding.id)
    yield from found.values()


def _place(bound: tuple[ActiveBinding, str]) -> tuple[int, int]:
    name, node = bound[0].binding.id or "", bound[0].node
    sort = "reveal" if name.startswith("grade-") else name
    order = _ORDER.index(sort) if sort in _ORDER else len(_ORDER)
    if name.startswith("card-") and name not in _ORDER:
        return 3, order
    return (0 if isinstance(node, Screen) else 2 if isinstance(node, App) else 1), order


class HelpScreen(ModalScreen[None]):
    """A list of keys over the screen; Esc, q or ? takes it away."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    #help {
        width: 100%; max-width: 84; height: auto; max-height: 100%; padding: 0 1;
        background: $surface; border: round $primary; border-title-style: bold;
    }
    #help Static { width: 100%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,space", "dismiss", "Back")]

    def __init__(self, bindings: Mapping[str, ActiveBinding], without: Sequence[str] = ()) -> None:
        """`without` are names of bindings that mean nothing now."""
        super().__init__()
        self._active = [active for active in bindings.values() if active.binding.id not in without]

    def compose(self) -> ComposeResult:
        """The keys, and a line on how to change them."""
        with VerticalScroll(id="help") as box:
            box.border_title = "Keys"
            box.border_subtitle = _BACK
            yield Static(self._table())
            yield Static(Text(f"{_HINT}\n{keymap.key(self, 'palette')} finds every command.", "dim"))

    def on_mount(self) -> None:
        """Say whether there is more below, now and after each move."""
        self.watch(self.query_one("#help"), "scroll_y", self._say_more, init=False)
        self.on_resize()

    def on_resize(self) -> None:
        """Say it anew for the new height."""
        self.call_after_refresh(self._say_more)

    def _say_more(self) -> None:
        box = self.query_one("#help")
        box.border_subtitle = f"▼ more · {_BACK}" if box.scroll_y < box.max_scroll_y else _BACK

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True, style="bold")
        table.add_column()
        table.add_column(style="dim")
        for row in rows((active, self.app.get_key_display(active.binding)) for active in self._active):
            names = row.names if len(row.what) == len(row.names) else [row.names[0], "…", row.names[-1]]
            table.add_row(" ".join(row.keys), ", ".join(row.what), " ".join(names))
        return table
