"""The transformer block: a trained model's residual stream, and what attention and feed-forward add to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from studycli.demos import models
from studycli.demos.measure import Array, largest_difference
from studycli.demos.pieces import SPACE, visible
from studycli.demos.steps import array, claim, size, step
from studycli.demos.words import Words, split
from studycli.engine.device import choose
from studycli.engine.sampling import distribution
from studycli.engine.trace import Trace
from studycli.model.trace import Claim, DemoResult, Origin, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from studycli.demos.inputs import Inputs
    from studycli.engine.loaded import Loaded
    from studycli.engine.model import Transformer

MODEL = "study-lm"
LIMIT = 32
"""So many of the model's tokens, which are often pieces of words, are computed on."""

_CANDIDATES = 3
_FLOOR = 0.001
_BLOCK = "decoder.blocks.{}"


@dataclass(frozen=True)
class Numbers:
    """What was computed: `adds` (layers, seq, d_model) by name, and the lens (layers + 1, vocab) on the last token.

    `moved` is how far the other tokens moved when the first was another, by part.
    """

    adds: dict[str, Array]
    lens: Array
    said: Array
    moved: dict[str, float]


def block(inputs: Inputs) -> DemoResult:
    """The stream by layer, the parts of one layer, and what each layer would say next.

    Raises UsageError for a text without tokens or an unknown layer, MissingError where the device is not there.
    """
    device = choose(inputs.device)
    loaded = models.load(MODEL, device.type)
    words = split(inputs.text, LIMIT)
    read = loaded.encode(words.text, special=False)
    ids, layers = read[:LIMIT], loaded.model.config.n_layers
    layer = inputs.chosen_layer(0, layers)
    with torch.inference_mode():
        numbers = _compute(loaded.model, ids, layer, inputs.trace("decoder.*"))
    pieces = tuple(_piece(loaded, id_) for id_ in ids)
    return DemoResult(
        demo="block",
        title="The transformer block",
        inputs={
            "text": words.text,
            "tokens": len(ids),
            "tokens_left_out": words.left_out + len(read) - len(ids),
            "device": str(device),
            "weights": f"{MODEL}, trained",
            "layer": layer,
            "layers": layers,
            "d_model": loaded.model.config.d_model,
        },
        steps=(
            _tokens(pieces, words, len(read)),
            *_norms(pieces, numbers),
            *_parts(pieces, numbers, layer),
            *_lens_steps(loaded, pieces[-1], numbers),
        ),
        claims=_claims(numbers),
    )


def _piece(loaded: Loaded, id_: int) -> str:
    """A token as a picture can show it; one that is spelled by nothing by its number."""
    return visible(loaded.piece(id_) or f"#{id_}")


def _compute(model: Transformer, ids: Sequence[int], layer: int, trace: Trace) -> Numbers:
    x = torch.tensor([ids], device=model.device)  # (1, seq)
    logits = model(x, trace=trace)[0, -1]  # (vocab)
    layers = [_BLOCK.format(at) for at in range(model.config.n_layers)]
    outs = torch.stack([trace[f"{each}.out"][0] for each in layers])  # (layers, seq, d_model)
    entered = torch.cat([trace["decoder.embed.out"], outs[:-1]])  # (layers, seq, d_model)
    adds = {name: array(torch.stack([trace[f"{each}.{name}"][0] for each in layers])) for name in _TRACED}
    adds |= {"in": array(entered), "out": array(outs)}
    states = torch.cat([entered[:, -1], outs[-1:, -1]])  # (layers + 1, d_model)
    assert model.decoder is not None and model.decoder.final_norm is not None
    lens = distribution(model.unembed(model.decoder.final_norm(states)))  # (layers + 1, vocab)
    return Numbers(adds, array(lens), array(distribution(logits)), _moved(model, x, layer))


_TRACED = ("attn.out", "mid", "ffn.out")


