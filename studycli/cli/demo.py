"""demo: the computation behind a card, on real numbers."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from studycli.cli import diagnostics, output
from studycli.errors import UsageError

if TYPE_CHECKING:
    from studycli.demos.card_inputs import Choice
    from studycli.demos.demo import Demo
    from studycli.demos.edits import Edits
    from studycli.demos.inputs import Inputs
    from studycli.model.trace import DemoResult

commands = typer.Typer()

_LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True)
class _Options:
    """What was asked of a demo beside its name; None and () where it was not."""

    card: str | None
    text: str | None
    settings: tuple[str, ...]
    layer: int | None
    head: int | None
    seed: int | None
    device: str
    edits: tuple[str, ...]
    train: bool


@commands.command("demo")
def demo(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="The demo; without one, the list, or the card's own.")
    ] = None,
    card: Annotated[str | None, typer.Option(metavar="CARD", help="Compute on this card's text.")] = None,
    text: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Compute on this text; '-' reads standard input.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Set a number or word of the demo.")
    ] = None,
    layer: Annotated[int | None, typer.Option(metavar="N", min=0, help="Look at this layer, from 0.")] = None,
    head: Annotated[int | None, typer.Option(metavar="N", min=0, help="Look at this head, from 0.")] = None,
    step: Annotated[str | None, typer.Option(metavar="STEP", help="Show this step alone, by name or number.")] = None,
    explain: Annotated[
        str | None, typer.Option(metavar="CELL", help="Say where a number comes from: 'pattern[2,1]'.")
    ] = None,
    edit: Annotated[
        list[str] | None, typer.Option(metavar="EDIT", help="Change a value and see what follows: 'z[head=1]=0'.")
    ] = None,
    save: Annotated[str | None, typer.Option(metavar="FILE", help="Write .html, .svg or .png.")] = None,
    device: Annotated[
        Literal["auto", "cpu", "cuda"], typer.Option(metavar="DEVICE", help="Where to compute: auto, cpu or cuda.")
    ] = "auto",
    seed: Annotated[
        int | None, typer.Option(metavar="N", min=0, max=_LARGEST_SEED, help="The seed of what is random; else 0.")
    ] = None,
    train: Annotated[
        bool, typer.Option("--train", help="Train the demo's model first, and watch it learn; induction can.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show a computation step by step, with its claims measured.

    Without a name: the list of demos. Each step has its numbers, their shape and a sentence on what to look at.
    """
    options = _Options(card, text, tuple(settings or ()), layer, head, seed, device, tuple(edit or ()), train)
    _check(name, options, step=step, explain=explain, save=save)
    if name is None and card is None and text is None:
        from studycli.cli import demo_list

        return demo_list.show(as_json)
    path = None
    if save is not None:
        from studycli.cli import saving

        path = saving.check(save)
    found, result = _run(name, options, whole=explain is not None)
    if explain is not None:
        return _explain(result, explain, as_json)
    from studycli.demos import narrowing

    result = narrowing.one_step(result, step) if step is not None else result
    if path is not None:
        saving.save(result, path)
    if as_json:
        return output.print_json(result.model_dump(mode="json"))
    return None if path is not None else _show(found, result)


def _check(name: str | None, options: _Options, *, step: str | None, explain: str | None, save: str | None) -> None:
    """Raise UsageError where options don't go together."""
    if options.card is not None and options.text is not None:
        raise UsageError("--card and --text are two texts", hint="give one of them")
    needy = {
        "--train": options.train,
        "--set": options.settings,
        "--layer": options.layer is not None,
        "--head": options.head is not None,
        "--step": step is not None,
        "--explain": explain is not None,
        "--edit": options.edits,
        "--save": save is not None,
    }
    if name is None and options.card is None and options.text is None:
        needy |= {"--seed": options.seed is not None, "--device": options.device != "auto"}
    given = next((option for option, is_given in needy.items() if is_given), None)
    if given is not None and name is None and (options.train or (options.card is None and options.text is None)):
        example = "induction --train" if options.train else f"scaled-dot-product {given} …"
        raise UsageError(f"{given} needs the name of a demo", hint=f"studycli demo {example}")
    if options.edits and options.train:
        raise UsageError("--edit and --train don't go together", hint="train first, edit the trained model afterwards")
    if explain is not None and options.edits:
        raise UsageError("--explain and --edit don't go together", hint="an edited number follows from no others")
    if explain is not None and step is not None:
        raise UsageError("--explain and --step don't go together", hint="the cell of --explain names its step")
    if step is not None and step.isdecimal() and options.edits:
        raise UsageError(
            "beside --edit, --step takes a name", hint="an edit leaves out the steps that it doesn't change"
        )
    if explain is not None and save is not None:
        raise UsageError("--explain and --save don't go together", hint="the page of --save demo.html explains cells")
    if explain is not None:
        from studycli.demos import cells

        cells.parts(explain)


