"""Retrieval: facts that are what they say, no held-out fact in training, and scores that mean what they are named."""

from __future__ import annotations

import random as rnd
from itertools import islice

import numpy as np
import pytest
import torch

from studycli.engine.loaded import Loaded
from studycli.engine.miniatures import facts, retrieval
from studycli.engine.miniatures.facts import FAMILY_NAMES, FIRST_NAMES, SIDES, SPECIAL, THINGS, TOWNS, UNKNOWN
from studycli.engine.miniatures.retrieval import bi_config, cross_config, encode, quiz, rerank, search
from studycli.engine.miniatures.retrieval_text import pair
from studycli.engine.miniatures.vocabulary import word_tokenizer
from studycli.engine.model import Transformer
from studycli.errors import EngineError, UsageError

WORDS = facts.vocabulary()
BI_CONFIG, CROSS_CONFIG = bi_config(len(WORDS)), cross_config(len(WORDS))
TOKENIZER = word_tokenizer(WORDS, UNKNOWN)


@pytest.fixture(scope="module")
def bi_encoder() -> Loaded:
    return Loaded(Transformer(BI_CONFIG), TOKENIZER, "here")


@pytest.fixture(scope="module")
def cross_encoder() -> Loaded:
    return Loaded(Transformer(CROSS_CONFIG), TOKENIZER, "here")


def words_of(ids: list[int]) -> str:
    """The text of padded ids."""
    return " ".join(WORDS[id_] for id_ in ids if id_)


def said(text: str) -> tuple[str, str, frozenset[int]]:
    """The side, the town and the things of a fact or a question, read from its words alone."""
    words = text.split()
    side, town = words[words.index("in") + 1 :][:2]
    both = {word: at for at, names in enumerate(THINGS) for word in names}
    return side, town, frozenset(both[word] for word in words if word in both)


def test_there_are_a_million_facts_each_about_another_person_or_place() -> None:
    assert facts.COUNT >= 1_000_000
    everybody = {(*(each := facts.fact(number)).person, each.side, each.town) for number in range(0, facts.COUNT, 97)}
    assert len(everybody) == len(range(0, facts.COUNT, 97))
    most = (len(FIRST_NAMES), len(FAMILY_NAMES), len(SIDES), len(TOWNS))
    assert all(place < size for person in everybody for place, size in zip(person, most, strict=True))


@pytest.mark.parametrize("number", [-1, facts.COUNT, facts.COUNT + 5])
def test_there_is_no_fact_of_another_number(number: int) -> None:
    assert facts.fact(facts.COUNT - 1).text
    with pytest.raises(EngineError, match=f"no fact {number}"):
        facts.fact(number)


def test_a_fact_is_the_same_on_every_machine_and_says_what_it_is() -> None:
    assert facts.fact(2).text == "in west lunmund felix gulwell keeps chairs clocks knives boots ropes and cups"
    for number in range(200):
        fact = facts.fact(number)
        assert said(fact.text) == (SIDES[fact.side], TOWNS[fact.town], frozenset(fact.things))


def test_a_question_asks_for_three_of_its_things_with_synonyms_and_in_any_order() -> None:
    random, others = rnd.Random(0), 0
    for number in range(200):
        fact = facts.fact(number)
        question = fact.question(random, fact.things[:3])
        assert said(question) == (SIDES[fact.side], TOWNS[fact.town], frozenset(fact.things[:3]))
        others += sum(word in question.split() for _, word in THINGS)
    assert others / 600 == pytest.approx(0.3, abs=0.06)


def test_every_word_is_in_the_vocabulary_once() -> None:
    words = facts.vocabulary()
    random = rnd.Random(1)
    assert len(words) == len(set(words)) and words[: len(SPECIAL)] == list(SPECIAL)
    for _ in range(500):
        fact = facts.draw(random)
        assert {*fact.text.split(), *fact.question(random).split()} <= {*words}


def test_a_tenth_is_held_out() -> None:
    assert sum(facts.fact(number).held_out for number in range(5000)) == pytest.approx(500, abs=80)


def test_a_confusable_fact_does_not_answer_the_question_and_stays_on_its_side() -> None:
    random = rnd.Random(2)
    for held_out in (False, True):
        for _ in range(200):
            fact = facts.draw(random, held_out=held_out)
            asked = fact.things[:3]
            other = facts.confusable(fact, asked, random)
            same_place = (other.side, other.town) == (fact.side, fact.town)
            assert not (same_place and set(other.things) >= set(asked))
            assert other.held_out == held_out and len(set(other.things)) == facts.HAS


def test_training_never_sees_a_held_out_fact() -> None:
    """Read back from the tokens of the batches: never a town with things that the rule holds out."""
    held = {said(text) for text in quiz().texts}
    seen = []
    for batch in islice(retrieval.pairs(TOKENIZER, rnd.Random("0 pairs")), 4):
        seen += [words_of(row) for row in batch["passage_ids"].tolist()]
    for batch in islice(retrieval.choices(TOKENIZER, rnd.Random("0 choices")), 4):
        seen += [words_of(row).split(" <sep> ")[1] for row in batch["input_ids"].tolist()]
    assert len(seen) == 4 * (retrieval.PAIRS + retrieval.QUESTIONS * retrieval.CANDIDATES)
    for side, town, things in map(said, seen):
        assert (TOWNS.index(town) + sum(things)) % 10 != 0
        assert (side, town, things) not in held
    assert all((TOWNS.index(town) + sum(things)) % 10 == 0 for _, town, things in held)