def _moved(model: Transformer, x: Tensor, layer: int) -> dict[str, float]:
    """How far the other tokens' outputs move when the first token's input is another, by part of one layer.

    A row of two: the second reads what the first does, but for the first token, whose input is turned around.
    """

    def turned(y: Tensor) -> Tensor:
        same = y[:1]  # (1, seq, d_model)
        return torch.cat([same, torch.cat([-same[:, :1], same[:, 1:]], dim=1)])  # (2, seq, d_model)

    at = _BLOCK.format(layer)
    trace = Trace(only=f"{at}.*.out", edits={f"{at}.norm1": turned, f"{at}.norm2": turned})
    model(x.expand(2, -1), trace=trace)
    found = {}
    for name in ("attn", "ffn"):
        own, other = trace[f"{at}.{name}.out"][:, 1:]  # (seq - 1, d_model)
        found[name] = float((own - other).abs().max()) if len(own) else 0.0
    return found


def _tokens(pieces: tuple[str, ...], words: Words, read: int) -> Step:
    cut = words.left_out or read > len(pieces)
    how = f"the first {len(pieces)}; the rest is left out" if cut else f"all {len(pieces)} of the text"
    note = f"The model's own tokens, {how}: frequent words are whole, rare ones in pieces; {SPACE} is a space in front."
    return Step(name="tokens", shape=(len(pieces),), values=list(pieces), note=note, axes=("token",))


def _norms(pieces: tuple[str, ...], numbers: Numbers) -> tuple[Step, ...]:
    norms = {name: np.linalg.norm(values, axis=-1) for name, values in numbers.adds.items()}  # (layers, seq)
    rows = tuple(map(str, range(len(norms["out"]))))

    def by_layer(name: str, of: str, note: str, compare: str | None = None) -> Step:
        origin = Origin(
            kind="given",
            note=f"The root of the sum of the squares of the d_model numbers of this layer's and this token's '{of}': "
            "those of one layer stand below.",
        )
        axes, labels = ("layer", "token"), {"layer": rows}
        return step(name, norms[of], note, axes, pieces, labels=labels, compare=compare, origin=origin)

    means = {name: each.mean(-1) for name, each in norms.items()}
    most = {name: int(means[name].argmax()) for name in ("attn.out", "ffn.out")}
    return (
        step(
            "stream",
            np.concatenate([norms["in"][:1], norms["out"]]),
            f"The norm of each token's vector before the first block and after each: it goes from "
            f"{means['in'][0]:.1f} to {means['out'][-1]:.1f} by the mean over tokens, because blocks add to it.",
            ("depth", "token"),
            pieces,
            labels={"depth": _depths(len(rows))},
            origin=Origin(
                kind="given",
                note="The root of the sum of the squares of the token's d_model numbers: of its embedding, or of the "
                "layer's 'out'; those of one layer stand below.",
            ),
        ),
        by_layer(
            "attention adds",
            "attn.out",
            f"The norm of what attention adds: most at layer {most['attn.out']}, by the mean over tokens.",
            compare="feed-forward adds",
        ),
        by_layer(
            "feed-forward adds",
            "ffn.out",
            f"The norm of what the feed-forward adds: most at layer {most['ffn.out']}.",
        ),
    )


def _depths(layers: int) -> tuple[str, ...]:
    """Where the stream is looked at: at the embedding and behind each layer."""
    return ("embedding", *(f"layer {at}" for at in range(layers)))


