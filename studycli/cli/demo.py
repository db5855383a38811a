"""demo: the computation behind a card, on real numbers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from studycli.cli import diagnostics, output
from studycli.errors import UsageError

if TYPE_CHECKING:
    from studycli.demos.inputs import Inputs
    from studycli.model.card import Card
    from studycli.model.trace import DemoResult

commands = typer.Typer()

_LARGEST_SEED = 2**63 - 1


@commands.command("demo")
def demo(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="The demo; without one, the list, or the card's own.")
    ] = None,
    card: Annotated[str | None, typer.Option(metavar="CARD", help="Compute on this card's text.")] = None,
    text: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Compute on this text; '-' reads standard input.")
    ] = None,
    device: Annotated[
        Literal["auto", "cpu", "cuda"], typer.Option(metavar="DEVICE", help="Where to compute: auto, cpu or cuda.")
    ] = "auto",
    seed: Annotated[int, typer.Option(metavar="N", min=0, max=_LARGEST_SEED, help="The seed of the weights.")] = 0,
    train: Annotated[
        bool, typer.Option("--train", help="Train the demo's model first, and watch it learn; induction can.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show a computation step by step, with its claims measured.

    Without a name: the list of demos. Each step has its numbers, their shape and a sentence on what to look at.
    """
    from studycli.demos import registry
    from studycli.demos.inputs import DEFAULT_TEXT, Inputs, inputs_for

    if card is not None and text is not None:
        raise UsageError("--card and --text are two texts", hint="give one of them")
    if train and name is None:
        raise UsageError("--train needs the name of a demo", hint="studycli demo induction --train")
    if name is None and card is None and text is None:
        return _list(as_json)
    if name is not None:
        registry.find(name)
    if card is not None:
        found = _card(card)
        name, inputs = name or _choose(found), inputs_for(found, device, seed)
    else:
        inputs = Inputs(DEFAULT_TEXT if text is None else _read(text), device, seed)
    if train and name is not None:
        result = _train(name, inputs)
    else:
        with diagnostics.waiting("computing …"):  # loading torch takes most of the time
            result = registry.run(name or registry.FALLBACK, inputs)
    if as_json:
        return output.print_json(result.model_dump(mode="json"))
    from studycli.render.trace import render

    console = output.console()
    return console.print(render(result, console.width))


def _train(name: str, inputs: Inputs) -> DemoResult:
    from studycli.cli import training_view
    from studycli.demos import registry

    with training_view.shown() as report:
        return registry.train(name, inputs, report)


def _list(as_json: bool) -> None:
    from studycli.demos.registry import DEMOS

    if as_json:
        facts = ("name", "title", "summary", "concepts")
        return output.print_json([{fact: getattr(demo, fact) for fact in facts} for demo in DEMOS.values()])
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Demo", no_wrap=True)
    table.add_column("What it shows")
    for demo in DEMOS.values():
        table.add_row(demo.name, demo.summary)
    output.console().print(table)
    return diagnostics.say("Run one with: studycli demo NAME; studycli demo --card CARD picks the one for a card.")


def _read(text: str) -> str:
    return sys.stdin.buffer.read().decode("utf-8", "replace") if text == "-" else text


def _card(card_id: str) -> Card:
    from studycli.cli.context import open_collection

    with open_collection() as collection:
        found: Card = collection.card(card_id).card
        return found


def _choose(card: Card) -> str:
    from studycli.demos import registry

    if registry.serving(card.concept or "") is None:
        reason = f"There is no demo for '{card.concept}' yet" if card.concept else "The card names no concept"
        diagnostics.say(f"{reason}: this is attention over its own text.")
    return registry.demo_for(card)
