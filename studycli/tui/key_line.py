"""The line of keys: what can be pressed now, at the bottom of a screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.app import App
from textual.content import Content
from textual.keys import KEY_DISPLAY_ALIASES, format_key
from textual.style import Style
from textual.widget import Widget

from studycli.render.safe import one_line
from studycli.tui import keymap

if TYPE_CHECKING:
    from textual import events
    from textual.dom import DOMNode
    from textual.screen import Screen

_FORMS = (("  ", " "), (" ", ""))
"""What stands between the keys, and before the first: with much room, and with little."""


@dataclass(frozen=True)
class Key:
    """A key as it is shown, what it does in words, and the action, run at `node`; `lead` are words before it."""

    name: str
    what: str
    action: str
    node: DOMNode
    lead: str = ""

    @property
    def stays(self) -> bool:
        """Whether it stands at the end, and stays while others have no room: what counts everywhere."""
        return isinstance(self.node, App)

    def content(self, place: int) -> Content:
        """The key and its words; a click on it finds its place."""
        shown = Content.assemble((self.name, "$footer-key-foreground bold"), f" {self.what}")
        shown = shown.stylize(Style.from_meta({"key": place}))
        return Content.assemble((self.lead, "dim"), " ", shown) if self.lead else shown


class KeyLine(Widget):
    """One line without parts, drawn again when something else can be pressed. A click on a key does what it does.

    It is filled after the first paint, which it would delay.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    KeyLine { dock: bottom; height: 1; color: $footer-foreground; background: $footer-background; }
    """

    def __init__(self, beyond: Callable[[], Iterable[Key]] = tuple) -> None:
        """`beyond` gives keys that count after a step, such as one into a list."""
        super().__init__()
        self._beyond = beyond
        self._keys: tuple[Key, ...] = ()
        self._is_asked = False

    def on_mount(self) -> None:
        """Hear of it when other keys count."""
        self.screen.bindings_updated_signal.subscribe(self, self._ask, immediate=True)
        self._ask(self.screen)

    def _ask(self, _: Screen[object]) -> None:
        """Look once all is done that is about to change the keys."""
        if not self._is_asked:
            self._is_asked = True
            self.call_after_refresh(self._look)

    def _look(self) -> None:
        self._is_asked = False
        if not self.is_attached or not self.app.app_focus:
            return  # a window that another is on top of keeps what it shows
        keys = (*self._active(), *self._beyond())
        if keys != self._keys:
            self._keys = keys
            self.refresh()

    def _active(self) -> Iterator[Key]:
        """The keys that count now and are shown, in the order of the bindings; of several that do the same, the first.

        Textual puts those that the learner has changed last.
        """
        places: dict[DOMNode, dict[str, int]] = {}
        ordered: dict[tuple[int, int], Key] = {}
        for node, binding, is_enabled, _ in self.screen.active_bindings.values():
            if binding.show and is_enabled and not self._is_typed(binding.key):
                order = places.setdefault(node, keymap.order(type(node)))
                place = (list(places).index(node), order.get(binding.id or "", len(order)))
                name = one_line(self.app.get_key_display(binding))
                ordered.setdefault(place, Key(name, binding.description, binding.action, node))
        for _, key in sorted(ordered.items()):
            yield key

    def _is_typed(self, key: str) -> bool:
        """Whether the field that has the focus takes the key; Textual does not know every key's character."""
        focused, character = self.screen.focused, format_key(key)
        if focused is None or len(character) != 1 or key in KEY_DISPLAY_ALIASES:
            return False
        return focused.check_consume_key(key, character)

    def render(self) -> Content:
        """As many keys as there is room for."""
        return line(self._keys, self.size.width)

    def on_click(self, event: events.Click) -> None:
        """Do what stands where the click was."""
        place = event.style.meta.get("key")
        if place is not None and place < len(self._keys):
            event.stop()
            key = self._keys[place]
            self.app.call_later(self.app.run_action, key.action, key.node)


def line(keys: Sequence[Key], width: int) -> Content:
    """The keys on one line. Where they have no room, whole ones are left out from the middle."""
    shown = list(enumerate(keys))
    first = [(place, key) for place, key in shown if not key.stays]
    last = [(place, key) for place, key in shown if key.stays]
    while first or last:
        contents = [key.content(place) for place, key in [*first, *last]]
        for apart, before in _FORMS:
            joined = Content.assemble(before, Content(apart).join(contents))
            if joined.cell_length <= width:
                return joined
        (first or last).pop(-1 if first else 0)
    return Content()
