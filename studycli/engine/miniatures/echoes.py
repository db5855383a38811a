"""Echoes: endless text of short sentences, some of which repeat an earlier one, with the surprisal of every word."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from studycli.errors import EngineError

_SINGULAR = ("bird", "boy", "cat", "cook", "dog", "friend", "girl", "goat", "horse", "king")
_PLURAL = tuple(f"{noun}s" for noun in _SINGULAR)
_ADJECTIVES = ("calm", "happy", "little", "old", "tall", "young")
_PREPOSITIONS = ("behind", "beside", "near", "with")
_WALK, _SEE = ("play", "run", "sing", "sleep", "swim", "wait"), ("find", "follow", "hear", "help", "like", "see")
_WALKS, _SEES = (tuple(f"{verb}s" for verb in verbs) for verbs in (_WALK, _SEE))
_ADVERBS = ("alone", "here", "often", "today")
REPEATS = {"yes": 1, "again": 2}
"""What announces a repetition, and how many sentences back the repeated one is."""

WORDS = (
    ".", "the", *REPEATS, *_SINGULAR, *_PLURAL, *_ADJECTIVES, *_PREPOSITIONS, *_WALK, *_WALKS, *_SEE, *_SEES, *_ADVERBS
)  # fmt: skip
"""The vocabulary; a word's id is its place."""

LONGEST = 10
"""Tokens of the longest sentence, full stop included: a repetition of 'the N near the N sees the N .'"""

REACH = 3 * LONGEST
"""Tokens that suffice to know how likely each next word is: a sentence, the two before it, and where they begin."""


class _Choice(NamedTuple):
    """A share of the draws in a state, the words that share it equally, and the state after them."""

    share: float
    words: tuple[str, ...]
    then: str


_STATES: dict[str, tuple[_Choice, ...]] = {
    "begin": (_Choice(0.2, ("yes",), ""), _Choice(0.2, ("again",), ""), _Choice(0.6, ("the",), "subject")),
    "subject": (
        _Choice(0.4, _ADJECTIVES, "described"), _Choice(0.3, _SINGULAR, "one"), _Choice(0.3, _PLURAL, "many"),
    ),
    "described": (_Choice(0.5, _SINGULAR, "verb of one"), _Choice(0.5, _PLURAL, "verb of many")),
    "one": (
        _Choice(0.4, _PREPOSITIONS, "place of one"), _Choice(0.3, _WALKS, "manner"), _Choice(0.3, _SEES, "article"),
    ),
    "many": (
        _Choice(0.4, _PREPOSITIONS, "place of many"), _Choice(0.3, _WALK, "manner"), _Choice(0.3, _SEE, "article"),
    ),
    "place of one": (_Choice(1, ("the",), "landmark of one"),),
    "place of many": (_Choice(1, ("the",), "landmark of many"),),
    "landmark of one": (_Choice(1, _SINGULAR + _PLURAL, "verb of one"),),
    "landmark of many": (_Choice(1, _SINGULAR + _PLURAL, "verb of many"),),
    "verb of one": (_Choice(0.5, _WALKS, "manner"), _Choice(0.5, _SEES, "article")),
    "verb of many": (_Choice(0.5, _WALK, "manner"), _Choice(0.5, _SEE, "article")),
    "manner": (_Choice(0.5, _ADVERBS, "end"), _Choice(0.5, (".",), "")),
    "article": (_Choice(1, ("the",), "object"),),
    "object": (_Choice(1, _SINGULAR + _PLURAL, "end"),),
    "end": (_Choice(1, (".",), ""),),
}  # fmt: skip

_GUESSED = (".", "the")
_IDS = {word: id_ for id_, word in enumerate(WORDS)}
_Draws = Iterator[float]
_Word = tuple[str, float]  # and its surprisal


