"""Echoes: sentences that agree and repeat as announced, with the surprisal that each word really has."""

from __future__ import annotations

import math
from collections import Counter, defaultdict

import pytest
import torch
from torch import Tensor

from studycli.engine.miniatures import echoes
from studycli.engine.seed import generator
from studycli.errors import EngineError

NOUNS = echoes._SINGULAR + echoes._PLURAL
VERBS = echoes._WALK + echoes._WALKS + echoes._SEE + echoes._SEES
KINDS = {
    word: kind
    for kind in ("ADJECTIVES", "SINGULAR", "PLURAL", "PREPOSITIONS", "WALK", "WALKS", "SEE", "SEES", "ADVERBS")
    for word in getattr(echoes, f"_{kind}")
}


@pytest.fixture(scope="module")
def text() -> echoes.Text:
    return echoes.text(60_000, generator(5, "test"))


def words(ids: Tensor) -> list[str]:
    return [echoes.WORDS[id_] for id_ in ids.tolist()]


def sentences(text: echoes.Text) -> list[list[str]]:
    """The whole sentences of a text, without their full stops."""
    return [sentence.split() for sentence in " ".join(words(text.ids)).split(" .")[:-1]]


def test_a_seed_gives_the_same_text_on_every_machine() -> None:
    first = words(echoes.text(24, generator(0, "a")).ids)
    assert " ".join(first[:14]) == "the cooks hear the cat . the boys beside the kings sleep . the"
    assert first != words(echoes.text(24, generator(1, "a")).ids)


def test_a_surprisal_is_that_of_the_share_a_word_really_has_there(text: echoes.Text) -> None:
    following: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    stated: dict[tuple[str, ...], dict[str, float]] = defaultdict(dict)
    before: tuple[str, ...] = ()  # the sentence so far, by kinds of words, of which alone the next one depends
    for word, nats in zip(words(text.ids), text.surprisal.tolist(), strict=True):
        if before[:1] not in {(announced,) for announced in echoes.REPEATS}:
            following[before][word] += 1
            stated[before][word] = nats
        before = () if word == "." else (*before, KINDS.get(word, word))
    common = {prefix: counts for prefix, counts in following.items() if counts.total() > 500}
    assert len(common) > 15
    for prefix, counts in common.items():
        for word, count in counts.items():
            share = math.exp(-stated[prefix][word])
            error = (share * (1 - share) / counts.total()) ** 0.5
            assert count / counts.total() == pytest.approx(share, abs=4.5 * error + 1e-6), (prefix, word)


def test_repetitions_repeat_the_sentence_they_announce_and_surprise_no_more(text: echoes.Text) -> None:
    said = [sentence[1:] if sentence[0] in echoes.REPEATS else sentence for sentence in sentences(text)]
    kinds = Counter(sentence[0] for sentence in sentences(text))
    assert min(kinds["yes"], kinds["again"]) > 1000
    for at, sentence in enumerate(sentences(text)):
        if back := echoes.REPEATS.get(sentence[0]):
            assert said[at] == said[at - back]
    assert not text.surprisal[text.repeated].any()
    assert not set(words(text.ids[text.repeated])) & {".", "the", *echoes.REPEATS}
    assert text.repeated.float().mean() > 0.15


def test_a_verb_agrees_with_its_subject_even_across_another_noun(text: echoes.Text) -> None:
    across = 0
    for sentence in sentences(text):
        nouns = [at for at, word in enumerate(sentence) if word in NOUNS]
        verb = next(at for at, word in enumerate(sentence) if word in VERBS)
        across += nouns[1] < verb if nouns[1:] else 0
        assert sentence[nouns[0]].endswith("s") != sentence[verb].endswith("s"), sentence
    assert across > 1000


def test_a_text_ends_in_no_more_tokens_than_it_has(text: echoes.Text) -> None:
    assert torch.equal(text.last(3).ids, text.ids[-3:])
    for length in (0, 60_001):
        with pytest.raises(EngineError, match=f"last {length} of 60000"):
            text.last(length)


def test_no_text_is_shorter_than_a_token() -> None:
    with pytest.raises(EngineError, match="length is 0"):
        echoes.text(0, generator(0, "a"))


def test_no_sentence_is_longer_than_the_longest(text: echoes.Text) -> None:
    assert max(len(sentence) + 1 for sentence in sentences(text)) == echoes.LONGEST
