"""The learner's own keys: what the setting `keys` puts in the place of the workspace's."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.binding import Binding
from textual.keys import KEY_NAME_REPLACEMENTS, Keys

from studycli.config import Settings
from studycli.errors import UsageError
from studycli.render.safe import one_line

if TYPE_CHECKING:
    from textual.dom import DOMNode

_SCREENS = (
    "studycli.tui.review_screen:ReviewScreen",
    "studycli.tui.end_screen:EndScreen",
    "studycli.tui.browse_screen:BrowseScreen",
    "studycli.tui.stats_screen:StatsScreen",
)
_PARTS = (
    "studycli.tui.card_pane:CardPane",
    "studycli.tui.card_text:CardText",
    "studycli.tui.answer_field:AnswerField",
    "studycli.tui.browse_list:HitList",
    "studycli.tui.browse_query:QueryField",
    "studycli.tui.map_list:MapList",
    "studycli.tui.map_preview:MapPreview",
)
"""Widgets with keys of their own, beside the panes."""

_WORDS = {"⏎": "enter", "⌫": "backspace"}
"""Keys whose signs say little within a sentence."""

_MODIFIERS = frozenset(("ctrl", "shift", "alt", "super", "meta", "hyper"))


def check(settings: Settings) -> None:
    """See to it that every key is known, does something, and does one thing only. Raises UsageError.

    This loads every part of the workspace, so it is nothing to wait for.
    """
    if not settings.keys:
        return
    from studycli.tui import commands

    places = [dict(_bound(owner)) for owner in _owners()]
    known = {name for place in places for name in place}
    for name, keys in settings.keys.items():
        if name not in known:
            close = get_close_matches(name, sorted(known), n=3, cutoff=0.6)
            hint = f"is it {' or '.join(close)}?" if close else f"a review has {', '.join(commands.SENTENCES)}"
            raise _refused(settings, f"no key does '{name}'", hint)
        for key in keys.split(","):
            if not _is_key(_normal(key)):
                close = get_close_matches(key.strip().lower(), sorted(_named_keys()), n=1, cutoff=0.6)
                hint = f"is it {close[0]}?" if close else "a key is a letter or a name, such as space, f2 or ctrl+r"
                raise _refused(settings, f"there is no key '{key.strip()}', which is to do '{name}'", hint)
    for place in places:
        _check_place(settings, place)


def shown(app: App[Any], binding: Binding) -> str:
    """The key that does this now, as it is written on the screen; with several, the first."""
    from studycli.tui.app import Workspace

    keys = app.settings.keys if isinstance(app, Workspace) else {}
    key = _normal(keys.get(binding.id or "", binding.key).split(",")[0])
    return one_line(app.get_key_display(Binding(key, binding.action)))


def key(node: DOMNode, name: str) -> str:
    """The key that does what a binding of this name does at `node`, for a sentence: 'space', 'enter'."""
    usual = next(usual for owner in node.ancestors_with_self for at, usual in _bound((type(owner),)) if at == name)
    written = shown(node.app, Binding(usual, "", id=name))
    return _WORDS.get(written, written)


@cache
def order(owner: type) -> dict[str, int]:
    """The places of the bindings of a part of the workspace, by their names."""
    return {name: place for place, (name, _) in enumerate(_bound((owner,)))}


def _check_place(settings: Settings, place: Mapping[str, str]) -> None:
    """In one place a key does one thing; where the workspace itself lets one hide another, it means to."""
    taken: dict[str, tuple[str, str]] = {}
    for name, usual in place.items():
        for key in settings.keys.get(name, usual).split(","):
            other, written = taken.setdefault(_normal(key), (name, key))
            if other != name and (name in settings.keys or other in settings.keys):
                shown = (key if name in settings.keys else written).strip()
                message = f"the key '{shown}' cannot do both '{other}' and '{name}'"
                raise _refused(settings, message, f'give one of them another: {name} = "…"')


def _refused(settings: Settings, message: str, hint: str) -> UsageError:
    return UsageError(message, where=(settings.origins or {}).get("keys"), hint=hint)


def _owners() -> Iterator[tuple[type, ...]]:
    """What has keys at the same time: each screen with the app, then each pane and widget for itself."""
    from studycli.tui.app import Workspace
    from studycli.tui.panes import PANES

    for target in _SCREENS:
        yield (_loaded(target), Workspace)
    for place in PANES:
        yield (place.load(),)
    for target in _PARTS:
        yield (_loaded(target),)


def _loaded(target: str) -> type:
    module, name = target.split(":")
    found: type = getattr(import_module(module), name)
    return found


def _bound(owners: tuple[type, ...]) -> Iterator[tuple[str, str]]:
    """The names of their bindings, each with its usual keys."""
    for owner in owners:
        for base in owner.__mro__:
            if base.__module__.startswith("studycli."):
                for made in base.__dict__.get("BINDINGS", ()):
                    if isinstance(made, Binding) and made.id is not None:
                        yield made.id, made.key


def _normal(key: str) -> str:
    """The name of a key; a character has one too."""
    key = key.strip()
    if len(key) != 1 or key.isalnum():
        return key
    name = unicodedata.name(key, key).lower().replace("-", "_").replace(" ", "_")
    return KEY_NAME_REPLACEMENTS.get(name, name)


def _is_key(key: str) -> bool:
    *modifiers, base = key.split("+")
    if not all(modifier in _MODIFIERS for modifier in modifiers):
        return False
    return (len(base) == 1 and base.isalnum()) or base in _named_keys() or _is_character(base)


def _named_keys() -> set[str]:
    return {key.value for key in Keys if not key.value.startswith("<")} | set(KEY_NAME_REPLACEMENTS.values())


def _is_character(name: str) -> bool:
    try:
        return name.islower() and bool(unicodedata.lookup(name.replace("_", " ")))
    except KeyError:
        return False
