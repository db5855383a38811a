"""engine: the transformer engine from the command line, on weights of your own or of the hub."""

from __future__ import annotations

import secrets
import sys
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from studycli.cli import diagnostics, output, text_notes
from studycli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studycli.engine.config import Config
    from studycli.engine.loaded import Loaded

commands = typer.Typer(help="Run the transformer engine on real weights.", no_args_is_help=True)

_LARGEST_SEED = 2**63 - 1
_LONGEST_ID = 18
_TOKENS = 50
_LARGEST_PENALTY = 10
_WEIGHTS = "A folder with config.json and safetensors, a bundled model, or a name on the Hugging Face hub"

Weights = Annotated[str, typer.Option("--weights", metavar="W", help=f"{_WEIGHTS}.")]
Device = Annotated[
    Literal["auto", "cpu", "cuda"], typer.Option(metavar="DEVICE", help="Where to compute: auto, cpu or cuda.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
TextOption = Annotated[str | None, typer.Option("--text", metavar="TEXT", help="The text; '-' reads standard input.")]
Ids = Annotated[str | None, typer.Option("--ids", metavar="IDS", help="Token ids instead, as in '1 2 3'.")]


@commands.command()
def info(
    weights: Annotated[str | None, typer.Option("--weights", metavar="W", help=f"{_WEIGHTS}.")] = None,
    preset: Annotated[
        str | None, typer.Option("--preset", metavar="NAME", help="A known shape instead, such as gpt2.")
    ] = None,
    tokens: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Count FLOPs and cache for so many tokens; else 128.")
    ] = None,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Show what a model is made of, and what it costs.

    Parameters by part, the FLOPs of a forward pass, and the bytes of its cache.
    """
    if (weights is None) == (preset is None):
        raise _no_model_named(weights, preset)
    with diagnostics.waiting("loading …"):
        from studycli.engine.device import choose
        from studycli.engine.loaded import costs, outline

        config, dtype = (_preset(preset), "float32") if preset is not None else outline(weights or "")
        facts = {"name": preset or weights, **costs(config, dtype, tokens), "device": str(choose(device))}
    if as_json:
        return output.print_json(facts)
    from studycli.render.engine import info as drawn

    return output.console().print(drawn(facts))


@commands.command()
def run(
    weights: Weights,
    text: TextOption = None,
    ids: Ids = None,
    decoder_text: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What the decoder of an encoder-decoder has written so far.")
    ] = None,
    decoder_ids: Annotated[str | None, typer.Option(metavar="IDS", help="The same as ids, start token first.")] = None,
    top: Annotated[int, typer.Option(metavar="N", min=1, help="How many predictions to show.")] = 5,
    trace: Annotated[
        str | None, typer.Option(metavar="GLOB", help="Record the values of these names, as in '*.pattern'.")
    ] = None,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Read a text once, and show what the model makes of it.

    A decoder predicts what follows, an encoder gives hidden states and what its heads say. --trace lists intermediate
    values, draws the first pattern and scores the heads; with --json it gives every number.
    """
    _check_one(text, ids, "--text", "--ids")
    if decoder_text is not None and decoder_ids is not None:
        raise UsageError("--decoder-text and --decoder-ids are two texts", hint="give one of them")
    loaded = _load(weights, device)
    with diagnostics.waiting("computing …"):
        from studycli.engine.loaded import forward

        given = _ids(loaded, text, ids)
        written = _decoder_ids(loaded, decoder_text, decoder_ids)
        facts = forward(loaded, given, decoder_ids=written, top=top, only=trace, every_value=as_json)
    if as_json:
        return output.print_json(facts)
    text_notes.say(loaded, given)
    from studycli.render.engine import forward as drawn

    console = output.console()
    console.print(drawn(facts, top))
    return _print_trace(facts) if trace is not None else None


@commands.command()
def generate(
    weights: Weights,
    text: TextOption = None,
    ids: Ids = None,
    max_new_tokens: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help="Write at most so many tokens; else 50, or what the model has room for."),
    ] = None,
    temperature: Annotated[
        float, typer.Option(metavar="T", min=0, help="0 takes the likeliest token, 1 draws as the model says.")
    ] = 0.0,
    top_k: Annotated[int | None, typer.Option(metavar="K", min=1, help="Draw from the K likeliest.")] = None,
    top_p: Annotated[
        float | None, typer.Option(metavar="P", min=0, max=1, help="Draw from the likeliest that reach P together.")
    ] = None,
    beams: Annotated[int, typer.Option(metavar="N", min=1, max=1000, help="Search with N beams.")] = 1,
    length_penalty: Annotated[
        float, typer.Option(metavar="X", help="Beams: above 0 favours long texts, below 0 short ones.")
    ] = 1.0,
    seed: Annotated[
        int | None, typer.Option(metavar="N", min=0, max=_LARGEST_SEED, help="Draw the same each time.")
    ] = None,
    stop: Annotated[
        list[str] | None,
        typer.Option(metavar="TOKEN", help="End after this token or id; may be repeated. Else the model's own end."),
    ] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Read everything again for each token.")] = False,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Continue a text."""
    _check_one(text, ids, "--text", "--ids")
    if not abs(length_penalty) <= _LARGEST_PENALTY:  # which nan is not either
        hint = f"it goes from -{_LARGEST_PENALTY} to {_LARGEST_PENALTY}; 1 scores by the mean of a token"
        raise UsageError(f"a length penalty of {length_penalty} makes no sense", where="--length-penalty", hint=hint)
    _check_used(temperature, beams, length_penalty, top_k=top_k, top_p=top_p, seed=seed)
    loaded = _load(weights, device)
    if temperature and seed is None:
        seed = secrets.randbelow(2**31)  # told in the JSON, so that a good draw can be had again
    with diagnostics.waiting("computing …") as change:
        from studycli.engine.loaded import continuation

        given = _ids(loaded, text, ids)
        new = loaded.room(len(given), _TOKENS) if max_new_tokens is None else max_new_tokens
        facts = continuation(
            loaded, given, stop or (), lambda count: change(f"computing … {count:,} tokens"),
            max_new_tokens=new, temperature=temperature, top_k=top_k, top_p=top_p, num_beams=beams,
            length_penalty=length_penalty, seed=seed, use_cache=not no_cache,
        )  # fmt: skip
    if as_json:
        output.print_json(facts)
    else:
        _print_generated(loaded, given, facts)
    if facts["interrupted"]:
        diagnostics.say("interrupted: this is what there was by then")
        raise typer.Exit(130)


@commands.command()
def tokenize(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The text; '-' reads standard input.")],
    weights: Weights,
    merges: Annotated[bool, typer.Option("--merges", help="List the merges in the order applied.")] = False,
    device: Annotated[
        Literal["auto", "cpu", "cuda"], typer.Option(metavar="DEVICE", help="Taken as elsewhere; no device is needed.")
    ] = "auto",
    as_json: Json = False,
) -> None:
    """Cut a text into tokens. A folder with only tokenizer.json is enough."""
    from dataclasses import asdict

    from studycli.engine.hub import TOKENIZER, resolve
    from studycli.engine.tokenizer import Tokenizer

    tokenizer = Tokenizer.load(resolve(weights, files=(TOKENIZER,)))
    given = _read(text)
    if not given:
        raise UsageError("the text is empty", hint="give at least one word")
    tokens = [{"id": id_, "token": tokenizer.piece(id_)} for id_ in tokenizer.encode(given)]
    facts: dict[str, Any] = {"text": given, "tokens": tokens}
    if merges:
        facts["merges"] = [asdict(merge) for merge in tokenizer.merges(given)]
    if as_json:
        return output.print_json(facts)
    from studycli.render import engine as drawn

    console = output.console()
    console.print(drawn.pieces(facts["tokens"]))
    if merges:
        console.print()
        console.print(drawn.merges(facts["merges"]) if facts["merges"] else "no merges: each byte is a token")
    return None


@commands.command()
def verify(weights: Weights, device: Device = "auto", as_json: Json = False) -> None:
    """Measure whether a model is whole and computes as it should.

    Exit code 1 if a claim fails.
    """
    from dataclasses import asdict

    from studycli.engine.hub import resolve

    folder = resolve(weights)
    with diagnostics.waiting("measuring …"):
        from studycli.engine import verification

        claims = [asdict(claim) for claim in verification.verify(folder, device)]
    hold = all(claim["holds"] for claim in claims)
    if as_json:
        output.print_json({"weights": weights, "holds": hold, "claims": claims})
    else:
        from studycli.render.engine import claims as drawn

        output.console().print(drawn(claims))
    if not hold:
        raise typer.Exit(1)


def _no_model_named(weights: str | None, preset: str | None) -> UsageError:
    from studycli.engine.config import PRESETS

    if weights is not None and preset is not None:
        return UsageError("--weights and --preset are two models", hint="give one of them")
    hint = f"--weights takes {_WEIGHTS[0].lower()}{_WEIGHTS[1:]}; --preset one of {', '.join(PRESETS)}"
    return UsageError("no model is named", hint=hint)


def _preset(name: str) -> Config:
    from difflib import get_close_matches

    from studycli.engine.config import PRESETS

    if name in PRESETS:
        return PRESETS[name]
    close = get_close_matches(name.lower(), PRESETS, n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(close)}?" if close else f"the presets are {', '.join(PRESETS)}"
    raise UsageError(f"there is no preset '{name}'", hint=hint)


def _check_one(first: str | None, second: str | None, *names: str) -> None:
    if first is None and second is None:
        raise UsageError("there is nothing to read", hint=f"give {' or '.join(names)}")
    if first is not None and second is not None:
        raise UsageError(f"{' and '.join(names)} are two texts", hint="give one of them")


def _check_used(temperature: float, beams: int, length_penalty: float, **drawing: float | None) -> None:
    """Raises UsageError for options that would change nothing."""
    unused = next((name for name, value in drawing.items() if value is not None), None)
    if not temperature and unused is not None:
        option = f"--{unused.replace('_', '-')}"
        hint = "add --temperature 1 to draw"
        raise UsageError("at temperature 0 nothing is drawn", where=option, hint=hint)
    if beams == 1 and length_penalty != 1:
        raise UsageError("without beams nothing is scored", where="--length-penalty", hint="add --beams 4")


def _load(weights: str, device: str) -> Loaded:
    with diagnostics.waiting("loading …"):
        from studycli.engine.loaded import load

        return load(weights, device)


def _ids(loaded: Loaded, text: str | None, ids: str | None) -> list[int]:
    return loaded.encode(_read(text)) if text is not None else _numbers(ids or "", "--ids")


def _decoder_ids(loaded: Loaded, text: str | None, ids: str | None) -> list[int] | None:
    """The start token and a text, the ids as given, or None for neither."""
    if (text is not None or ids is not None) and loaded.model.config.architecture != "encoder-decoder":
        hint = "give it all as --text or --ids"
        raise UsageError(
            "only an encoder-decoder reads a second text", where="--decoder-text, --decoder-ids", hint=hint
        )
    if text is None:
        return None if ids is None else _numbers(ids, "--decoder-ids")
    return [loaded.start, *loaded.encode(_read(text), special=False)]


def _numbers(given: str, option: str) -> list[int]:
    words = given.replace(",", " ").split()
    wrong = next((word for word in words if not word.isdecimal() or len(word) > _LONGEST_ID), None)
    if wrong is not None or not words:
        what = "there is no id" if wrong is None else f"'{wrong}' is no token id"
        raise UsageError(what, where=option, hint="ids are whole numbers with spaces between, as in '1 2 3'")
    return [int(word) for word in words]


def _read(text: str) -> str:
    if text == "-" and sys.stdin.isatty():
        diagnostics.say("reading standard input; end it with Ctrl-D")
    return sys.stdin.buffer.read().decode("utf-8", "replace") if text == "-" else text


def _joined(ids: Sequence[int]) -> str:
    return " ".join(map(str, ids))


def _print_generated(loaded: Loaded, given: list[int], facts: dict[str, Any]) -> None:
    prompt, new = loaded.text(given), facts["new_text"]
    if new is not None and facts["new_ids"] and facts["new_ids"][-1] in loaded.ends:
        new = new.removesuffix(loaded.text(facts["new_ids"][-1:]) or "").rstrip()
    _print_continuation(_joined(given) if prompt is None else prompt, _joined(facts["new_ids"]) if new is None else new)
    settings = facts["settings"]
    drawn = f", seed {settings['seed']}" if settings["temperature"] else ""
    count = len(facts["new_ids"])
    diagnostics.say(f"{count} token{'s' * (count != 1)}, {facts['tokens_per_second']:.1f} a second{drawn}")


def _print_continuation(prompt: str, new: str) -> None:
    """The prompt apart from what follows it on a terminal; in a pipe, what follows alone."""
    from studycli.render import engine as drawn

    plain = output.plain_terminal()
    output.console().print(drawn.continuation("" if plain else prompt, new), soft_wrap=True)


def _print_trace(facts: dict[str, Any]) -> None:
    from studycli.render import engine as drawn
    from studycli.render.listing import Column

    console = output.console()
    console.print()
    shapes = [(value["name"], " x ".join(map(str, value["shape"]))) for value in facts["trace"]]
    output.print_listing([Column("Recorded"), Column("Shape")], shapes)
    pattern = next((value for value in facts["trace"] if "values" in value), None)
    if pattern is not None:
        console.print()
        console.print(drawn.pattern(pattern, facts, console.width))
    if facts["head_scores"]:
        console.print(drawn.scores(facts["head_scores"]))
