"""What the engine tells of a model, for the terminal: its make, a forward pass, tokens, and claims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from studycli.model.trace import DemoResult, Step
from studycli.render.safe import clean, one_line
from studycli.render.trace import render

_NORMS = {"layer": "LayerNorm", "rms": "RMSNorm"}
_ACTIVATIONS = {"gelu": "GELU", "gelu_tanh": "GELU (tanh form)", "relu": "ReLU", "silu": "SiLU"}
_GATED = {"gelu": "GEGLU", "gelu_tanh": "GEGLU (tanh form)", "relu": "ReGLU", "silu": "SwiGLU"}
_SCORES = ("previous_token", "first_token", "duplicate_token", "induction", "diagonal", "local", "entropy")
_LEAST_IN_FULL = 0.0005  # below it, three decimals would show 0
_SCORED = (
    "Shares of the weight: on the token before, on the first one, on earlier copies of the own token, on what came "
    "after those, on itself, and on all within 3 tokens. Entropy in nats. A dash: no such token."
)
MASKS = ("<mask>", "[MASK]")
_UNITS = ("bytes", "kB", "MB", "GB", "TB")


def info(facts: Mapping[str, Any]) -> RenderableType:
    """A model in words, its parameters and FLOPs by part, and its cache."""
    words = Table.grid(padding=(0, 2, 0, 0))
    words.add_column(no_wrap=True, style="dim")
    words.add_column()
    for label, said in _make(facts["config"]):
        words.add_row(label, said)
    words.add_row("numbers", f"{facts['dtype']} on {facts['device']}")
    parameters, flops = facts["parameters"], facts["flops"]
    title = f"{one_line(facts['name'])}: {_article(facts['architecture'])}"
    done = "reading and writing" if facts["architecture"] == "encoder-decoder" else "reading"
    return Group(
        Text(title, "bold"),
        words,
        Text(),
        _parts("Parameters", parameters["parts"], parameters["total"]),
        *_of_parameters(parameters, facts["dtype"]),
        Text(),
        _parts(f"FLOPs of {done} {flops['tokens']:,} tokens", flops["parts"], flops["total"]),
        Text(),
        Text(_cache(facts["cache"])),
    )


def forward(facts: Mapping[str, Any], top: int) -> RenderableType:
    """What each token got in a forward pass, and what is likeliest next."""
    parts: list[RenderableType] = []
    if "decoder_tokens" in facts:
        parts += [Text("read by the encoder", "bold"), _tokens(facts["tokens"]), Text()]
        parts += [Text("read by the decoder", "bold"), _tokens(facts["decoder_tokens"])]
    else:
        parts += [_tokens(facts["tokens"])]
    if "hidden" in facts:
        parts += [Text(f"hidden state: {tuple(facts['hidden']['shape'])}, token x d_model", "dim")]
    if "next" in facts:
        parts += [Text(), Text("likeliest next", "bold"), _likeliest(facts["next"])]
    if "predictions" in facts:
        parts += [Text(), Text(f"the {top} likeliest in each place", "bold"), _in_places(facts)]
    if "classes" in facts:
        parts += [Text(), Text("classes", "bold"), _classes(facts["classes"], facts.get("labels"))]
    if "score" in facts:
        parts += [Text(), Text(f"score: {_number(facts['score'], '.3f')} (a single output, no probability)")]
    return Group(*parts)


def pattern(recorded: Mapping[str, Any], facts: Mapping[str, Any], width: int) -> RenderableType:
    """The heatmaps of a recorded pattern (1, heads, query, key), within `width` terminal cells."""
    name = recorded["name"]
    read = [_label(token) for token in facts["tokens"]]
    written = [_label(token) for token in facts.get("decoder_tokens", facts["tokens"])]
    step = Step(
        name=name,
        shape=tuple(recorded["shape"][1:]),
        values=recorded["values"][0],
        note="Each row is a token: how much it looks at each token.",
        axes=("head", "query", "key"),
        labels={
            "query": tuple(read if name.startswith("encoder.") else written),
            "key": tuple(written if name.startswith("decoder.") and ".cross_attn." not in name else read),
        },
    )
    return render(DemoResult(demo="engine", title="The first pattern", inputs={}, steps=(step,), claims=()), width)


def scores(found: Sequence[Mapping[str, Any]]) -> RenderableType:
    """What each head of the recorded patterns looks at, from 0 to 1, and how spread out."""
    parts: list[RenderableType] = [Text("what each head looks at", "bold")]
    for of_pattern in found:
        parts.append(Text(of_pattern["name"], "dim"))
        table = _table(("Head", "right"), *((score.partition("_")[0].capitalize(), "right") for score in _SCORES))
        for at, head in enumerate(of_pattern["heads"]):
            table.add_row(str(head), *(_share(of_pattern[score][at]) for score in _SCORES))
        parts.append(table)
    return Group(*parts, Text(_SCORED, "dim"))


def pieces(tokens: Sequence[Mapping[str, Any]]) -> RenderableType:
    """Tokens in the order of the text."""
    return _tokens(tokens)


def merges(listed: Sequence[Mapping[str, Any]]) -> RenderableType:
    """Merges in the order in which they were applied."""
    table = _table(("Word", "right"), ("Rule", "right"), ("Merged", "left"), ("The word then", "left"))
    for merge in listed:
        merged = f"{_piece(merge['left'])} + {_piece(merge['right'])}"
        after = " ".join(map(_piece, merge["pieces"]))
        table.add_row(str(merge["word"]), str(merge["rank"]), Text(merged), Text(after))
    return table


def continuation(prompt: str, new: str) -> RenderableType:
    """A prompt, if there is one, and in lines of its own what the model made of it."""
    return Text.assemble((clean(prompt), "dim"), "\n" if prompt else "", clean(new))


def claims(listed: Sequence[Mapping[str, Any]]) -> RenderableType:
    """Claims with what was measured for them."""
    held = sum(claim["holds"] for claim in listed)
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_column()
    for claim in listed:
        mark = Text("holds", "green") if claim["holds"] else Text("FAILS", "bold red")
        measured = Text(f"measured: {_measured(claim['measured'])}", "dim", overflow="fold")
        grid.add_row(mark, one_line(claim["name"]), Group(Text(one_line(claim["statement"])), measured))
    return Group(Text(f"{held} of {len(listed)} claims hold", "bold" if held == len(listed) else "bold red"), grid)


def _make(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a model is made of, in words."""
    layers = f"{config['n_layers']} layer{'s' * (config['n_layers'] != 1)}"
    if config["architecture"] == "encoder-decoder":
        layers = f"{config['n_layers']} encoder and {config['n_decoder_layers']} decoder layers"
    yield "size", f"{layers}, d_model {config['d_model']:,}, a vocabulary of {config['vocab_size']:,}"
    yield "attention", ", ".join(_attention(config))
    yield "positions", _positions(config)
    place = {"pre": "before", "post": "after"}[config["norm_position"]]
    extra = ", and one on the embedding" if config["embedding_norm"] else ""
    yield "norms", f"{_NORMS[config['norm']]} {place} each part{extra}; epsilon {config['norm_eps']:g}"
    yield "feed-forward", ", ".join(_feed_forward(config))
    yield "output", _output(config)


