"""The words around a demo: what is offered, what was computed on, what to press, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.text import Text

from studycli.errors import StudyError
from studycli.render.safe import one_line
from studycli.tui.demo_controls import packed
from studycli.tui.demo_plan import DemoPlan, harmless

if TYPE_CHECKING:
    from studycli.model.card import Card
    from studycli.model.trace import DemoResult
    from studycli.tui.demo_setup import DemoSetup
    from studycli.tui.demo_view import DemoView

_NEUTRAL = "The computation behind this card"
_ANSWERS = "It may give the answer away; after the answer it runs by itself."


def offer(plan: DemoPlan | None, card: Card | None, key: Callable[[str], str], *, running: bool) -> list[Text]:
    """What stands in the place of a demo that was not computed: its title and summary, unless they tell too much."""
    if plan is None or card is None:
        return [Text("looking for the demo …", "dim")] if card is not None else []
    title, summary = plan.demo.title, plan.demo.summary
    if running:
        return [Text(one_line(title), "bold"), Text(one_line(summary))]
    shown = [Text(one_line(title if harmless(title, card) else _NEUTRAL), "bold")]
    if harmless(summary, card):
        shown.append(Text(one_line(summary)))
    return [*shown, Text(), Text(f"{key('demo')} runs it; here {key('demo-enter')} does too."), Text(_ANSWERS, "dim")]


def head(plan: DemoPlan | None, result: DemoResult) -> Text:
    """What the demo is, why it is this one, and the text that it computed on."""
    said = Text(one_line(result.title), "bold")
    if plan is not None and plan.reason is not None:
        said.append(f"\n{one_line(plan.reason)}", "not bold italic")
    if "text" in result.inputs:
        said.append("\n").append("on: ", "not bold dim").append(one_line(str(result.inputs["text"])), "not bold")
    return said


def problem(error: StudyError) -> Text:
    """What went wrong, and what to do."""
    where = f"{one_line(error.where)}: " if error.where else ""
    said = Text.assemble((f"{where}{one_line(error.message)}", "bold"))
    return said.append(f"\n{one_line(error.hint)}", "not bold") if error.hint else said


def keys(setup: DemoSetup | None, view: DemoView | None, mode: str, width: int, key: Callable[[str], str]) -> Text:
    """What to press now; `key` gives the key of a binding by its name."""
    if setup is None or view is None:
        return Text()
    back, every, enter = f"{key('demo-back')}: back", key("demo-all"), key("demo-enter")
    steps, rows = key("demo-previous") + key("demo-next"), key("demo-up") + key("demo-down")
    if mode == "type":
        return _listed(width, "enter: done", back)
    if mode == "why":
        return _listed(width, back, f"{rows}: scroll")
    if mode == "all":
        return _listed(width, f"{every}: one step", f"{rows}: scroll", *_changing(setup, key))
    if view.spot is not None:
        arrows = "arrows" if steps + rows == "←→↑↓" else f"{steps}{rows}"
        return _listed(width, f"{arrows}: move", f"{enter}: where it comes from", back)
    cells = (f"{rows}: row", f"{enter}: cell") if view.page.grid is not None else ()
    return _listed(width, f"{steps}: step", *cells, f"{every}: all", *_changing(setup, key))


def _changing(setup: DemoSetup, key: Callable[[str], str]) -> list[str]:
    said = []
    if setup.parameter is not None:
        said.append(f"{key('demo-less')} {key('demo-more')}: set")
        said += [f"{key('demo-setting')}: next"] if len(setup.demo.parameters) > 1 else []
        said.append(f"{key('demo-value')}: type")
    if setup.demo.reads != "no text":
        said.append(f"{key('demo-text')}: text")
    if setup.can_silence:
        said.append(f"{key('demo-silence')}: {'hear it again' if setup.silences else 'silence'}")
    return [*said, f"{key('demo-reset')}: reset"]


def _listed(width: int, *said: str) -> Text:
    return packed([Text(part) for part in said], width, "  ")
