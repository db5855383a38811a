"""Cloze and reversed cards: what a document's card is asked as, and what only looks like one."""

from __future__ import annotations

import pytest

from studycli.documents import cloze, variants
from studycli.documents.deck_check import check
from studycli.documents.load import load_text
from studycli.model.card import Card
from studycli.model.deck import Deck

DECK = "# Flashcard Set: Tests\n\n"


def deck(text: str) -> Deck:
    read = load_text(DECK + text, "tests.md")
    assert isinstance(read, Deck)
    return read


def card(front: str, back: str = "", **values: object) -> Card:
    return Card(number=4, front=front, back=back, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (
            "The {{c1::query}} meets the {{c2::key::what?}}.",
            [
                ("", "The […] meets the key.", "The **query** meets the key."),
                ("c2", "The query meets the [what?].", "The query meets the **key**."),
            ],
        ),
        ("{{c1::a}} and {{c1::b}}", [("", "[…] and […]", "**a** and **b**")]),
        ("{{c1::a {{c2::b}} c}}", [("", "[…]", "**a b c**"), ("c2", "a […] c", "a **b** c")]),
        ("{{c1::a {{c1::b}}}}", [("", "[…]", "**a b**")]),
        ("{{c3::x}} {{c10::y}}", [("c3", "[…] y", "**x** y"), ("c10", "x […]", "x **y**")]),
        ("{{c1::}} {{c0::x}} {{c2::y}}", [("c2", "{{c1::}} {{c0::x}} […]", "{{c1::}} {{c0::x}} **y**")]),
        ("{{c1::open {{c2::y}}", [("c2", "{{c1::open […]", "{{c1::open **y**")]),
        (r"\{{c1::x}} {{c1::y}}", [("", r"\{{c1::x}} […]", r"\{{c1::x}} **y**")]),
        ("`{{c1::x}}` {{c1::`}}`}}", [("", "`{{c1::x}}` […]", "`{{c1::x}}` **`}}`**")]),
        ("```\n{{c1::x}}\n```\n{{c2::y}}", [("c2", "```\n{{c1::x}}\n```\n[…]", "```\n{{c1::x}}\n```\n**y**")]),
        ("{{c1::x}} {{compute: n}}", [("", "[…] {{compute: n}}", "**x** {{compute: n}}")]),
        ("{{c1::{{compute: n}}}}", [("", "[…]", "**{{compute: n}}**")]),
        (r"$d = {{c1::\frac{a}{b}}}$", [("", "$d = […]$", r"$d = \frac{a}{b}$")]),
        ("{{c1::$x$}} (see)", [("", "[…] (see)", "**$x$** (see)")]),
        # What would be a link, and what Markdown could not show in bold.
        ("{{c1::x}}(y)", [("", "[…\\](y)", "**x**(y)")]),
        ("{{c1::(x)}}y", [("", "[…]y", "(x)y")]),
        ("**all {{c1::bold}}**", [("", "**all […]**", "**all bold**")]),
        ("    {{c1::x}}", [("", "    […]", "    x")]),
        ("{{c1:: x }}", [("", "[…]", "**x**")]),
        ("{{c1::- a\n- b}}", [("", "[…]", "- a\n- b")]),
    ],
)
def test_a_cloze_card_is_asked_by_number(text: str, asked: list[tuple[str, str, str]]) -> None:
    expanded = variants.expand(card(text))
    assert [(each.variant, each.front, each.back) for each in expanded] == asked
    assert {each.cloze for each in expanded} == {text}
    assert [each.place for each in expanded] == [f"4/{name}" if name else "4" for name, _, _ in asked]


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "{{compute: c1 = integer(1, 2)}}",
        "`{{c1::x}}`",
        "{{c1::x}",
        "{{c1:x}}",
        "{{C1::x}}",
        "{{c1::{x}}",
        "{{c501::x}}",
        "{{c1::x}} " + "y" * cloze.LONGEST,
        " ".join(f"{{{{c{number}::x}}}}" for number in range(1, cloze.MOST + 2)),
    ],
)
def test_what_is_no_cloze_stays_text(text: str) -> None:
    plain = card(text, "back")
    assert variants.expand(plain) == (plain,)
    assert variants.names(plain) == ()


def test_the_documents_own_back_stands_below() -> None:
    first, second = variants.expand(card("{{c1::a}} {{c2::b}}", "Because.", claims=("x",), brief_front="short"))
    assert (first.back, second.back) == ("**a** b\n\nBecause.", "a **b**\n\nBecause.")
    assert variants.own_back(second) == "Because."
    assert (first.claims, second.claims) == (("x",), ())
    assert first.brief_front is None