def _attention(config: Mapping[str, Any]) -> Iterator[str]:
    yield f"{config['n_heads']} heads of {config['d_head']}"
    kv_heads = config["n_kv_heads"]
    if kv_heads == 1 < config["n_heads"]:
        yield "1 key/value head for all (multi-query)"
    elif kv_heads < config["n_heads"]:
        yield f"{kv_heads} key/value heads (grouped-query)"
    kinds = {
        "tiled": f"in tiles of {config['tile']} keys",
        "window": f"{config['window']} tokens to each side",
        "sparse": f"{config['window']} tokens to each side and {config['global_tokens']} for all",
        "linear": "linear",
    }
    if config["attention"] in kinds:
        yield kinds[config["attention"]]
    yield "with biases" if config["qkv_bias"] else "no biases"


def _positions(config: Mapping[str, Any]) -> str:
    rows = config["max_length"]
    made_for = f"; made for {rows:,} tokens" if rows and config["position"] != "learned" else ""
    words = {
        "none": "none",
        "learned": f"a learned table of {rows or 0:,} rows",
        "sinusoidal": "sinusoidal",
        "rotary": f"rotary, {config['rotary_dim']} of {config['d_head']} numbers, base {config['rotary_base']:,.0f}",
        "alibi": "ALiBi, a slope for each head",
        "relative": f"relative, {config['relative_buckets']} buckets",
    }
    return words[config["position"]] + made_for


def _feed_forward(config: Mapping[str, Any]) -> Iterator[str]:
    if not config["d_ff"]:
        yield "none: attention alone"
        return
    yield (_GATED if config["gated"] else _ACTIVATIONS)[config["activation"]]
    yield f"d_ff {config['d_ff']:,}"
    if config["n_experts"]:
        yield f"{config['n_experts']} experts, {config['experts_per_token']} for each token"
    if config["residual"] != "sequential":
        yield "beside attention (parallel)"
    yield "with biases" if config["ffn_bias"] and not config["n_experts"] else "no biases"


