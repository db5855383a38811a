"""Embeddings: ids as rows of a trained table, and positions added to them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from studycli.demos import measure
from studycli.demos.measure import Array, Float64
from studycli.demos.pieces import SPACE, visible
from studycli.demos.steps import array, claim, step
from studycli.demos.words import Words, split
from studycli.model.trace import Claim, DemoResult, Origin, Step

if TYPE_CHECKING:
    from studycli.demos.inputs import Inputs
    from studycli.engine.model import Transformer
    from studycli.engine.tokenizer import Tokenizer

MODEL = "study-lm"
_LONGEST = 12
_MOST_IDS = 12
_NEAREST = ("nearest", "second", "third")
_PAIR = ("query", "key")


def embeddings(inputs: Inputs) -> DemoResult:
    """study-lm's own lookup, and the sum with sinusoidal positions that the first transformer made of one.

    Raises UsageError for a text without tokens, MissingError where the device is not there.
    """
    from studycli.demos.models import load, tokenizer
    from studycli.engine.device import choose

    words, device, pieces = split(inputs.text, _LONGEST), choose(inputs.device), tokenizer(MODEL)
    model = load(MODEL, device.type).model
    all_ids = pieces.encode(words.text)
    ids = all_ids[:_MOST_IDS]
    numbers = _compute(inputs, model, ids)
    nearest = [[visible(pieces.piece(id_) or "") for id_ in row] for row in _nearest(model, pieces, ids)]
    part = f"all {len(ids)}" if len(ids) == len(all_ids) else f"the first {len(ids)}"
    return DemoResult(
        demo="embeddings",
        title="Embeddings",
        inputs={
            "text": words.text,
            "tokens": len(ids),
            "tokens_left_out": words.left_out,
            "device": str(device),
            "weights": f"those of {MODEL}, trained",
            "vocab_size": model.config.vocab_size,
            "d_model": model.config.d_model,
        },
        steps=(_ids(words, ids, nearest, part), *_steps([row[0] for row in nearest], numbers)),
        claims=_claims(numbers),
    )


def _compute(inputs: Inputs, model: Transformer, ids: Sequence[int]) -> dict[str, Array]:
    """Every value by name. For the claims, the text's first token stands once more at its end (`twice`)."""
    import torch

    from studycli.engine.position import sinusoidal
    from studycli.engine.trace import Trace

    d_model, n = model.config.d_model, len(ids)
    shown, sums, own = inputs.trace("decoder.embed.*"), inputs.trace(), Trace()
    positions = sinusoidal(n + 1, d_model).to(model.device)  # (seq + 1, d_model)
    with torch.inference_mode():
        model(torch.tensor([ids]), trace=shown)
        rows = shown["decoder.embed.token"][0]  # (seq, d_model)
        scaled = sums.put("scaled", rows * d_model**0.5)  # (seq, d_model)
        added = sums.put("input", scaled + sums.put("position", positions[:n]))  # (seq, d_model)
        model(torch.tensor([[*ids, ids[0]]]), trace=own)
        twice = own["decoder.embed.token"][0, [0, -1]]  # (2, d_model)
        by_table = own["decoder.final_norm"][0] @ model.W_E.T  # (seq + 1, vocab)
    return {
        "rows": array(rows),
        "read": array(shown["decoder.embed.out"][0]),
        "scaled": array(scaled),
        "position": array(sums["position"]),
        "input": array(added),
        "product": _by_one_hot(array(model.W_E), ids),
        "twice": array(twice),
        "twice_input": array(twice * d_model**0.5 + positions[[0, -1]]),
        "logits": array(own["logits"][0]),
        "by_table": array(by_table),
    }


def _by_one_hot(table: Array, ids: Sequence[int]) -> Float64:
    """One-hot rows (seq, vocab) times the table (vocab, d_model), in float64: (seq, d_model)."""
    one_hot = np.zeros((len(ids), len(table)))
    one_hot[np.arange(len(ids)), ids] = 1
    product: Float64 = one_hot @ table.astype(np.float64)
    return product


@lru_cache(maxsize=2)
def _with_letters(pieces: Tokenizer) -> list[int]:
    """The ids of tokens that hold a letter: not bytes, signs or rules of tables."""
    spelled = ((id_, pieces.piece(id_) or "") for id_ in range(pieces.vocab_size))
    return [id_ for id_, piece in spelled if "<" not in piece and any(map(str.isalpha, piece))]


def _nearest(model: Transformer, pieces: Tokenizer, ids: Sequence[int]) -> list[list[int]]:
    """For each id, itself and those tokens with letters whose rows have the largest cosine with its own."""
    import torch
    from torch.nn.functional import normalize

    unit = normalize(model.W_E.detach(), dim=-1)  # (vocab, d_model)
    words = torch.tensor(_with_letters(pieces), device=unit.device)  # (words)
    order = words[(unit[list(ids)] @ unit[words].T).topk(len(_NEAREST) + 1).indices]  # (seq, nearest + 1)
    others = [[other for other in row if other != id_] for id_, row in zip(ids, order.tolist(), strict=True)]
    return [[id_, *row[: len(_NEAREST)]] for id_, row in zip(ids, others, strict=True)]


