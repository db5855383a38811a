"""The retrieval demo: it finds, orders and explains as its models say, and its claims can fail."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from studycli.demos import models, registry, retrieval
from studycli.demos.inputs import Inputs
from studycli.engine.miniatures.retrieval import BI_ENCODER, CROSS_ENCODER, encode, rerank
from studycli.errors import UsageError

QUESTION = "Which mask keeps a decoder from seeing later tokens?"


@pytest.fixture(scope="module")
def found() -> retrieval.Search:
    cards, vectors = retrieval._library("cpu")
    both = models.load(BI_ENCODER, "cpu"), models.load(CROSS_ENCODER, "cpu")
    return retrieval._search(QUESTION, *both, cards, vectors)


def test_the_steps_are_the_stages() -> None:
    result = registry.run("retrieval", Inputs(QUESTION, "cpu"))
    assert [step.name for step in result.steps] == ["question", "vector", "search", "re-rank", "explain", "time"]
    assert [claim.name for claim in result.claims] == list(registry.find("retrieval").claims)
    assert all(claim.holds for claim in result.claims)
    time = result.steps[-1]
    assert time.shape == (4, 2) and min(row[0] for row in time.values) > 0


def test_two_cards_of_one_deck_are_told_apart_where_names_are_cut(found: retrieval.Search) -> None:
    cards, _ = retrieval._library("cpu")
    assert len({retrieval._name(card)[:10] for card in cards if card.deck == cards[0].deck}) == sum(
        card.deck == cards[0].deck for card in cards
    )


def test_the_nearest_are_those_of_all_cosines(found: retrieval.Search) -> None:
    cards, _ = retrieval._library("cpu")
    vectors = encode(models.load(BI_ENCODER, "cpu"), [card.passage for card in cards])
    cosines = (vectors @ encode(models.load(BI_ENCODER, "cpu"), [QUESTION])[0]).astype(float)
    assert np.allclose(np.sort(cosines)[::-1][: len(found.near)], cosines[found.near], atol=1e-6)


def test_the_second_order_is_that_of_the_cross_encoder(found: retrieval.Search) -> None:
    cards, _ = retrieval._library("cpu")
    result = registry.run("retrieval", Inputs(QUESTION, "cpu"))
    logits = np.array(rerank(models.load(CROSS_ENCODER, "cpu"), QUESTION, [cards[at].passage for at in found.near]))
    shown = next(step for step in result.steps if step.name == "re-rank")
    assert np.allclose([row[0] for row in shown.values], np.sort(logits)[::-1], atol=1e-4)
    assert list(shown.labels["card"]) == [retrieval._name(cards[int(row)]) for row in found.order]


def test_an_effect_is_what_the_logit_loses_without_the_word(found: retrieval.Search) -> None:
    cross_encoder, words = models.load(CROSS_ENCODER, "cpu"), found.best_words
    at = int(found.effects.argmax())
    whole, without = rerank(
        cross_encoder, QUESTION, [" ".join(words), " ".join((*words[:at], *words[at + 1 :]))]
    )  # fmt: skip
    assert found.effects[at] == pytest.approx(whole - without, abs=1e-4)
    assert retrieval._effects(cross_encoder, QUESTION, ["mask"]).tolist() == [0]


def test_claims_fail_where_numbers_are_wrong(found: retrieval.Search) -> None:
    _, vectors = retrieval._library("cpu")
    worst = found.similarities.argsort()[: len(found.near)]
    broken = [
        ("vectors-have-length-1", found, 2 * vectors),
        ("search-is-exact", replace(found, near=worst), vectors),
    ]
    for name, numbers, table in broken:
        claims = {claim.name: claim.holds for claim in retrieval._claims(numbers, table)}
        assert claims[name] is False
    cards, _ = retrieval._library("cpu")
    assert not retrieval._found_again(models.load(BI_ENCODER, "cpu"), vectors[::-1], cards).holds
    wide = np.broadcast_to(np.zeros(1), (1, 10**9))
    assert not retrieval._cost(models.load(CROSS_ENCODER, "cpu"), wide, 9).holds


def test_a_text_of_unknown_words_is_still_searched_and_one_without_words_is_refused() -> None:
    result = registry.run("retrieval", Inputs("zzyzx qqq", "cpu"))
    assert result.steps[0].values == ["zzyzx", "qqq"]
    with pytest.raises(UsageError):
        registry.run("retrieval", Inputs(" ", "cpu"))