def test_a_reversed_card_is_asked_both_ways() -> None:
    forward, reverse = variants.expand(
        card("query", "looks", title="Query", reversed=True, brief_front="q", brief_back="l", field_lines={"front": 3})
    )
    assert (forward.front, forward.back, forward.variant, forward.title) == ("query", "looks", "", "Query")
    assert (reverse.front, reverse.back, reverse.variant, reverse.title) == ("looks", "query", "reversed", "")
    assert (reverse.brief_front, reverse.brief_back, reverse.field_lines) == ("l", "q", {"back": 3})


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("### Card 1 | Easy\n**Reversed:** yes\n**FRONT:**\nf\n**BACK:**\nb\n", True),
        ("### Card 1 | Easy\n**FRONT:**\nf\n**BACK:**\nb\n\n**Type:** Basic (and reversed card)\n", True),
        ("### Card 1 | Easy\n**Type:** reversed\n**FRONT:**\nf\n**BACK:**\nb\n", True),
        ("### Card 1 | Easy\n**Reversed:** no\n**FRONT:**\nf\n**BACK:**\nb\n", False),
        ("### Card 1 | Easy\n**Type:** Basic\n**FRONT:**\nf\n**BACK:**\nb\n", False),
    ],
)
def test_the_field_that_asks_both_ways(text: str, wanted: bool) -> None:
    (only,) = deck(text).cards
    assert only.reversed is wanted
    assert only.back == "b"
    assert len(variants.expand(only)) == 1 + wanted


@pytest.mark.parametrize("line", ["**Reversed:** [3, 2, 1]", "**Type:** a tuple"])
def test_such_words_at_the_end_of_an_answer_stay_in_it(line: str) -> None:
    (only,) = deck(f"### Card 1 | Easy\n**FRONT:**\nf\n**BACK:**\nb\n\n{line}\n").cards
    assert only.back == f"b\n\n{line}"
    assert not only.reversed


@pytest.mark.parametrize(
    ("text", "front", "back"),
    [
        ("### Card 1 | Easy\n{{c1::x}} y\n", "{{c1::x}} y", ""),
        ("### Card 1: Title (Easy)\n{{c1::x}} y\n", "{{c1::x}} y", ""),
        ("### Card 1: Title (Easy)\n{{c1::x}} y\n**BACK:**\nb\n", "{{c1::x}} y", "b"),
        ("### Card 1: Title (Easy)\n`{{c1::x}}` y\n", "Title", "`{{c1::x}}` y"),
        ("### Card 1 | Easy\n**FRONT:**\n{{c1::x}}\n", "{{c1::x}}", ""),
    ],
)
def test_where_clozes_may_stand(text: str, front: str, back: str) -> None:
    (only,) = deck(text).cards
    assert (only.front, only.back) == (front, back)


def test_totals_count_the_cards_of_the_document() -> None:
    read = deck(
        "**Total Cards:** 2\n**Distribution:** 2 Easy\n\n### Card 1 | Easy\n{{c1::x}} {{c2::y}}\n\n"
        "### Card 2 | Easy\n**Reversed:** yes\n**FRONT:**\nf\n**BACK:**\nb\n"
    )
    assert check(read) == []
    assert [variants.names(each) for each in read.cards] == [("c1", "c2"), ("forward", "reversed")]


@pytest.mark.parametrize(
    ("front", "back", "line", "message"),
    [
        ("a\n{{c1::x", "b", 6, "card 1: the cloze c1 is not closed"),
        ("{{c0::x}}", "b", 5, "card 1: clozes count from c1, so c0 is none"),
        ("{{c1:: }}", "b", 5, "card 1: the cloze c1 has no answer"),
        ("{{c501::x}}", "b", 5, "card 1: c501 is no cloze: they count to c500"),
        ("{{c1::a::{{c2::b}}}}", "b", 5, "card 1: the cloze c2 stands in the hint of another"),
        ("a", "b\n{{c1::x}}", 9, "card 1 has a cloze in its back only, where it is text"),
    ],
)
def test_problems_of_clozes(front: str, back: str, line: int, message: str) -> None:
    read = deck(f"### Card 1 | Easy\n**FRONT:**\n{front}\n\n**BACK:**\n{back}\n")
    assert [(each.line, each.message) for each in check(read)] == [(line, message)]


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        (
            "**FRONT:**\nf\n",
            ["card 1 has an empty back", "card 1 has no back, so it cannot be asked in reverse"],
        ),
        ("{{c1::x}}\n", ["card 1 has clozes, so it is not asked in reverse"]),
    ],
)
def test_problems_of_reversed_cards(text: str, messages: list[str]) -> None:
    read = deck(f"### Card 1 | Easy\n**Reversed:** yes\n\n{text}")
    assert [each.message for each in check(read)] == messages