def _output(config: Mapping[str, Any]) -> str:
    if config["architecture"] != "encoder":
        return "logits by the token embedding (tied)" if config["tied"] else "logits by a matrix of its own"
    heads = [name for name, there in (("pooler", config["pooler"]), ("masked-LM head", config["mlm_head"])) if there]
    if config["n_labels"]:
        heads.append("a single score" if config["n_labels"] == 1 else f"classifier of {config['n_labels']} labels")
    return ", ".join(["hidden states", *heads])


def _parts(title: str, parts: Mapping[str, int], total: int) -> Table:
    table = _table((title, "left"), ("", "right"), ("Share", "right"))
    for name, count in parts.items():
        if count:
            table.add_row(name.replace("_", " "), f"{count:,}", f"{count / total:.1%}")
    table.add_row("all", f"{total:,}", "")
    return table


def _of_parameters(parameters: Mapping[str, Any], dtype: str) -> Iterator[Text]:
    if parameters["active"] != parameters["total"]:
        yield Text(f"{parameters['active']:,} of them serve one token.")
    yield Text(f"As {dtype} they take {_bytes(parameters['bytes'])}.")


def _cache(cache: Mapping[str, int]) -> str:
    if not cache["bytes"]:
        return "An encoder keeps no cache."
    return f"Their keys and values take {_bytes(cache['bytes'])} in a cache."


def _bytes(count: int) -> str:
    """'9.4 MB (9,437,184 bytes)'."""
    value, unit = float(count), 0
    while value >= 1000 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.3g} {_UNITS[unit]} ({count:,} bytes)" if unit else f"{count} bytes"


def _article(architecture: str) -> str:
    return f"{'an' if architecture[0] in 'aeiou' else 'a'} {architecture}"


def _tokens(tokens: Sequence[Mapping[str, Any]]) -> Table:
    numbers = {"log_probability": "Log-probability", "norm": "Norm"}
    shown = [name for name in numbers if any(name in token for token in tokens)]
    headings = [(numbers[name], "right") for name in shown]
    table = _table(("No.", "right"), ("Id", "right"), *headings, ("Token", "left"))
    for at, token in enumerate(tokens):
        cells = (_number(token[name], ".3f") for name in shown)
        table.add_row(str(at), str(token["id"]), *cells, Text(_piece(token["token"])))
    return table


def _likeliest(predictions: Sequence[Mapping[str, Any]]) -> Table:
    table = _table(("Probability", "right"), ("Id", "right"), ("Token", "left"))
    for token in predictions:
        table.add_row(_share(token["probability"]), str(token["id"]), Text(_piece(token["token"])))
    return table


def _in_places(facts: Mapping[str, Any]) -> Table:
    table = _table(("No.", "right"), ("Token", "left"), ("Predictions", "left"))
    hidden = any(token["token"] in MASKS for token in facts["tokens"])
    for at, (token, predicted) in enumerate(zip(facts["tokens"], facts["predictions"], strict=True)):
        if hidden and token["token"] not in MASKS:
            continue
        row = "  ".join(f"{_piece(each['token'], each['id'])} {_share(each['probability'])}" for each in predicted)
        table.add_row(str(at), Text(_piece(token["token"], token["id"])), Text(row))
    return table


def _classes(probabilities: Sequence[float | str], labels: Sequence[str] | None) -> Table:
    table = _table(("Class", "left"), ("Probability", "right"))
    for at, probability in enumerate(probabilities):
        table.add_row(one_line(labels[at]) if labels else str(at), _share(probability))
    return table


def _table(*columns: tuple[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name, justify in columns:
        table.add_column(name, justify=justify, no_wrap=justify == "right", overflow="fold")
    return table


def _label(token: Mapping[str, Any]) -> str:
    return str(token["id"] if token["token"] is None else token["token"])


def _piece(token: str | None, id_: int | None = None) -> str:
    """A token in quotes, so that its spaces show; what does not print is written as an escape."""
    if token is None:
        return "-" if id_ is None else str(id_)
    return repr(token)


def _number(value: float | str | None, spec: str) -> str:
    if value is None:
        return "-"
    return f"{value:{spec}}" if isinstance(value, int | float) else value


def _share(value: float | str) -> str:
    if isinstance(value, str):
        return "-" if value == "nan" else value
    return f"{value:.3f}" if value == 0 or value >= _LEAST_IN_FULL else f"{value:.0e}"


def _measured(value: float | str) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else one_line(value)
