"""N-grams: probabilities that add up, counts worked by hand, and the weight of a mixture."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from studycli.engine.miniatures.ngrams import Mixture, NGrams
from studycli.errors import EngineError

END, VOCAB = 0, 7
TEXTS = [[1, 2, 3, 1, 2, 4], [1, 2, 3, 5], [2, 3, 1, 2, 3], [6]]


def fit(order: int, texts: Sequence[Sequence[int]] = TEXTS) -> NGrams:
    """N-grams of an order, of few texts."""
    return NGrams.fit(texts, order=order, vocab_size=VOCAB, end=END)


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("context", [(1, 2), (6, 6), (0, 0), (5, 1), (4, 6)])
def test_probabilities_after_any_context_add_up_to_one(order, context):
    ngrams = fit(order)
    of_all = [ngrams.probability(context, token) for token in range(VOCAB)]
    assert sum(of_all) == pytest.approx(1)
    assert min(of_all) > 0


def test_a_bigram_worked_by_hand():
    """Two texts: 1 1 and 1 2. Bigrams: 01 twice, 11, 10, 12 and 20 once, so D = 4 / (4 + 2) = 2/3.

    Below, tokens by what they are seen after: 1 after 0 and 1, 0 after 1 and 2, 2 after 1: n1 = 1 and n2 = 2, D = 1/5.
    """
    ngrams = fit(2, [[1, 1], [1, 2]])
    lower = (1 - 1 / 5) / 5 + (1 / 5) * 3 / 5 / VOCAB
    assert ngrams.probability([1], 2) == pytest.approx((1 - 2 / 3) / 3 + (2 / 3) * 3 / 3 * lower)


def test_a_unigram_is_a_share_of_all_tokens_up_to_its_discount():
    ngrams = fit(1, [[1] * 600 + [2] * 300])
    assert ngrams.probability([], 1) == pytest.approx(600 / 901, abs=2e-3)
    assert ngrams.probability([2, 2, 2], 1) == ngrams.probability([], 1)


def test_without_any_text_every_token_is_as_likely():
    assert fit(3, []).probability([1, 2], 3) == pytest.approx(1 / VOCAB)


def test_the_loss_is_the_mean_of_the_surprise_of_each_token_and_of_the_end():
    ngrams = fit(3)
    surprises = [-math.log(ngrams.probability(*pair)) for pair in (((0, 0), 1), ((0, 1), 2), ((1, 2), 0))]
    assert ngrams.loss([[1, 2]]) == pytest.approx(sum(surprises) / 3)


def test_more_context_helps_where_order_matters():
    texts, held_out = [[1, 2, 3, 4] * 20, [1, 3, 2, 4] * 20], [[1, 2, 3, 4, 1, 2, 3, 4]]
    unigram, bigram, trigram = (fit(order, texts).loss(held_out) for order in (1, 2, 3))
    assert trigram < bigram - 0.2 < unigram - 0.4


def test_what_makes_no_sense_is_refused():
    with pytest.raises(EngineError, match="the order is 0"):
        fit(0)
    with pytest.raises(EngineError, match="no text"):
        fit(1).loss([])
    with pytest.raises(EngineError, match="no text"):
        mixed([[1, 2]] * 7, TEXTS)  # there is no eighth


def mixed(texts: Sequence[Sequence[int]], others: Sequence[Sequence[int]]) -> Mixture:
    """A mixture of bigrams."""
    return Mixture.fit(texts, others, order=2, vocab_size=VOCAB, end=END)


def test_the_loss_of_a_mixture_is_the_surprise_of_its_mixed_probabilities():
    mixture = Mixture(fit(2, TEXTS[:2]), fit(2), 0.3)
    surprises = [
        -math.log(0.3 * fit(2, TEXTS[:2]).probability([before], token) + 0.7 * fit(2).probability([before], token))
        for before, token in ((END, 1), (1, 3), (3, END), (END, 6), (6, END))
    ]
    assert mixture.loss([[1, 3], [6]]) == pytest.approx(sum(surprises) / 5)


def test_a_mixture_weighs_its_own_texts_by_how_much_the_others_mislead():
    own, misleading = [[1, 2, 3, 4] * 3] * 16, [[2, 1, 4, 3] * 3] * 300
    assert mixed(own, misleading).weight > 0.8
    # Where others hold what the own lack, these are of use.
    lacking = ([[1, 2, 3]] * 7 + [[4, 5, 6]]) * 2
    assert mixed(lacking, [[4, 5, 6]] * 20).weight < 0.5


def test_the_weight_is_chosen_on_texts_that_are_not_counted_and_all_are_counted_in_the_end():
    others = [[4, 5, 6, 6, 5], [4, 5, 5, 6, 6]] * 10
    texts = ([[4, 1, 2]] * 7 + [[4, 5, 6, 5, 6, 5, 6]]) * 2
    mixture = mixed(texts, others)
    assert mixture.weight < 0.2
    counted = Mixture(fit(2, texts), fit(2, [*texts, *others]), 0.9)  # knows what it is to be chosen with
    assert counted.loss([texts[-1]]) < Mixture(counted.alone, counted.all, mixture.weight).loss([texts[-1]])
    assert mixture.alone == fit(2, texts)
    assert mixture.all == fit(2, [*texts, *others])
