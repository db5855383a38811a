"""engine models, engine train: the miniature models that come with the program, and how they come about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from studycli.cli import diagnostics, output, training_view
from studycli.errors import EngineError, UsageError

if TYPE_CHECKING:
    from studycli.engine.miniatures.making import Made
    from studycli.engine.miniatures.model_card import ModelCard

commands = typer.Typer()

Device = Annotated[
    Literal["auto", "cpu", "cuda"], typer.Option(metavar="DEVICE", help="Where to compute: auto, cpu or cuda.")
]


@commands.command()
def models(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="One model: its whole card.")] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Measure every metric anew, and compare it with the card.")
    ] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="With --verify: leave out what takes more than a few seconds.")
    ] = False,
    device: Device = "cpu",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the small trained models that come with the program.

    --verify exits with code 1 if a file was changed, a metric differs from the card, or a gate is missed.
    """
    from studycli.engine.miniatures import catalogue, model_card

    if quick and not verify:
        raise UsageError("--quick belongs to --verify", hint="studycli engine models --verify --quick")
    if name is not None:
        catalogue.check_name(name)
    names = catalogue.NAMES if name is None else (name,)
    if verify:
        return _verify(names, device, not quick, as_json)
    if name is not None:
        card = _facts(model_card.read(name))
        return output.print_json(card) if as_json else _print_card(card)
    cards = _readable(names)
    if as_json:
        output.print_json(cards)
    else:
        from studycli.render import miniatures as drawn

        output.console().print(drawn.listed(cards))
        diagnostics.say("One card: studycli engine models NAME. Its weights go by its checkpoints' names, as in:")
        diagnostics.say('studycli engine run --weights syntax --text "the king beside the girls <mask>"')
    if len(cards) < len(names):
        raise typer.Exit(1)
    return None


@commands.command()
def train(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Which bundled model; studycli engine models lists them.")
    ],
    folder: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FOLDER", help="Keep the weights and the card in FOLDER/NAME."),
    ] = None,
    device: Device = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Train a bundled model again from its seed, and measure it.

    Without --output nothing is kept. On the same kind of processor the weights come out the same, bit for bit.
    """
    from studycli.engine.miniatures import catalogue, model_card

    catalogue.check_name(name)
    if folder is not None:
        model_card.check_folder(name, folder)
    with diagnostics.waiting("loading …"):
        from studycli.engine.miniatures import making

        recipe = catalogue.recipe(name)
    try:
        with training_view.shown() as report:
            made = making.make(recipe, device, report)
    except KeyboardInterrupt:
        diagnostics.say("interrupted; nothing was kept")
        raise typer.Exit(130) from None
    with diagnostics.waiting("measuring …"):
        stated = _stated(name)
        same = making.bit_for_bit(made)  # before it may be written over
        metrics = making.write(made, folder).metrics if folder is not None else _measured(made)
    if as_json:
        return output.print_json(
            {"name": name, "seconds": made.training.seconds, "same_bits": same, "metrics": dict(metrics)}
        )
    from studycli.render import miniatures as drawn

    gates = {gate.metric: gate.above for gate in recipe.gates}
    output.console().print(drawn.metrics(metrics, gates, stated))
    bits = "bit for bit those of the program" if same else "others than those of the program, by rounding or by data"
    compared = f"the weights are {bits}" if stated else "there is no card to compare it with"
    diagnostics.say(f"Trained in {made.training.seconds:,.0f} s; {compared}.")
    if folder is not None:
        diagnostics.say(f"Kept in {folder / name}.")
    return None


def _verify(names: tuple[str, ...], device: str, slow: bool, as_json: bool) -> None:
    from dataclasses import asdict

    found: list[dict[str, Any]] = []
    with diagnostics.waiting("loading …") as change:
        from studycli.engine.miniatures import remeasuring

        for name in names:
            change(f"measuring {name} …")
            try:
                claims = [asdict(claim) for claim in remeasuring.verify(name, device, slow=slow)]
            except EngineError as error:
                claims = [{"name": "card", "statement": "It can be read.", "measured": str(error), "holds": False}]
            found.append({"name": name, "holds": all(claim["holds"] for claim in claims), "claims": claims})
    if as_json:
        output.print_json(found)
    else:
        from studycli.render.engine import claims as drawn

        for each in found:
            output.console().print(each["name"], style="bold")
            output.console().print(drawn(each["claims"]))
    if not all(each["holds"] for each in found):
        raise typer.Exit(1)


def _readable(names: tuple[str, ...]) -> list[dict[str, Any]]:
    """The cards that can be read; of the others it is said on stderr why they can't."""
    from studycli.engine.miniatures import model_card

    cards = []
    for name in names:
        try:
            cards.append(_facts(model_card.read(name)))
        except EngineError as error:
            diagnostics.report(error)
    return cards


def _print_card(card: dict[str, Any]) -> None:
    from studycli.render import miniatures as drawn

    output.console().print(drawn.card(card))


def _stated(name: str) -> dict[str, float]:
    """The metrics on a model's card; none where there is no card that can be read."""
    from studycli.engine.miniatures import model_card

    try:
        return dict(model_card.read(name).metrics)
    except EngineError:
        return {}


def _measured(made: Made) -> dict[str, float]:
    from studycli.engine.miniatures import making

    return making.measured(made.recipe, made.loaded(), slow=False)


def _facts(card: ModelCard) -> dict[str, Any]:
    from studycli.engine.miniatures import model_card

    return card.model_dump(mode="json") | {"bytes": model_card.total_bytes(card)}
