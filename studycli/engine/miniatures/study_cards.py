"""Study cards: the questions and answers of the bundled decks, as the retrieval models learn and search them."""

from __future__ import annotations

import json
import random as rnd
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain

from torch import Tensor

from studycli.engine.miniatures.retrieval_text import padded, pair, words
from studycli.engine.tokenizer import Tokenizer
from studycli.errors import EngineError

_DECK = re.compile(r"(?m)^# Flashcard Set: (.+)$")
_CARD = re.compile(r"(?m)^### Card (\d+) ")
_FRONT, _BACK = "**FRONT (Question):**", "**BACK (Answer):**"
_END = re.compile(r"(?m)^(?:#{2,} |---$|\*\*Critical Knowledge Flag)")
_BRIEF = re.compile(r"(?m)^([^\t\n|]+)\t([^\t\n]+)\t[^\t\n]*$")
_TEMPLATE = re.compile(r"\{\{[^{}]*\}\}")
WINDOW = 60  # words of an answer that are read
_SHORTEST, _DROPPED, _FEW, _LONG = 12, 0.4, (3, 8), 4
"""For training: the fewest words of an answer that are read, the largest share of words that are left out, the bounds
of how many words a short question has, and how many letters each of these has at least."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A card: its deck's title and its number, its two sides, and a short form of both."""

    deck: str
    number: int
    question: str
    answer: str
    brief_question: str
    brief_answer: str

    @property
    def passage(self) -> str:
        """What is searched: the first words of the answer."""
        return " ".join(words(self.answer)[:WINDOW])


def read(documents: str) -> list[Asked]:
    """The cards of decks in the form that the bundled ones have, in their order. Raises EngineError for fewer than two.

    A card's short form is the line of its number in the deck's tab-separated block.
    """
    _, *parts = _DECK.split(documents)
    found = [card for title, text in zip(parts[::2], parts[1::2], strict=True) for card in _cards(title, text)]
    if len(found) < 2:
        raise EngineError("the decks hold fewer than two cards", where="retrieval", hint="give more of them")
    return found


def dumps(cards: Sequence[Asked]) -> str:
    """The cards as JSON, which `loads` reads again."""
    return json.dumps([asdict(card) for card in cards], ensure_ascii=False, indent=0) + "\n"


def loads(text: str) -> list[Asked]:
    """The cards that `dumps` wrote."""
    return [Asked(**values) for values in json.loads(text)]


def vocabulary(cards: Sequence[Asked]) -> list[str]:
    """Every word of the cards, once, in alphabetical order."""
    sides = chain.from_iterable((card.question, card.answer, card.brief_answer) for card in cards)
    return sorted(set(chain.from_iterable(map(words, sides))))


def pairs(tokenizer: Tokenizer, cards: Sequence[Asked], random: rnd.Random, rows: int) -> Iterator[dict[str, Tensor]]:
    """Batches without end for `contrastive_loss`: questions, and part of the answer of each.

    No card is there twice in a batch. Short questions are never read: they are what is measured.
    """
    while True:
        drawn = random.sample(cards, min(rows, len(cards)))
        queries, query_mask = padded(tokenizer, [_question(card, random) for card in drawn])
        passages, passage_mask = padded(tokenizer, [_answer(card, random) for card in drawn])
        yield {
            "query_ids": queries, "query_mask": query_mask, "passage_ids": passages, "passage_mask": passage_mask
        }  # fmt: skip


def choices(
    tokenizer: Tokenizer, cards: Sequence[Asked], random: rnd.Random, questions: int, candidates: int
) -> Iterator[dict[str, Tensor]]:
    """Batches without end: questions with their own answer, then with those of others, half of them of its deck."""
    decks: dict[str, list[Asked]] = {}
    for card in cards:
        decks.setdefault(card.deck, []).append(card)
    while True:
        rows = []
        for true in random.choices(cards, k=questions):
            near = [card for card in decks[true.deck] if card is not true]
            others = random.sample(near, min(candidates // 2, len(near)))
            far = [card for card in cards if card is not true and card not in others]
            others += random.sample(far, candidates - 1 - len(others))
            question = _question(true, random)
            rows += [pair(question, _thinned(card.passage.split(), random)) for card in (true, *others)]
        ids, mask = padded(tokenizer, rows)
        yield {"input_ids": ids, "attention_mask": mask}


def _cards(title: str, text: str) -> Iterator[Asked]:
    _, *parts = _CARD.split(text)
    numbers, bodies, briefs = parts[::2], parts[1::2], _BRIEF.findall(text)
    if len(briefs) != len(numbers):
        message = f"there are {len(numbers)} cards and {len(briefs)} short forms"
        raise EngineError(message, where=title, hint="give each card one line in the tab-separated block")
    for number, body, brief in zip(numbers, bodies, briefs, strict=True):
        _, _, rest = body.partition(_FRONT)
        question, _, answer = rest.partition(_BACK)
        sides = question, _END.split(answer.strip(), maxsplit=1)[0], *brief
        plain = [_TEMPLATE.sub(" ", side).strip() for side in sides]
        if not all(map(words, plain)):
            hint = "see decks/transformers.md for the form"
            raise EngineError(f"card {number} has no words on one side", where=title, hint=hint)
        yield Asked(title, int(number), *plain)


def _question(card: Asked, random: rnd.Random) -> str:
    """The question without some of its words; half of the time a few of the longer ones are all that stays."""
    found = words(card.question)
    long = [word for word in found if len(word) >= _LONG] or found
    if random.random() < 0.5:
        return _thinned(found, random)
    kept = sorted(random.sample(range(len(long)), min(random.randint(*_FEW), len(long))))
    return " ".join(long[at] for at in kept)


def _answer(card: Asked, random: rnd.Random) -> str:
    """The short answer, or a window of the long one, of any length."""
    if random.random() < 0.3:
        return _thinned(words(card.brief_answer), random)
    found = words(card.answer)
    length = random.randint(min(_SHORTEST, len(found)), min(WINDOW, len(found)))
    start = 0 if random.random() < 0.5 else random.randint(0, len(found) - length)
    return _thinned(found[start : start + length], random)


def _thinned(found: list[str], random: rnd.Random) -> str:
    """Words without some of them, but never without all."""
    share = random.uniform(0, _DROPPED)
    return " ".join(word for word in found if random.random() >= share) or found[0]