@dataclass(frozen=True, slots=True)
class Text:
    """Ids of a text, (..., seq), the surprisal of each in nats, and whether it repeats a word of an earlier sentence.

    The surprisal is -ln p of the word under the generator itself, given what came before: its mean is the entropy rate,
    and no predictor does better for long. Repetitions have the surprisal 0; the articles and full stops in them, which
    can be guessed without looking back, do not count as repeated.
    """

    ids: Tensor
    surprisal: Tensor
    repeated: Tensor

    def rows(self, starts: Tensor, length: int) -> Text:
        """The pieces of a text (seq) from each of `starts` (rows), each of `length` tokens: (rows, length)."""
        places = starts[:, None] + torch.arange(length)  # (rows, length)
        return Text(self.ids[places], self.surprisal[places], self.repeated[places])

    def each(self) -> Iterator[Text]:
        """The rows of a text (rows, seq), one by one as (1, seq)."""
        for row in range(len(self.ids)):
            yield Text(self.ids[row : row + 1], self.surprisal[row : row + 1], self.repeated[row : row + 1])

    def last(self, length: int) -> Text:
        """The last tokens of every row. Raises EngineError where a row has fewer."""
        seq = self.ids.shape[-1]
        if not 1 <= length <= seq:
            raise EngineError(f"the last {length} of {seq} tokens", where="echoes", hint=f"ask for 1 to {seq}")
        return Text(self.ids[..., -length:], self.surprisal[..., -length:], self.repeated[..., -length:])


def text(length: int, random: torch.Generator) -> Text:
    """A text of `length` tokens, drawn from the CPU generator: a stationary process.

    A sentence is a new one, whose verb agrees with its subject, also across another noun; or 'yes' and the sentence
    before, or 'again' and the one before that. Cut anywhere, a text is as hard to predict in its middle as at its
    end, because nothing farther back than `REACH` matters. Raises EngineError for a length below 1.
    """
    if length < 1:
        raise EngineError(f"the length is {length}", where="echoes", hint="ask for one token at least")
    draws, written, repeated = _uniform(random), list[_Word](), list[bool]()
    said = [_new(draws, "subject", ("the", 0.0)), _new(draws, "subject", ("the", 0.0))]
    for sentence in said:
        written += sentence
        repeated += [False] * len(sentence)
    while len(written) < length:
        first, then = _draw("begin", next(draws))
        if back := REPEATS.get(first[0]):
            words = [(word, 0.0) for word, _ in said[-back]]
            written += [first, *words]
            repeated += [False, *(word not in _GUESSED for word, _ in words)]
        else:
            words = _new(draws, then, first)
            written += words
            repeated += [False] * len(words)
        said = [said[-1], words]
    ids, surprisal = zip(*((_IDS[word], nats) for word, nats in written[:length]), strict=True)
    return Text(torch.tensor(ids), torch.tensor(surprisal), torch.tensor(repeated[:length]))  # each (length)


def rows(count: int, length: int, random: torch.Generator) -> Text:
    """Rows that follow each other in one text, (count, length)."""
    return text(count * length, random).rows(torch.arange(count) * length, length)


def _new(draws: _Draws, state: str, first: _Word) -> list[_Word]:
    """A new sentence that begins with a word, after which the automaton is in `state`."""
    words = [first]
    while state:
        word, state = _draw(state, next(draws))
        words.append(word)
    return words


def _draw(state: str, at: float) -> tuple[_Word, str]:
    """The word that a number from 0 to 1 picks in a state, with its surprisal, and the state after it."""
    choices = _STATES[state]
    for choice in choices[:-1]:
        if at < choice.share:
            break
        at -= choice.share
    else:
        choice = choices[-1]
    picked = min(int(at / choice.share * len(choice.words)), len(choice.words) - 1)
    return (choice.words[picked], -math.log(choice.share / len(choice.words))), choice.then


def _uniform(random: torch.Generator) -> _Draws:
    """Numbers from 0 to 1 without end."""
    while True:
        yield from torch.rand(4096, generator=random, dtype=torch.float64).tolist()
