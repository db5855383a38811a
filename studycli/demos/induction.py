"""Induction heads: a trained model copies a text that it has never seen, and the two heads that do it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from studycli.demos import models
from studycli.demos.measure import Array
from studycli.demos.silencing import silenced
from studycli.demos.steps import array, claim, step
from studycli.demos.words import Words, split
from studycli.model.trace import Claim, DemoResult, Origin, Step

if TYPE_CHECKING:
    from torch import Tensor

    from studycli.demos.inputs import Inputs
    from studycli.engine.loaded import Loaded
    from studycli.engine.miniatures.recipe import Progress

MODEL = "induction"
_LONGEST = 20
_LAYER = "decoder.blocks.{}.attn"
_COPIED, _PREVIOUS, _INDUCTION, _LOST = 0.9, 0.4, 0.6, 0.1
_EVERY = 50
_FEW = 5
_TOGETHER = (
    "The share copied right, the best head for the token before, and the best for what came next: they rise together."
)
_KNOWN = "The model knows 47 syllables and no words: each of yours stands for a syllable drawn for it."


@dataclass(frozen=True)
class Heads:
    """What was measured: the scores of each head (heads), and which is the best of its kind."""

    previous: Array
    induction: Array
    best_previous: int
    best_induction: int


def induction(inputs: Inputs) -> DemoResult:
    """The bundled model on a text and its repetition.

    Raises UsageError for a text without tokens, MissingError where the device is not there.
    """
    from studycli.engine.device import choose

    words = split(inputs.text, _LONGEST)
    return _shown(inputs, words, models.load(MODEL, choose(inputs.device).type), "as bundled")


def trained(inputs: Inputs, report: Callable[[Progress], None]) -> DemoResult:
    """The same on a model that is trained first, from the seed, while `report` hears of each step."""
    from studycli.engine.device import choose
    from studycli.engine.miniatures import catalogue, making

    words = split(inputs.text, _LONGEST)
    told: list[Progress] = []

    def hear(progress: Progress) -> None:
        report(progress)
        if progress.step % _EVERY == 0:
            told.append(progress)

    made = making.make(replace(catalogue.recipe(MODEL), seed=inputs.seed), inputs.device, hear)
    loaded = made.loaded()[MODEL]
    loaded.model.to(choose(inputs.device))
    result = _shown(inputs, words, loaded, f"trained just now, from seed {inputs.seed}")
    return result.model_copy(update={"steps": (*_curves(told), *result.steps)})


def _shown(inputs: Inputs, words: Words, loaded: Loaded, weights: str) -> DemoResult:
    ids, twice = ids_twice(words, inputs.seed), ("<s>", *words.tokens, *words.tokens)
    numbers, heads = _compute(inputs, loaded, ids)
    device = str(loaded.model.device)
    given = {"text": words.text, "tokens": len(words.tokens), "tokens_left_out": words.left_out, "seed": inputs.seed}
    return DemoResult(
        demo="induction",
        title="Induction heads",
        inputs=given | {"device": device, "weights": weights},
        steps=_steps(words, twice, numbers, heads),
        claims=_claims(words, numbers, heads),
    )


def ids_twice(words: Words, seed: int) -> list[int]:
    """The start token and the text twice: each word under the id of a syllable that is drawn for it."""
    import torch

    from studycli.engine.miniatures.induction import SYLLABLES
    from studycli.engine.seed import generator

    drawn = torch.randperm(len(SYLLABLES), generator=generator(seed, "induction", "words")) + 1  # (syllables)
    of_word = {word: int(drawn[at]) for at, word in enumerate(dict.fromkeys(words.tokens))}
    once = [of_word[word] for word in words.tokens]
    return [0, *once, *once]


def _compute(inputs: Inputs, loaded: Loaded, ids: list[int]) -> tuple[dict[str, Array], Heads]:
    """Patterns and masked scores of both layers, and how likely the right next word is in the second copy, by name."""
    import torch

    from studycli.engine import head_scores
    from studycli.engine.trace import Trace

    with torch.inference_mode():
        x, trace = torch.tensor([ids], device=loaded.model.device), inputs.trace("*.attn.[mp]a*")  # (1, seq)
        logits = loaded.model(x, trace=trace)  # (1, seq, vocab)
        first, second = (trace[f"{_LAYER.format(layer)}.pattern"] for layer in (0, 1))  # (1, heads, query, key)
        scores = array(head_scores.previous_token(first)), array(head_scores.induction(second, x))
        as_trained = Trace("*.pattern")  # an edit changes what is measured, not which heads are looked at
        loaded.model(x, trace=as_trained)
        first_as_trained, second_as_trained = as_trained.values()  # (1, heads, query, key)
        best = head_scores.previous_token(first_as_trained), head_scores.induction(second_as_trained, x)
        heads = Heads(*scores, *(int(of_heads.argmax()) for of_heads in best))
        without = silenced(inputs, f"{_LAYER.format(0)}.z", heads.best_previous, only="logits")
        lesioned = loaded.model(x, trace=without)  # (1, seq, vocab)
    numbers = {"previous": array(first[0]), "induction": array(second[0])}
    numbers["masked"] = array(trace[f"{_LAYER.format(1)}.masked"][0])
    numbers["next"], numbers["right"] = _next(logits[0], ids)
    numbers["silenced"], _ = _next(lesioned[0], ids)
    return numbers, heads


def _next(logits: Tensor, ids: list[int]) -> tuple[Array, Array]:
    """Each word of the second copy but its first: its probability by logits (seq, vocab), and if it is likeliest."""
    import torch

    first = len(ids) // 2 + 1
    asked = torch.tensor(ids[first + 1 :], device=logits.device)  # (words - 1)
    said = logits[first:-1].softmax(-1)  # (words - 1, vocab)
    right = said.argmax(-1) == asked  # (words - 1)
    return array(said.gather(-1, asked[:, None])[:, 0]), array(right.float())


def _steps(words: Words, twice: tuple[str, ...], numbers: dict[str, Array], heads: Heads) -> tuple[Step, ...]:
    previous, copying = heads.best_previous, heads.best_induction
    asked = words.tokens[1:]
    note = f"Words and punctuation marks, {words.summary}, and the same again. {_KNOWN}"
    steps = [
        Step(name="tokens", shape=(len(twice),), values=list(twice), note=note, axes=("token",)),
        step(
            "previous",
            numbers["previous"][previous],
            f"Head {previous} of layer 0: look at the line below the diagonal, each token looks at the one before it "
            "and takes along which it was.",
            ("query", "key"),
            twice,
            origin=Origin(kind="given", note=f"The pattern of head {previous} in layer 0 of the trained model."),
        ),
        step(
            "induction scores",
            numbers["masked"][copying],
            f"What head {copying} of layer 1 makes its pattern of: scaled scores, minus infinity for what comes later.",
            ("query", "key"),
            twice,
            preview=True,
            origin=Origin(kind="given", note=f"The masked scores of head {copying} in layer 1 of the trained model."),
        ),
        step(
            "induction",
            numbers["induction"][copying],
            f"Head {copying} of layer 1: look at the second copy, each token looks at what came after its like in the "
            "first.",
            ("query", "key"),
            twice,
            origin=Origin(kind="softmax", of=("induction scores",)),
        ),
    ]
    if asked:
        note = (
            f"How likely the right next word is in the second copy: whole, and with head {previous} of "
            "layer 0 silenced; look how much is lost."
        )
        both = np.stack([numbers["next"], numbers["silenced"]], axis=1)  # (words - 1, 2)
        steps.append(_columns("next", both, note, ("token", "head"), asked, ("whole", "cut")))
    return tuple(steps)


def _columns(
    name: str, values: Array, note: str, axes: tuple[str, str], rows: tuple[str, ...], columns: tuple[str, ...]
) -> Step:
    """A step of values (rows, columns), whose rows and columns have names."""
    return step(name, values, note, axes, ()).model_copy(update={"labels": {axes[0]: rows, axes[1]: columns}})


def _curves(told: list[Progress]) -> tuple[Step, ...]:
    """The loss, and the scores, every 50 steps of the training."""
    labels = tuple(str(progress.step) for progress in told)
    losses = np.array([[progress.loss] for progress in told])  # (steps, 1)
    scores = np.array([list(progress.scores.values()) for progress in told])  # (steps, scores)
    note = "In nats: look for the step from which it falls."
    return (
        _columns("loss", losses, note, ("step", "loss"), labels, ("loss",)),
        _columns("scores", scores, _TOGETHER, ("step", "score"), labels, ("copy", "prev", "next")),
    )


def _claims(words: Words, numbers: dict[str, Array], heads: Heads) -> tuple[Claim, ...]:
    previous, copying = float(heads.previous.max()), float(heads.induction.max())
    claims = [
        claim(
            "previous-token", f"A head of layer 0 puts more than {_PREVIOUS:g} of its weight on the token before.",
            previous, previous > _PREVIOUS,
        ),
        claim(
            "induction", f"A head of layer 1 puts more than {_INDUCTION:g} of its weight on what came after an earlier "
            "copy of its token.", copying, copying > _INDUCTION,
        ),
    ]  # fmt: skip
    # What follows a word that the text has twice can't be known from the word alone.
    sure = [words.tokens.count(word) == 1 for word in words.tokens[:-1]]
    if any(sure):
        share = float(numbers["right"][sure].mean())
        statement = "After a word that the text has once, the likeliest next word is right at least 9 times out of 10."
        claims.append(claim("copies", statement, share, share >= _COPIED))
    if sum(sure) >= _FEW:  # among fewer words, guessing does well enough
        lost = float(numbers["next"][sure].mean() - numbers["silenced"][sure].mean())
        statement = f"Without the head of layer 0, the right word loses more than {_LOST:g} of its probability."
        claims.append(claim("composition", statement, lost, lost > _LOST))
    return tuple(claims)
