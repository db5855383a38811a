"""Architectures: an encoder, a decoder and both together, each on the task that it fits, run live."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from studycli.demos import three_tasks
from studycli.demos.measure import Array
from studycli.demos.steps import claim, size, step
from studycli.demos.three_tasks import Measured, Texts, Told, Written
from studycli.model.trace import Claim, DemoResult, Origin, Step

if TYPE_CHECKING:
    from studycli.demos.inputs import Inputs

_RIGHT = 0.875
_MEAN = "the softmax of the scores, averaged over the heads of {}"


def architectures(inputs: Inputs) -> DemoResult:
    """The three bundled models of the tasks, each on its text.

    Raises UsageError for a text in the words of none of them, MissingError where the device is not there.
    """
    from studycli.engine.device import choose

    texts, device = three_tasks.given(inputs.text), choose(inputs.device).type
    told = three_tasks.tell(texts.ticket, device, inputs)
    completed = three_tasks.complete(texts.expression, device, inputs)
    translated = three_tasks.translate(texts.english, device, inputs)
    return DemoResult(
        demo="architectures",
        title="Three architectures, three tasks",
        inputs={
            "ticket": texts.ticket,
            "expression": texts.expression,
            "English": texts.english,
            "seed": inputs.seed,
            "device": device,
            "weights": "bundled: tasks/encoder, tasks/decoder, tasks/encoder-decoder",
        },
        steps=(*_told(told, texts), *_completed(completed), *_translated(translated, texts)),
        claims=_claims(told, completed, translated, three_tasks.measured(device, inputs.seed)),
    )


def _told(told: Told, texts: Texts) -> tuple[Step, ...]:
    of_text = texts.used if texts.ticket != three_tasks.TICKET else ""
    note = (
        "A ticket for the encoder: it reads all of it at once, and the urgency is read off the first token, which "
        f"stands for the whole.{of_text}"
    )
    urgency = told.labels[int(told.probabilities.argmax())]
    return (
        _tokens("ticket", told.words, note),
        _pattern(
            "ticket pattern",
            told.pattern,
            "Bidirectional: weight stands on both sides of the diagonal, every token may look at what comes after it; "
            "look along the first row for the words that the label is made of.",
            told.words,
            told.words,
            _MEAN.format("the first layer"),
        ),
        step(
            "urgency",
            told.probabilities[None],
            f"The output is one label, {urgency}, so nothing has to be written, and the whole ticket can be weighed "
            "from both sides: that is why an encoder fits.",
            ("ticket", "label"),
            (),
            labels={"label": told.labels},
        ),
    )


def _completed(completed: Written) -> tuple[Step, ...]:
    answer = "".join(completed.wrote[:-1])
    return (
        _tokens(
            "expression",
            completed.read,
            "An expression for the decoder, and behind its = what the decoder wrote: each character it wrote was read "
            "to write the next.",
        ),
        _pattern(
            "expression pattern",
            completed.pattern,
            "Causal: nothing stands above the diagonal, since what comes later is not written yet; look from = on, "
            "each row at the digits that the next character is made of.",
            completed.read,
            completed.read,
            _MEAN.format("the first layer"),
        ),
        _tokens(
            "completion",
            completed.wrote,
            f"The output '{answer}' goes on where the input ends, one sequence of the same kind, written from left to "
            "right up to its end mark: that is why a decoder fits.",
        ),
    )


def _translated(translated: Written, texts: Texts) -> tuple[Step, ...]:
    of_text = texts.used if texts.english != three_tasks.ENGLISH else ""
    return (
        _tokens(
            "english",
            translated.read,
            f"A sentence for the encoder-decoder: its encoder reads all of it before the first German word.{of_text}",
        ),
        _pattern(
            "cross pattern",
            translated.pattern,
            "Cross-attention: a row for each German word in the step that writes it, a column for each English one; "
            "look where the order of the two languages parts.",
            translated.wrote,
            translated.read,
            _MEAN.format("the decoder's cross-attention"),
        ),
        _tokens(
            "german",
            translated.wrote,
            "The output is another sequence, of its own length and order, and each word may look at the whole input: "
            "that is why an encoder-decoder fits.",
        ),
    )


def _tokens(name: str, tokens: tuple[str, ...], note: str) -> Step:
    return Step(name=name, shape=(len(tokens),), values=list(tokens), note=note, axes=("token",))


def _pattern(name: str, values: Array, note: str, queries: tuple[str, ...], keys: tuple[str, ...], source: str) -> Step:
    labels = {"query": queries, "key": keys}
    return step(name, values, note, ("query", "key"), (), labels=labels, origin=Origin(kind="given", note=source))


def _claims(told: Told, completed: Written, translated: Written, measured: Measured) -> tuple[Claim, ...]:
    later = float(np.triu(told.pattern, 1).sum() / told.pattern.sum())
    future = float(np.triu(completed.pattern, 1).max())
    shape = (len(translated.wrote), len(translated.read))
    return (
        claim(
            "encoder-sees-later-tokens",
            "An encoder's attention is bidirectional: its queries put weight on tokens that come after them.",
            f"{later:.1%} of all weight lies above the diagonal",
            later > 0.01,
        ),
        claim(
            "decoder-sees-no-later-token",
            "A decoder's attention is causal: the weight on every later token is exactly 0.",
            future,
            future == 0,
        ),
        claim(
            "cross-pattern-shape",
            "Cross-attention has a row for each token written and a column for each token read, however many either "
            "has.",
            f"{size(translated.pattern)} for {shape[0]} written (the end mark with them) and {shape[1]} read",
            translated.pattern.shape == shape,
        ),
        _right("encoder-on-unseen-tickets", "The encoder tells the urgency of unseen tickets", measured.tickets),
        _right("decoder-on-unseen-expressions", "The decoder completes unseen expressions", measured.expressions),
        _right("translator-on-unseen-sentences", "The encoder-decoder translates unseen sentences", measured.sentences),
    )


def _right(name: str, statement: str, share: float) -> Claim:
    return claim(name, f"{statement} right at least 7 times out of 8.", f"{share:.1%}", share >= _RIGHT)
