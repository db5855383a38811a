"""The list of demos: by their place in the pipeline, or with all that is known of each as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studycli.cli import diagnostics, output

if TYPE_CHECKING:
    from studycli.demos.demo import Demo


def show(as_json: bool) -> None:
    """Print the list, and on stderr how to go on."""
    from studycli.demos.catalogue import ALL, GROUPS

    if as_json:
        return output.print_json([_facts(demo) for demo in ALL])
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Demo", no_wrap=True)
    table.add_column("What it shows")
    for title, demos in GROUPS.items():
        table.add_row()
        table.add_row(Text(title, "bold"))
        for demo in demos:
            table.add_row(f"  {demo.name}", Text.assemble(demo.summary, (_options(demo), "dim")))
    output.console().print(table)
    return diagnostics.say("Run one with: studycli demo NAME; studycli demo --card CARD picks the one for a card.")


def settings(demo: Demo) -> list[str]:
    """What can be set, a line each, for the end of a demo: `--set keys=32`, what that is and may be."""
    by_default = " with the default settings" if demo.parameters else ""
    return [
        f"--set {parameter.name}={parameter.default}: {parameter.meaning}; {parameter.allowed}"
        for parameter in demo.parameters
    ] + [f"--{axis}=N: look at this {axis}; {_range(count)}{by_default}" for axis, count in _places(demo).items()]


def _range(count: int) -> str:
    return f"0 to {count - 1}" if count > 1 else "the only one is 0"


def _places(demo: Demo) -> dict[str, int]:
    """How many layers and heads there are to choose from, of what there is any."""
    return {axis: count for axis, count in (("layer", demo.layers), ("head", demo.heads)) if count}


def _options(demo: Demo) -> str:
    names = ", ".join(parameter.name for parameter in demo.parameters)
    options = ([f"--set {names}"] if names else []) + [f"--{axis}" for axis in _places(demo)]
    options += ["--train"] if demo.training else []
    return f" ({'; '.join(options)})" if options else ""


def _facts(demo: Demo) -> dict[str, Any]:
    return {
        "name": demo.name,
        "title": demo.title,
        "summary": demo.summary,
        "concepts": demo.concepts,
        "claims": demo.claims,
        "reads": demo.reads,
        "text": demo.text,
        "parameters": [
            {"name": each.name, "default": each.default, "meaning": each.meaning, "allowed": each.allowed}
            for each in demo.parameters
        ],
        "chooses": demo.chooses,
        "layers": demo.layers,
        "heads": demo.heads,
        "trains": demo.training is not None,
    }