def test_each_question_of_the_quiz_has_one_answer() -> None:
    asked = quiz()
    corpus = [said(text) for text in asked.texts]
    assert len(corpus) == 2000 and len(asked.questions) == len(asked.answers) == 150
    for question, answer in zip(asked.questions, asked.answers, strict=True):
        side, town, things = said(question)
        fits = [row for row, each in enumerate(corpus) if each[:2] == (side, town) and each[2] >= things]
        assert fits == [answer]


def test_the_same_seed_gives_the_same_batches() -> None:
    one, again = (next(retrieval.choices(TOKENIZER, rnd.Random("0 choices"))) for _ in range(2))
    assert (one["input_ids"] == again["input_ids"]).all()
    other = next(retrieval.choices(TOKENIZER, rnd.Random("1 choices")))["input_ids"]
    assert one["input_ids"].shape != other.shape or not (one["input_ids"] == other).all()


def test_any_words_can_be_embedded_and_found(bi_encoder: Loaded) -> None:
    vectors = encode(bi_encoder, ["Nobody owns THAT.", facts.fact(0).text, facts.fact(1).text])
    assert vectors.shape == (3, BI_CONFIG.d_model)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    scores, rows = search(bi_encoder, [f"{facts.fact(1).text.upper()}?"], vectors, 1)
    assert rows.tolist() == [[2]] and scores[0, 0] == pytest.approx(1, abs=1e-5)
    with pytest.raises(UsageError):
        encode(bi_encoder, ["?!"])


def test_nothing_in_gives_nothing_out_of_the_right_shape(bi_encoder: Loaded, cross_encoder: Loaded) -> None:
    vectors = encode(bi_encoder, [facts.fact(0).text, facts.fact(1).text])
    empty = encode(bi_encoder, [])
    assert empty.shape == retrieval.vectors_of_facts(bi_encoder, 0).shape == (0, BI_CONFIG.d_model)
    assert empty.dtype == vectors.dtype
    for none, some in zip(search(bi_encoder, [], vectors, 2), search(bi_encoder, ["who"], vectors, 2), strict=True):
        assert none.shape == (0, 2) and none.dtype == some.dtype
    with pytest.raises(EngineError, match="k is 3"):
        search(bi_encoder, [], vectors, 3)
    assert rerank(cross_encoder, "who", []) == []


@pytest.mark.parametrize("count", [-1, facts.COUNT + 1])
def test_there_are_no_vectors_of_facts_that_are_not_there(bi_encoder: Loaded, count: int) -> None:
    with pytest.raises(EngineError, match=f"the count is {count}"):
        retrieval.vectors_of_facts(bi_encoder, count)


def test_vectors_do_not_depend_on_what_else_is_in_the_block(
    bi_encoder: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = retrieval.vectors_of_facts(bi_encoder, 7)
    monkeypatch.setattr(retrieval, "_BLOCK", 3)
    np.testing.assert_allclose(retrieval.vectors_of_facts(bi_encoder, 7), whole, atol=1e-5)


def test_a_re_ranking_is_the_classifier_on_the_pair(cross_encoder: Loaded) -> None:
    question, texts = "Who has lamps?", [facts.fact(0).text, "in north velden agnes keeps hats"]
    scores = rerank(cross_encoder, question, texts)
    assert pair(question, texts[1]) == "<cls> who has lamps <sep> in north velden agnes keeps hats"
    alone = cross_encoder.model.classify(torch.tensor([TOKENIZER.encode(pair(question, texts[1]))]))
    assert scores[1] == pytest.approx(alone.item(), abs=1e-5) and scores[0] != scores[1]


def test_the_choice_loss_is_low_where_the_first_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Transformer(CROSS_CONFIG)
    wins = torch.tensor([9.0, 0, 0, 0, 0, 0])
    for logits, low in ((wins, True), (wins.flip(0), False)):
        monkeypatch.setattr(model, "classify", lambda *_, logits=logits, **__: logits.repeat(2)[:, None])
        loss = retrieval.choice_loss(model, torch.zeros(12, 3), torch.ones(12, 3))
        assert (loss.mean < 0.01) == low and loss.tokens == 2


def test_ranks_become_recall_and_reciprocal_rank() -> None:
    found = np.array([[7, *range(100, 111)], [*range(100, 111), 8], [*range(100, 112)]])
    ranking = retrieval._ranking(found, [7, 8, 9])
    assert ranking["recall_at_10"] == pytest.approx(1 / 3) and ranking["mrr"] == pytest.approx((1 + 1 / 12) / 3)


@torch.inference_mode()
def test_what_the_cross_encoder_likes_best_comes_first(
    bi_encoder: Loaded, cross_encoder: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = quiz(20, 300)
    answer = dict(zip(asked.questions, (asked.texts[row] for row in asked.answers), strict=True))
    monkeypatch.setattr(retrieval, "quiz", lambda: asked)
    monkeypatch.setattr(retrieval, "rerank", lambda _, asked, texts: [float(each == answer[asked]) for each in texts])
    metrics = retrieval._measure_ranking({retrieval.BI_ENCODER: bi_encoder, retrieval.CROSS_ENCODER: cross_encoder})
    vectors = encode(bi_encoder, asked.texts)
    _, found = search(bi_encoder, asked.questions, vectors, retrieval.RERANKED)
    share = float(np.mean([row in rows for row, rows in zip(asked.answers, found, strict=True)]))
    assert 0.1 < share == pytest.approx(metrics["mrr_reranked"]) == pytest.approx(metrics["recall_at_10_reranked"])
    assert metrics["mrr_gain"] == pytest.approx(share - metrics["mrr"]) and metrics["mrr"] < share
