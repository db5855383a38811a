"""The demo `tokenization`: its steps against a second merging, its claims, and what makes them fail."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from studycli.demos import tokenization
from studycli.demos.catalogue import ALL
from studycli.demos.inputs import Inputs
from studycli.demos.models import tokenizer
from studycli.demos.registry import DEMOS, run
from studycli.demos.words import has_words
from studycli.engine.tokenizer import Tokenizer
from studycli.errors import UsageError

CLAIMS = ["decodes-exactly", "every-byte-a-token", "merge-shortens-by-one", "merges-by-rank", "rare-words-split"]
TEXTS = [
    DEMOS["tokenization"].text, "a", "变压器 🦊 👩‍👩‍👧 naïve", "<|end|> 12 <|end|>", "word " * 500, "x" * 100_000,
    "注意" * 200, "# A\n\n- *b*\n- `c`", "\x00\x01 garbage \ufffd\x1b[31m",
]  # fmt: skip


def demo(text: str = DEMOS["tokenization"].text):
    return run("tokenization", Inputs(text, "cpu"))


def step(result, name: str):
    return next(step for step in result.steps if step.name == name)


def test_bytes_are_those_of_the_text() -> None:
    result = demo("é变🦊")
    assert step(result, "bytes").values == ["é c3 a9", "变 e5 8f 98", "🦊 f0 9f a6 8a"]


def test_each_row_of_merges_is_the_row_before_with_two_neighbours_joined() -> None:
    rows = step(demo(), "merges").values
    # Which of the two words has more merges is up to what the tokenizer learned from.
    assert rows[0] in (["", "", "␣ t r a n s f o r m a t i v e"], ["", "", "u n b e l i e v a b l y"])
    assert len(rows) > 5
    ranks = [int(rank) for rank, _, _ in rows[1:]]
    assert ranks == sorted(ranks)
    for (_, _, before), (_, joins, after) in pairwise(rows):
        left, right = joins.split(" + ")
        pieces = before.split(" ")
        joined = [
            [*pieces[:at], left + right, *pieces[at + 2 :]]
            for at in range(len(pieces) - 1)
            if pieces[at : at + 2] == [left, right]
        ]
        assert after.split(" ") in joined


def test_ids_and_tokens_are_the_tokenizers() -> None:
    text = "The cat <|end|> 变"
    result, own = demo(text), tokenizer("study-lm")
    assert [row[0] for row in step(result, "ids").values] == own.encode(text)
    assert [token.replace("␣", " ") for token in step(result, "tokens").values] == own.tokens(text)
    assert sum(row[1] for row in step(result, "ids").values) == len(text.encode())


def test_words_are_counted_within_a_text() -> None:
    own, splits = tokenizer("study-lm"), step(demo("unbelievably transformative"), "splits")
    for word, (size, count, ratio) in zip(splits.labels["word"], splits.values, strict=True):
        assert (size, count) == (len(word.encode()), len(own.encode(f" {word}")))
        assert ratio == pytest.approx(size / count)
    assert splits.labels["word"][:2] == ("unbelievably", "transformative")


def test_common_and_invented_words_are_of_one_length() -> None:
    assert all(len(common) == len(invented) for common, invented in tokenization.PAIRS)


@pytest.mark.parametrize("text", TEXTS)
def test_claims_hold_on_any_text(text: str) -> None:
    result = demo(text)
    assert [claim.name for claim in result.claims] == CLAIMS
    assert [claim for claim in result.claims if not claim.holds] == []
    assert all(len(step.values) <= 130 for step in result.steps)


@given(st.text(max_size=40))
@example("<|end|><|end|>")
@example("a\u0301 e")
def test_claims_hold_for_every_text_with_words(text: str) -> None:
    if has_words(text):
        assert all(claim.holds for claim in demo(text).claims)


def test_a_text_without_merges_says_so() -> None:
    merges = step(demo("变"), "merges")
    assert merges.shape == (1, 3) and merges.note.startswith("No rule fits")


def test_one_is_singular() -> None:
    claims = {claim.name: str(claim.measured) for claim in demo("a").claims}
    assert claims["merge-shortens-by-one"] == "1 piece less 0 merges is 1 token"
    assert claims["decodes-exactly"] == "1 of 1 byte"
    assert step(demo("a"), "tokens").note.endswith("1 token for 1 byte.")
    two = {claim.name: str(claim.measured) for claim in demo("an").claims}
    assert two["merge-shortens-by-one"] == "2 pieces less 1 merge is 1 token"
    assert two["merges-by-rank"] == "0 of 1 merge out of order"


def test_the_catalogue_names_the_claims() -> None:
    assert [*next(demo for demo in ALL if demo.name == "tokenization").claims] == CLAIMS


def test_a_wrong_number_makes_its_claim_fail() -> None:
    tokens = tokenization._compute(tokenizer("study-lm"), "unbelievably good")
    merges, pairs = tokens.merges, ((1, 4), (2, 5))
    assert all(claim.holds for claim in tokenization._claims(tokens, pairs))
    worse = {
        "decodes-exactly": (replace(tokens, decoded=tokens.text + " "), pairs),
        "every-byte-a-token": (replace(tokens, covered=255), pairs),
        "merge-shortens-by-one": (replace(tokens, merges=merges[:-1]), pairs),
        "merges-by-rank": (replace(tokens, merges=[merges[1], merges[0], *merges[2:]]), pairs),
        "rare-words-split": (tokens, ((1, 4), (2, 2))),
    }
    assert [*worse] == CLAIMS
    for name, (changed, of_pairs) in worse.items():
        found = {claim.name: claim for claim in tokenization._claims(changed, of_pairs)}
        assert not found[name].holds, name
    skipped = replace(tokens, merges=[merges[0], *merges[2:], merges[-1]])
    assert not tokenization._claims(skipped, pairs)[2].holds


def test_a_tokenizer_that_lacks_a_byte_is_found_out() -> None:
    from studycli.engine.miniatures.vocabulary import word_tokenizer

    assert tokenization._covered(Tokenizer.train(["a b"], 300)) == 256
    assert tokenization._covered(word_tokenizer(["a", "b", "<0xFF>"])) == 3


def test_a_long_text_is_cut_and_says_so() -> None:
    result = demo("word " * 40)
    assert result.inputs["tokens_left_out"] == 24
    assert "the other 24 are left out" in step(result, "words").note
    cut = demo("x" * 1000)
    assert cut.inputs["text"] == "x" * 120 and "cut after 120 characters" in step(cut, "words").note
    assert "merges are left out" in step(demo("transformative" * 8), "merges").note


@pytest.mark.parametrize(
    ("text", "shown", "left_out", "said"),
    [
        ("né😀 " * 40, 8, 32, "the first 8 of 40; the other 32 are left out"),
        ("né😀 " * 5000, 8, 4992, "the first 8 of about 5,000; the other 4,992 are left out"),
        ("one " * 16 + "two", 16, 1, "the first 16 of 17; the other one is left out"),
        ("a, b.", 2, 0, "all 2 of the text"),
        ("*a*", 1, 0, "the only word of the text"),
        ("ab " + "x😀" * 20, 2, 1, "the first 1 of 2 and the start of the next, cut after 18 characters;"),
        ("注意" * 40, 1, 1, "the start of the only word, cut after 16 characters;"),
        ("注意" * 40 + " b c", 1, 3, "the start of the first of 3, cut after 16 characters;"),
    ],
)
def test_words_are_counted_at_their_spaces(text: str, shown: int, left_out: int, said: str) -> None:
    result = demo(text)
    words = step(result, "words")
    assert words.shape == (shown,) == (result.inputs["words"],)
    assert result.inputs["tokens_left_out"] == left_out
    assert f"The text at its spaces, {said}" in words.note


def test_the_same_text_gives_the_same_result() -> None:
    assert demo() == demo()


def test_bad_input() -> None:
    with pytest.raises(UsageError, match="no words"):
        demo(" \x00 ")


def test_a_byte_has_one_spelling() -> None:
    spelled = [tokenization._spelled(byte) for byte in range(256)]
    assert len({*spelled}) == 256
    np.testing.assert_array_equal([tokenization._bytes(each)[0] for each in spelled], np.arange(256))
