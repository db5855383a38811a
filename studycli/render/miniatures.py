"""The bundled models for the terminal: what there is, one model's card, and a training's metrics beside the card's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from studycli.render.safe import one_line

Card = Mapping[str, Any]


def listed(cards: Sequence[Card]) -> RenderableType:
    """One row a model: its name, what it learned, how large it is."""
    table = _table(("Model", "left"), ("Parameters", "right"), ("Size", "right"), ("What it learned", "left"))
    for card in cards:
        count = sum(each["parameters"] for each in card["checkpoints"].values())
        table.add_row(one_line(card["name"]), f"{count:,}", size(card["bytes"]), one_line(card["task"]))
    return table


def card(facts: Card) -> RenderableType:
    """A whole model card."""
    words = Table.grid(padding=(0, 2, 0, 0))
    words.add_column(no_wrap=True, style="dim")
    words.add_column()
    data, training = facts["data"], facts["training"]
    threads = "1 thread" if training["threads"] == 1 else f"{training['threads']} threads"
    for label, said in (
        ("task", facts["task"]),
        ("data", data["about"]),
        ("generator", f"{data['generator']}, seed {data['seed']}"),
        ("training", training["command"]),
        ("took", f"{training['seconds']:,.0f} s on {training['device']}, {threads}, torch {training['torch']}"),
        ("files", f"{size(facts['bytes'])} in all"),
    ):
        words.add_row(label, one_line(said))
    checkpoints = _table(("Checkpoint", "left"), ("Parameters", "right"), ("Numbers", "left"), ("Made of", "left"))
    for name, each in facts["checkpoints"].items():
        checkpoints.add_row(
            one_line(name), f"{each['parameters']:,}", one_line(each["dtype"]), _made_of(each["config"])
        )
    gates = {name: gate["above"] for name, gate in facts["gates"].items()}
    return Group(
        Text(one_line(facts["name"]), "bold"), words, Text(), checkpoints, Text(), metrics(facts["metrics"], gates)
    )


def metrics(
    measured: Mapping[str, float], gates: Mapping[str, float], stated: Mapping[str, float] | None = None
) -> RenderableType:
    """What was measured, what a card states of it where that is given, and what it must be above."""
    beside = [] if stated is None else [("The card", "right")]
    table = _table(("Metric", "left"), ("Measured", "right"), *beside, ("Must be", "left"))
    for name, value in measured.items():
        other = [] if stated is None else [number(stated[name]) if name in stated else "-"]
        table.add_row(one_line(name), number(value), *other, f"above {gates[name]:g}" if name in gates else "")
    return table


def size(count: int) -> str:
    """`5.3 MB`, `76 kB`."""
    return f"{count / 1e6:.1f} MB" if count >= 1_000_000 else f"{count / 1000:.0f} kB"


def number(value: float) -> str:
    """A metric in a few digits."""
    return f"{value:,.0f}" if value == int(value) and abs(value) >= 10 else f"{value:.4g}"


def _made_of(config: Mapping[str, Any]) -> str:
    layers = f"{config['n_layers']} layer{'s' * (config['n_layers'] != 1)}"
    if config["architecture"] == "encoder-decoder":
        layers = f"{config['n_layers']} + {config['n_decoder_layers']} layers"
    return f"{config['architecture']}, {layers} of {config['n_heads']} heads, d_model {config['d_model']}"


def _table(*columns: tuple[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name, justify in columns:
        table.add_column(name, justify=justify, overflow="fold", no_wrap=justify == "right" or name == "Model")
    return table