def _ids(words: Words, ids: Sequence[int], nearest: list[list[str]], part: str) -> Step:
    values = [[str(id_), *others] for id_, (_, *others) in zip(ids, nearest, strict=True)]
    return Step(
        name="ids",
        shape=(len(values), len(values[0])),
        values=values,
        note=f"Of the tokens ({part}; of the words {words.summary}) the id, which is a row's number in the table, and "
        f"the tokens whose rows point in the most similar direction: look what training put side by side; for a token "
        f"that it hardly saw it is chance. {SPACE} is a space.",
        axes=("token", "column"),
        labels={"token": tuple(row[0] for row in nearest), "column": ("id", *_NEAREST)},
        origin=Origin(kind="given", note="The token's place in the vocabulary, and the largest cosines of all rows."),
    )


def _steps(pieces: Sequence[str], numbers: dict[str, Array]) -> tuple[Step, ...]:
    tokens, factor = tuple(pieces), math.sqrt(numbers["rows"].shape[-1])

    def part(name: str, note: str, origin: Origin) -> Step:
        return step(name, numbers[name], note, ("token", "d_model"), tokens, preview=True, origin=origin)

    def cosines(name: str, of: str, note: str, compare: str | None = None) -> Step:
        given = Origin(kind="given", note=f"The dot product of two rows of {of}, over both their norms.")
        return step(name, _cosines(numbers[of]), note, _PAIR, tokens, compare=compare, origin=given)

    columns = ("rows", "scaled", "position", "input")
    norms = np.stack([np.linalg.norm(numbers[name], axis=-1) for name in columns], axis=-1)  # (seq, 4)
    return (
        part(
            "rows",
            f"The table's row of each id, as {MODEL} learned it. {MODEL} adds nothing to it: it turns queries and keys "
            "instead, so this is what its first block reads.",
            Origin(kind="given", note="The row of the token's id in the table W_E, which was trained."),
        ),
        part(
            "scaled",
            f"The rows times sqrt(d_model) = {factor:.2f}, as in the first transformer: without it the positions would "
            "drown the words.",
            Origin(kind="ratio", of=("rows",), by=1 / factor),
        ),
        part(
            "position",
            f"Sinusoidal positions, which {MODEL} doesn't use: one row for each place, whatever token stands there.",
            Origin(kind="given", note="A sine or cosine of the position; the demo positional-encoding shows which."),
        ),
        part(
            "input",
            "scaled + position: what a first block with added positions would read; compare a token that stands twice.",
            Origin(kind="sum", of=("scaled", "position")),
        ),
        step(
            "norms", norms,
            "How long each vector is: look at position, which is equally long everywhere.",
            ("token", "column"), tokens, labels={"column": columns},
            origin=Origin(kind="given", note="The square root of the sum of the row's squares."),
        ),
        cosines(
            "similarity", "rows", "The cosine of each two rows: a token that stands twice has 1 with itself.",
            "similarity with positions",
        ),
        cosines(
            "similarity with positions", "input",
            "The same of the inputs: a token that stands twice isn't quite itself any more, and places close by are "
            "alike.",
        ),
    )  # fmt: skip


def _cosines(rows: Array) -> Float64:
    """The cosine of each pair of rows (seq, d_model): (seq, seq)."""
    unit = rows.astype(np.float64) / np.linalg.norm(rows, axis=-1, keepdims=True).clip(1e-12)
    cosines: Float64 = unit @ unit.T
    return cosines


def _claims(numbers: dict[str, Array]) -> tuple[Claim, ...]:
    d_model = numbers["rows"].shape[-1]
    product = measure.largest_difference(numbers["product"], numbers["rows"])
    same = measure.largest_difference(*numbers["twice"])
    other = measure.largest_difference(*numbers["twice_input"])
    scaled, position = (numbers[name].astype(np.float64) for name in ("scaled", "position"))
    added = measure.largest_difference(scaled + position, numbers["input"])
    left = measure.largest_difference(numbers["rows"], numbers["read"])
    lengths = np.linalg.norm(position, axis=-1)
    norm = math.sqrt(d_model / 2)
    tied = measure.largest_difference(numbers["by_table"], numbers["logits"])
    return (
        claim(
            "lookup-is-one-hot-product", "Looking a row up is the same as a one-hot vector times the table.",
            product, product < 1e-6,
        ),
        claim(
            "same-token-same-row", "A token has the same embedding wherever it stands: the text's first one, repeated "
            "at its end, gets the same row.", same, same == 0,
        ),
        claim(
            "same-token-other-input", "With positions added, a token that stands twice gives two different inputs.",
            other, other > 0.1,
        ),
        claim(
            "input-is-row-plus-position", "The input is the scaled row plus the position, within 1e-5.",
            added, added < 1e-5,
        ),
        claim(
            "rotary-leaves-embeddings", "A model with rotary positions adds none to its embeddings: study-lm's first "
            "block reads the rows as they are.", left, left == 0,
        ),
        claim(
            "sinusoidal-norm", "Every sinusoidal position has the same norm, sqrt(d_model / 2), within 1e-4.",
            f"{lengths.min():.4f} to {lengths.max():.4f}, sqrt({d_model}/2) = {norm:.4f}",
            float(np.abs(lengths - norm).max()) < 1e-4,
        ),
        claim(
            "tied-logits", "With tied weights the logits are the last hidden states times the same table, transposed, "
            "within 1e-3.", tied, tied < 1e-3,
        ),
    )  # fmt: skip
