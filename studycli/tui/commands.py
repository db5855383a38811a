"""Commands: what the palette (`:`) finds, each with a plain sentence."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SystemCommand

from studycli.tui import themes

if TYPE_CHECKING:
    from textual.screen import Screen

    from studycli.tui.app import Workspace

SENTENCES: dict[str, tuple[str, str]] = {
    "reveal": ("Answer", "Show the answer, or more of a long text."),
    "type": ("Type the answer", "Write the answer down, and see word by word how it differs."),
    "undo": ("Undo", "Take back the last grade, or what was done last."),
    "suspend": ("Suspend", "Ask this card no more until it is brought back."),
    "bury": ("Bury", "Leave this card until tomorrow."),
    "flag": ("Flag", "Put a flag on this card, or take it off, to find it again."),
    "edit": ("Edit", "Change this card's text in your editor; its document changes with it."),
    "notation": ("LaTeX source", "Show formulas as they are written, or as they are read."),
    "demo": ("Demo", "See what this card claims, computed."),
    "map": ("Map", "See this card's concept among its neighbors."),
    "source": ("Source", "Read the sections that this card comes from."),
    "notes": ("Notes", "Read and write your own notes on this card and its concept."),
    "card": ("Card", "Go back to the card."),
    "card-other": ("Question or answer", "Move between the question and the answer, to scroll them."),
    "browse": ("Browse", "Search cards, notes and concepts."),
    "statistics": ("Progress", "See how the learning goes: days, retention, forecast."),
    "help": ("Help", "Show every key that means something here."),
    "palette": ("Commands", "Find a command by its name."),
    "suspend-process": ("To the shell", "Stop the program for now; fg in the shell goes on."),
    "interrupt": ("Quit at once", "End the review, as Ctrl-C does; every grade is kept."),
    "quit": ("Quit", "End the review; every grade is kept."),
}
"""By the names of bindings: the command and what it does."""

_LAST = ("help", "suspend-process", "interrupt", "quit")


def of(app: Workspace, screen: Screen[object]) -> Iterator[SystemCommand]:
    """What can be done on a screen now, then the themes."""
    from studycli.scheduler import grades

    labels = grades.keys(app.settings.grading)
    seen = {"palette"}
    active = [one for one in screen.active_bindings.values() if one.enabled and one.binding.id]
    for one in sorted(active, key=lambda one: one.binding.id in _LAST):
        name, action = one.binding.id or "", one.binding.action
        if name in seen or name in without(app.settings.grading):
            continue
        seen.add(name)
        key = app.get_key_display(one.binding)
        title, sentence = SENTENCES.get(name, (one.binding.description, ""))
        if name.startswith("grade-"):
            label = labels[name.removeprefix("grade-")][0]
            title, sentence = f"Grade: {label}", "Say how well you knew it, once the answer is shown."
        if title:
            told = f"{key}: {sentence}" if sentence else key
            yield SystemCommand(title, told, partial(app.run_action, action, one.node), bool(sentence))
    for theme in sorted(app.available_themes):
        is_own = theme in {own.name for own in themes.OWN}
        help_text = "Other colors for this run." if theme != themes.NO_COLOR.name else "No colors for this run."
        yield SystemCommand(f"Theme: {theme}", help_text, partial(turn_to_theme, app, theme), is_own)


def without(grading: str) -> list[str]:
    """The names of the grades' keys that a grading setting does not use."""
    from studycli.scheduler import grades

    return [f"grade-{number}" for number in range(6) if str(number) not in grades.keys(grading)]


def turn_to_theme(app: Workspace, theme: str) -> None:
    """Use a theme for this run, and say how to keep it."""
    from studycli import paths

    if app.no_color:
        app.say("NO_COLOR is set, so no theme brings color")
        return
    app.theme = theme
    file = paths.config_file()
    shown = f"~/{file.relative_to(Path.home())}" if file.is_relative_to(Path.home()) else str(file)
    app.say(f'theme = "{theme}" in {shown} keeps it')