def _run(name: str | None, options: _Options, *, whole: bool) -> tuple[Demo, DemoResult]:
    """Compute what was asked for, at the layer and head that were chosen, or the `whole`, in which a cell is found."""
    from studycli.demos import narrowing, registry

    edits = _edits(options.edits)
    found, inputs = _inputs(name, options)
    if options.train:
        return found, _train(found.name, inputs)
    with diagnostics.waiting("computing …"):  # loading torch takes most of the time
        if not whole:
            return found, registry.run(found.name, replace(inputs, edits=edits))
        result = registry.whole(found.name, inputs)
    narrowing.chosen(result, found, inputs.layer, inputs.head)  # says so where there is no such layer or head
    return found, result


def _edits(texts: tuple[str, ...]) -> Edits | None:
    if not texts:
        return None
    from studycli.demos import edits

    return edits.Edits([edits.parse(text) for text in texts])


def _inputs(name: str | None, options: _Options) -> tuple[Demo, Inputs]:
    """The demo, and what it computes on: the options go before what a card says."""
    from studycli.demos import narrowing, registry, words
    from studycli.demos.inputs import Inputs

    given = _settings(options.settings)
    if name is not None:
        registry.find(name)
    if options.card is not None:
        found, choice, inputs = _of_card(name, options)
        given = (choice.named.parameters if choice.named is not None else {}) | given
    else:
        found = registry.find(name or registry.FALLBACK)
        if options.text is not None and found.reads == "no text":
            raise UsageError(f"the demo '{found.name}' reads no text", hint="leave --text out")
        inputs = Inputs(found.text if options.text is None else _read(options.text), options.device)
        if options.text is not None:
            words.split(inputs.text, 1)  # a demo of several texts would take its own where one is empty
    inputs = replace(
        inputs,
        seed=inputs.seed if options.seed is None else options.seed,
        layer=inputs.layer if options.layer is None else options.layer,
        head=inputs.head if options.head is None else options.head,
        parameters=found.settings(given),
    )
    narrowing.check(found, inputs.parameters, inputs.layer, inputs.head)
    return found, inputs


def _of_card(name: str | None, options: _Options) -> tuple[Demo, Choice, Inputs]:
    """The demo of this name, else the card's own, and what the card gives it; says where it is another concept's."""
    from studycli.cli.context import open_collection
    from studycli.demos import card_inputs, registry

    with open_collection() as collection:
        found = collection.card(options.card or "")
        card = found.card
        maps = () if card.demo is not None or name is not None else collection.maps()
        try:
            if name is not None:
                choice = card_inputs.for_demo(card, registry.find(name))
            else:
                choice = card_inputs.choose(card, maps)
            card_inputs.check_place(choice)
        except UsageError as error:
            place = f"{PurePath(found.path).name}:{card.line_of('demo')}"
            where = f"the Demo field of {found.deck}:{card.number} ({place})"
            raise UsageError(error.message, where=where, hint=error.hint) from error
    if choice.reason is not None:
        diagnostics.say(choice.reason)
    return choice.demo, choice, card_inputs.inputs_for(card, choice, options.device)


def _settings(texts: tuple[str, ...]) -> dict[str, str]:
    given = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"'{text}' sets nothing", where="--set", hint="write NAME=VALUE")
        given[name.strip()] = value
    return given


def _read(text: str) -> str:
    return sys.stdin.buffer.read().decode("utf-8", "replace") if text == "-" else text


def _train(name: str, inputs: Inputs) -> DemoResult:
    from studycli.cli import training_view
    from studycli.demos import registry

    with training_view.shown() as report:
        return registry.train(name, inputs, report)


def _explain(result: DemoResult, cell: str, as_json: bool) -> None:
    from studycli.demos import explain

    explanation = explain.explain(result, cell)
    if as_json:
        return output.print_json(explanation.model_dump(mode="json"))
    from studycli.render import explanation as drawn

    return output.console().print(drawn.render(explanation))


def _show(found: Demo, result: DemoResult) -> None:
    from rich.text import Text

    from studycli.cli import demo_list
    from studycli.render.trace import render

    console = output.console()
    with console.capture() as captured:
        console.print(render(result, console.width))
        if lines := demo_list.settings(found):
            console.print(Text("\n".join(["", "it can be set:", *(f"  {line}" for line in lines)]), "dim"))
    drawn = captured.get()
    sys.stdout.write(drawn)
    sys.stdout.flush()
    if sys.stdout.isatty() and drawn.count("\n") >= console.height:
        diagnostics.say(_longer(result, drawn.count("\n")))


def _longer(result: DemoResult, lines: int) -> str:
    """How to see what has gone past the top of the screen."""
    names = [step.name for step in result.steps]
    one = "pattern" if "pattern" in names else names[-1]
    part = f"one step with --step {shlex.quote(one)}, or " if len(names) > 1 else ""
    return f"{lines} lines: see {part}all of it in a page with --save page.html"
