"""Retrieval: a question among the bundled cards, found by vectors, read again, and explained, each stage timed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from studycli.demos import measure, models
from studycli.demos.measure import Array
from studycli.demos.steps import claim, step
from studycli.demos.words import split
from studycli.model.trace import Claim, DemoResult, Origin, Step

if TYPE_CHECKING:
    from studycli.demos.inputs import Inputs
    from studycli.demos.words import Words
    from studycli.engine.loaded import Loaded
    from studycli.engine.miniatures.study_cards import Asked

K = 10
WORDS = 24
STAGES = ("encode", "search", "re-rank", "explain")
BUDGET = (10.0, 10.0, 102.0, 290.0)
"""Milliseconds of each stage in the bundled card on searching ten million abstracts (transformers, card 5)."""
RECALL = 0.8


@dataclass(frozen=True)
class Search:
    """One question through all stages: the cards by nearness, the scores of both readings, and what each took.

    `similarities` are of all cards (card); `near` (k) the rows of the nearest, falling; `logits` (k) what the
    cross-encoder says of these; `effects` (word) what leaving out each word of the best card's answer takes from its
    logit; `milliseconds` (stage).
    """

    vector: Array
    similarities: Array
    near: Array
    logits: Array
    effects: Array
    best_words: tuple[str, ...]
    milliseconds: Array

    @property
    def order(self) -> Array:
        """The rows of the nearest cards as the cross-encoder orders them."""
        rows: Array = self.near[np.argsort(-self.logits, kind="stable")]  # (k)
        return rows


def retrieval(inputs: Inputs) -> DemoResult:
    """The question through encoder, search, cross-encoder and explanation.

    Raises UsageError for a text without words, MissingError where the device is not there.
    """
    from studycli.engine.device import choose
    from studycli.engine.miniatures.retrieval import BI_ENCODER, CROSS_ENCODER

    words = split(inputs.text, WORDS)
    device = choose(inputs.device).type
    bi_encoder, cross_encoder = models.load(BI_ENCODER, device), models.load(CROSS_ENCODER, device)
    cards, vectors = _library(device)
    found = _search(words.text, bi_encoder, cross_encoder, cards, vectors)
    given = {"text": words.text, "tokens": len(words.tokens), "tokens_left_out": words.left_out}
    return DemoResult(
        demo="retrieval",
        title="A retrieval system",
        inputs=given | {"cards": len(cards), "device": device, "weights": "trained on these cards"},
        steps=_steps(words, found, cards),
        claims=(
            *_claims(found, vectors),
            _found_again(bi_encoder, vectors, cards),
            _cost(cross_encoder, vectors, len(words.tokens)),
        ),
    )


@lru_cache(maxsize=2)
def _library(device: str) -> tuple[tuple[Asked, ...], Array]:
    """The cards that the models know, and the vectors (card, d_model) of their answers: made once, ahead of time."""
    from studycli.engine.miniatures import retrieval as models_of

    bi_encoder = models.load(models_of.BI_ENCODER, device)
    cards = tuple(models_of.cards_of(bi_encoder))
    return cards, models_of.encode(bi_encoder, [card.passage for card in cards])


def _search(question: str, bi_encoder: Loaded, cross_encoder: Loaded, cards: Sequence[Asked], vectors: Array) -> Search:
    from studycli.engine.miniatures import retrieval as models_of
    from studycli.engine.search import exact

    clock = [time.perf_counter()]
    vector = models_of.encode(bi_encoder, [question])  # (1, d_model)
    clock.append(time.perf_counter())
    _, rows = exact(vectors, vector, min(K, len(cards)))  # (1, k)
    clock.append(time.perf_counter())
    logits = np.array(models_of.rerank(cross_encoder, question, [cards[row].passage for row in rows[0]]))  # (k)
    clock.append(time.perf_counter())
    best = cards[rows[0][int(logits.argmax())]].passage.split()
    effects = _effects(cross_encoder, question, best)  # (word)
    clock.append(time.perf_counter())
    return Search(
        vector=vector[0],
        similarities=vectors @ vector[0],
        near=rows[0],
        logits=logits,
        effects=effects,
        best_words=tuple(best),
        milliseconds=1000 * np.diff(clock),
    )


def _effects(cross_encoder: Loaded, question: str, words: Sequence[str]) -> Array:
    """By how much the logit of a text falls without each of its words, (word); 0 for a text of one word."""
    from studycli.engine.miniatures.retrieval import rerank

    if len(words) == 1:
        return np.zeros(1)
    without = [" ".join((*words[:at], *words[at + 1 :])) for at in range(len(words))]
    whole, *parts = rerank(cross_encoder, question, [" ".join(words), *without])
    return whole - np.array(parts)


def _steps(words: Words, found: Search, cards: Sequence[Asked]) -> tuple[Step, ...]:
    order = found.order
    strongest = np.argsort(-found.effects, kind="stable")[:K]  # (up to K)
    logit_of = dict(zip(found.near.tolist(), found.logits.tolist(), strict=True))
    return (
        Step(
            name="question",
            shape=(len(words.tokens),),
            values=list(words.tokens),
            note=f"What is searched for: {words.summary}; words that no card has are read as one unknown word.",
            axes=("token",),
        ),
        step(
            "vector",
            found.vector[None, :],
            "1. Encode: the bi-encoder makes one vector of length 1 of the whole question; those of the "
            f"{len(cards)} cards were made ahead of time.",
            ("question", "d_model"),
            (),
            preview=True,
        ),
        _ranked(
            "search",
            found.similarities[found.near],
            f"2. Search: the {len(found.near)} cards whose vectors have the largest cosine with it, of {len(cards)}.",
            found.near,
            cards,
        ),
        _ranked(
            "re-rank",
            np.array([logit_of[row] for row in order.tolist()]),
            "3. Re-rank: the cross-encoder reads question and answer together; compare the order with the one above.",
            order,
            cards,
        ),
        step(
            "explain",
            found.effects[strongest][:, None],
            f"4. Explain: how much the logit of the first, '{_name(cards[int(order[0])])}', falls when a word of its "
            "answer is left out; the words that count most.",
            ("word", "effect"),
            (),
            labels={"word": tuple(found.best_words[at] for at in strongest), "effect": ("effect",)},
        ),
        step(
            "time",
            np.stack([found.milliseconds, np.array(BUDGET)], axis=1),
            "Milliseconds of each stage here, beside what the card on ten million abstracts allows it.",
            ("stage", "milliseconds"),
            (),
            labels={"stage": STAGES, "milliseconds": ("here", "budget")},
        ),
    )


def _ranked(name: str, scores: Array, note: str, rows: Array, cards: Sequence[Asked]) -> Step:
    labels = {"card": tuple(_name(cards[int(row)]) for row in rows), "score": ("score",)}
    return step(name, scores[:, None], note, ("card", "score"), (), labels=labels, origin=Origin(kind="given"))


def _name(card: Asked) -> str:
    """A card by its number and deck: the number first, which stays where there is no room for the whole title."""
    return f"#{card.number} {card.deck}"


def _claims(found: Search, vectors: Array) -> tuple[Claim, ...]:
    lengths = np.linalg.norm(np.vstack([vectors, found.vector]), axis=1)  # (card + 1)
    off = measure.largest_difference(lengths, np.ones_like(lengths))
    k = len(found.near)
    nearest = np.sort(found.similarities)[::-1][:k]  # (k)
    apart = measure.largest_difference(nearest, found.similarities[found.near])
    same = set(found.near.tolist()) == set(found.order.tolist())
    return (
        claim("vectors-have-length-1", "The vectors have length 1, so a dot product is a cosine.", off, off < 1e-4),
        claim("search-is-exact", f"No card is nearer than the {k} that were found.", apart, apart < 1e-6),
        claim(
            "reranking-only-reorders",
            "Re-ranking changes the order alone: what search did not find stays lost.",
            f"{k} before, {len(set(found.order.tolist()))} after, {'the same' if same else 'others'}",
            same,
        ),
    )


def _found_again(bi_encoder: Loaded, vectors: Array, cards: Sequence[Asked]) -> Claim:
    from studycli.engine.miniatures import retrieval as models_of

    k = min(K, len(cards))
    _, rows = models_of.search(bi_encoder, [card.brief_question for card in cards], vectors, k)  # (card, k)
    share = float((rows == np.arange(len(cards))[:, None]).any(1).mean())
    statement = f"At least {RECALL:.0%} of the cards are among the {k} nearest to their question put more briefly."
    return claim("recall-of-short-questions", statement, f"{share:.0%} of {len(cards)}", share >= RECALL)


def _cost(cross_encoder: Loaded, vectors: Array, words: int) -> Claim:
    """Operations to compare a question of so many words with one card, by vectors and by reading both."""
    from studycli.engine.flops import flops
    from studycli.engine.miniatures.study_cards import WINDOW

    by_vectors, by_reading = 2 * vectors.shape[1], sum(flops(cross_encoder.model.config, 1, words + WINDOW).values())
    return claim(
        "vectors-are-cheaper",
        "Comparing a question with a card by their vectors takes less than a thousandth of the operations of reading "
        "both.",
        f"{by_vectors:,} and {by_reading:,}",
        1000 * by_vectors < by_reading,
    )