def _parts(pieces: tuple[str, ...], numbers: Numbers, layer: int) -> tuple[Step, ...]:
    """One layer in numbers: what enters, what is added, what leaves."""

    def part(name: str, note: str, origin: Origin) -> Step:
        values = numbers.adds[name][layer]
        return step(name, values, note, ("token", "d_model"), pieces, preview=True, origin=origin)

    before = "The token's row of the embedding table." if layer == 0 else f"What layer {layer - 1} left."
    return (
        part("in", f"The stream that enters layer {layer}.", Origin(kind="given", note=before)),
        part(
            "attn.out",
            f"What attention of layer {layer} adds: it reads the norm of 'in', from this token and those before it.",
            Origin(kind="given", of=("in",)),
        ),
        part("mid", "in + attn.out: the stream between the two halves.", Origin(kind="sum", of=("in", "attn.out"))),
        part(
            "ffn.out",
            f"What the feed-forward of layer {layer} adds: it reads the norm of 'mid', of this token alone.",
            Origin(kind="given", of=("mid",)),
        ),
        part("out", "mid + ffn.out: the stream that the next layer reads.", Origin(kind="sum", of=("mid", "ffn.out"))),
    )


def _lens_steps(loaded: Loaded, last: str, numbers: Numbers) -> tuple[Step, ...]:
    """What each depth would say next: the model's final norm and output matrix on the stream as it is there."""
    lens = numbers.lens  # (layers + 1, vocab)
    depths = _depths(len(lens) - 1)
    best = [int(row.argmax()) for row in lens]
    final = [int(id_) for id_ in np.argsort(-lens[-1], kind="stable")[:_CANDIDATES]]
    shown = list(dict.fromkeys([*final, *reversed(best)]))
    return (
        Step(
            name="likeliest",
            shape=(len(best),),
            values=[_piece(loaded, id_) for id_ in best],
            note=f"What would come next after {last!r} if the model stopped at the embedding (0) or after that many "
            "layers: look from which layer on it stays the same.",
            axes=("depth",),
            labels={"depth": depths},
            origin=Origin(
                kind="given", note="The token with the largest weight at this depth, of the whole vocabulary."
            ),
        ),
        step(
            "logit lens",
            lens[:, shown],
            "How likely each depth finds these tokens: the final norm and the output matrix, applied early; follow the "
            "first column down.",
            ("depth", "next"),
            (),
            labels={"depth": depths, "next": tuple(_piece(loaded, id_) for id_ in shown)},
            origin=Origin(
                kind="given", note="The softmax over the whole vocabulary of the stream's final norm times the table."
            ),
        ),
    )


@np.errstate(invalid="ignore")  # an edit may put infinities there
def _claims(numbers: Numbers) -> tuple[Claim, ...]:
    adds = {name: values.astype("float64") for name, values in numbers.adds.items()}
    off = largest_difference(adds["in"] + adds["attn.out"] + adds["ffn.out"], adds["out"])
    kept = all(values.shape == adds["in"].shape for values in adds.values())
    same = largest_difference(numbers.lens[-1], numbers.said)
    several = adds["in"].shape[1] > 1
    return (
        claim(
            "residual-sum",
            "At each layer the stream that leaves is what entered, plus attention's and the feed-forward's outputs, "
            "within 1e-4.",
            off,
            off < 1e-4,
        ),
        claim(
            "block-keeps-shape",
            "A block takes d_model numbers a token and gives d_model numbers a token, and so do both its halves.",
            size(adds["out"][0]),
            kept,
        ),
        *(_mixing_claims(numbers.moved) if several else ()),
        claim(
            "lens-ends-in-model",
            "The logit lens after the last layer is the model's own prediction, within 1e-5.",
            same,
            same < 1e-5,
        ),
    )


def _mixing_claims(moved: dict[str, float]) -> tuple[Claim, ...]:
    """What another first token changes for the others; a single token has no others."""
    return (
        claim(
            "attention-mixes-tokens",
            f"Attention mixes tokens: another input at the first token moves what others get, by more than {_FLOOR:g}.",
            moved["attn"],
            moved["attn"] > _FLOOR,
        ),
        claim(
            "feed-forward-mixes-nothing",
            "The feed-forward mixes nothing: another input at the first token moves nothing for the others, within "
            "1e-5.",
            moved["ffn"],
            moved["ffn"] < 1e-5,
        ),
    )
