"""Three tasks: what the bundled encoder, decoder and translator make of a text in their words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from studycli.demos import models
from studycli.demos.measure import Array
from studycli.demos.steps import array
from studycli.demos.words import split
from studycli.errors import UsageError

if TYPE_CHECKING:
    from studycli.demos.inputs import Inputs

TICKET = "the payroll server is down and nobody can work"
EXPRESSION = "47+38="
ENGLISH = "I know that the man has seen the small dog"
_LONGEST = 20
_HELD = {"tickets": 16, "expressions": 16, "sentences": 8}
_OF_AN_EXPRESSION = re.compile(r"\s*(?:[\d\[('+-]|(?:max|len|sorted)\b)")


@dataclass(frozen=True)
class Texts:
    """A text for each task, and how much of a longer text was used, in words."""

    ticket: str = TICKET
    expression: str = EXPRESSION
    english: str = ENGLISH
    used: str = ""


@dataclass(frozen=True)
class Told:
    """A ticket's words, the probability of each label, and the attention that told it, (query, key)."""

    words: tuple[str, ...]
    labels: tuple[str, ...]
    probabilities: Array
    pattern: Array


@dataclass(frozen=True)
class Written:
    """What was read and written, token by token, and the attention of the step that wrote each, (query, key)."""

    read: tuple[str, ...]
    wrote: tuple[str, ...]
    pattern: Array


@dataclass(frozen=True)
class Measured:
    """The share that each model gets right of a few examples kept from its training."""

    tickets: float
    expressions: float
    sentences: float


def given(text: str) -> Texts:
    """The text for the one task whose words it is in, and an example for the others; examples for all where it is ''.

    Raises UsageError for a text that is in the words of none.
    """
    if not text.strip():
        return Texts()
    if _OF_AN_EXPRESSION.match(text):
        return Texts(expression=text)
    from studycli.engine.miniatures import tickets
    from studycli.engine.miniatures.german_words import ENGLISH as KNOWN_ENGLISH

    words = split(text, _LONGEST)
    used = f" Of the text, these are {words.summary}." if words.left_out else ""
    spoken = [word for word in words.tokens if word[0].isalnum()]
    unknown = {"ticket": _unknown(spoken, tickets.WORDS), "english": _unknown(spoken, KNOWN_ENGLISH)}
    joined = " ".join(words.tokens)
    if not unknown["ticket"]:
        return Texts(ticket=joined, used=used)
    if not unknown["english"]:
        return Texts(english=joined, used=used)
    word = min(unknown.values(), key=len)[0]
    hint = f"give a ticket such as '{TICKET}', an expression such as '{EXPRESSION}', or English such as '{ENGLISH}'"
    raise UsageError(f"no model for a task learned the word '{word}'", hint=hint)


def _unknown(words: list[str], known: list[str]) -> list[str]:
    there = {form.casefold() for form in known}
    return [word for word in words if word.casefold() not in there]


def tell(ticket: str, device: str, inputs: Inputs) -> Told:
    """The encoder's label for a ticket. The pattern is the mean over the heads of its first layer.

    Raises UsageError for a word that it doesn't know.
    """
    import torch

    from studycli.engine.miniatures.prompt import known_words
    from studycli.engine.miniatures.tickets import CLS, LONGEST, WORDS

    loaded = models.load("tasks/encoder", device)
    words = known_words(ticket, frozenset(WORDS), LONGEST)
    ids = torch.tensor([loaded.encode(" ".join(words))])  # (1, seq)
    name = "encoder.blocks.0.attn.pattern"
    trace = inputs.trace(only=name)
    with torch.inference_mode():
        probabilities = loaded.model.classify(ids, trace=trace)[0].softmax(-1)  # (labels)
    return Told((CLS, *words), loaded.labels, array(probabilities), array(trace[name][0].mean(0)))


def complete(expression: str, device: str, inputs: Inputs) -> Written:
    """What the decoder writes behind an expression. The pattern is the mean over the heads of its first layer.

    Raises UsageError for an expression of no kind that it learned.
    """
    import torch

    from studycli.engine.miniatures import arithmetic

    loaded = models.load("tasks/decoder", device)
    answer = arithmetic.complete(loaded, expression)
    prompt = "".join(expression.split()).removesuffix("=") + "="
    ids = torch.tensor([loaded.encode(prompt + answer)])  # (1, seq)
    name = "decoder.blocks.0.attn.pattern"
    trace = inputs.trace(only=name)
    with torch.inference_mode():
        best = loaded.model(ids, trace=trace)[0].argmax(-1)  # (seq)
    wrote = tuple(str(loaded.piece(id_)) for id_ in best[len(prompt) - 1 :].tolist())
    return Written(tuple(prompt + answer), wrote, array(trace[name][0].mean(0)))


def translate(english: str, device: str, inputs: Inputs) -> Written:
    """The German of a toy English sentence. The pattern is the cross-attention, the mean over its heads.

    Raises UsageError for a word that it doesn't know.
    """
    import torch

    from studycli.engine.miniatures import translation

    loaded = models.load("tasks/encoder-decoder", device)
    found = translation.translate(loaded, english)
    ids = torch.tensor([loaded.encode(" ".join(found.english))])  # (1, source)
    written = [loaded.start, *loaded.encode(" ".join(found.german))]
    trace = inputs.trace(only=translation.PATTERN)
    with torch.inference_mode():
        logits = loaded.model(ids, decoder_input_ids=torch.tensor([written]), trace=trace)[0]  # (target, vocab)
    wrote = tuple(str(loaded.piece(id_)) for id_ in logits.argmax(-1).tolist())
    return Written(found.english, wrote, array(trace[translation.PATTERN][0].mean(0)))


def measured(device: str, seed: int) -> Measured:
    """How each model does on a few examples of kinds that training never had, drawn by the seed."""
    from studycli.engine.miniatures import arithmetic, german, tickets, translation

    encoder, decoder, both = (
        models.load(f"tasks/{name}", device) for name in ("encoder", "decoder", "encoder-decoder")
    )
    rows = list(islice(tickets.tickets(seed, "demo", held_out=True), _HELD["tickets"]))
    expressions = list(islice(arithmetic.expressions(seed, "demo", held_out=True), _HELD["expressions"]))
    sentences = list(islice(german.sentences(seed, "demo", held_out=True), _HELD["sentences"]))
    return Measured(
        tickets.measure(encoder.model, rows)["ticket_accuracy"],
        arithmetic.measure(decoder.model, {"all": expressions})["completion_exact"],
        translation.measure(both.model, sentences)["translation_exact"],
    )
