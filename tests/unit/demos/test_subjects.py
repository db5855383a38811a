"""Subjects: what a text says of its hidden words, against the links that the grammar itself notes."""

from __future__ import annotations

from random import Random

import pytest

from studycli.demos.subjects import MASK, HiddenPronoun, HiddenVerb, roles
from studycli.engine.miniatures.grammar import sentences


@pytest.mark.parametrize("held_out", [True, False])
def test_every_link_of_the_grammar_is_read_as_it_was_written(held_out: bool) -> None:
    for sentence in sentences(400, Random(5), held_out):
        for link in sentence.links:
            tokens = [MASK if at == link.place else word for at, word in enumerate(sentence.words)]
            verb, pronoun = HiddenVerb(link.target, link.rivals), HiddenPronoun()
            assert roles(tokens) == {link.place: verb if link.relation == "agreement" else pronoun}, tokens


@pytest.mark.parametrize(
    "text",
    [
        "the king <mask> the girls sleeps",  # beside, or that
        "the king beside the girls that <mask> the boys sleeps",  # who does it, is open
        "the <mask> sleeps",
        "the <mask> <mask>",
        "the king <mask> <mask>",
        "he <mask>",
        "<mask> king",
        "the king beside <mask>",
        "the king that likes <mask> sleeps",
        "the witch says that <mask>",
        "the queen promised the king that she would <mask>",
    ],
)
def test_what_could_be_something_else_has_no_role(text: str) -> None:
    assert roles(text.split()) == {}


def test_two_masks_of_a_text() -> None:
    text = "the queen beside the boys <mask> that the girl warned the king that <mask> should leave"
    assert roles(text.split()) == {5: HiddenVerb(1, (4,)), 13: HiddenPronoun()}
