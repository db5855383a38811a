"""The lines of a card, their places, and how the room is shared out between question and answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studycli.model.card import Card
from studycli.render.markdown import render_markdown
from studycli.tui import card_edge, card_layout, card_page, card_pieces
from studycli.tui.card_page import Page
from studycli.tui.card_pieces import Markdown

WORDS = " ".join(f"word{number}" for number in range(400))


def page(text: str, width: int, *masks: str) -> Page:
    return card_page.draw(render_markdown(text), width, masks)


def text_of(drawn: Page) -> list[str]:
    return ["".join(text for text, _ in line) for line in drawn.lines]


def standing_out(drawn: Page) -> list[str]:
    return [text for line in drawn.lines for text, style in line if "reverse" in style]


@pytest.mark.parametrize(("narrow", "wide"), [(30, 90), (41, 60)])
@pytest.mark.parametrize("line", [0, 7, 40])
def test_the_word_at_the_top_is_found_again_at_another_width(narrow: int, wide: int, line: int) -> None:
    before, after = page(WORDS, narrow), page(WORDS, wide)
    first = text_of(before)[line].split()[0]
    assert first in text_of(after)[after.line_at(before.place(line))].split()


def test_a_place_is_the_same_line_at_the_same_width() -> None:
    drawn = page(WORDS, 40)
    assert [drawn.line_at(drawn.place(line)) for line in range(drawn.height)] == list(range(drawn.height))


def test_an_empty_page_has_one_place() -> None:
    assert Page().place(3) == 0
    assert Page().line_at(0.5) == 0


def test_pages_one_below_the_other_are_as_one() -> None:
    whole = page("one\n\ntwo three", 20)
    parts = [page("one", 20), page("", 20), card_page.draw(render_markdown("\n"), 20), page("two three", 20)]
    joined = Page()
    for part in parts:
        joined = joined.and_then(part)
    assert [line for line in text_of(joined) if line] == [line for line in text_of(whole) if line]
    assert joined.letters[-1] == whole.letters[-1]


def test_masks_stand_out_and_nothing_else() -> None:
    drawn = page("A [list] of [what it gives] and 界 […] here", 60, "[…]", "[what it gives]")
    assert standing_out(drawn) == ["[what it gives]", "[…]"]


def test_a_mask_stands_out_over_a_fold() -> None:
    drawn = page("It turns into [what it gives] then", 24, "[what it gives]")
    assert " ".join(standing_out(drawn)) == "[what it gives]"
    assert len(standing_out(drawn)) == 2


def test_masks_are_those_of_the_cloze_that_is_asked_for() -> None:
    text = "{{c1::a}} and {{c2::b::hint}} and {{c2::c}}"
    assert card_pieces.masks(text, "") == ["[…]"]
    assert card_pieces.masks(text, "c2") == ["[hint]", "[…]"]
    assert card_pieces.masks(None, "") == []


def test_what_stands_in_the_place_of_a_cloze_counts_as_an_answer() -> None:
    card = Card(number=1, front="x", back="all of a and b", cloze="all of {{c1::a}} and {{c2::b}}", variant="c2")
    assert card_pieces.expected(card).brief_back == "b"
    plain = Card(number=1, front="x", back="b")
    assert card_pieces.expected(plain) is plain


@pytest.mark.parametrize(
    ("text", "has"),
    [("no", False), ("it costs $5 and $6", False), ("$x^2$", True), ("`$x$`", False), ("a\n\n$$y$$", True)],
)
def test_formulas_are_found(text: str, has: bool) -> None:
    assert card_pieces.have_formulas([text]) is has


@given(st.lists(st.sampled_from(["word " * 60 + "\n", "\n", "```\n", "x" * 25_000 + "\n"]), min_size=60, max_size=160))
def test_a_long_text_loses_nothing_in_parts(lines: list[str]) -> None:
    text = "".join(lines)
    parts = list(card_pieces._parts(text))
    assert max(map(len, parts)) < 50_000
    letters = [sum(part.count(letter) for part in parts) for letter in "wx"]
    assert letters == [text.count("w"), text.count("x")]


def test_code_goes_on_as_code_in_the_next_part() -> None:
    text = "```\n" + "a *b* c\n" * 8000 + "```\n\nafter *all*"
    pages = [card_page.draw(part, 40) for part in Markdown(text, first=True).draw("unicode")]
    assert len(pages) > 2
    drawn = [line for one in pages for line in text_of(one)]
    assert sum("a *b* c" in line for line in drawn) == 8000
    assert drawn[-1].strip() == "after all"


@given(st.integers(3, 70), st.integers(0, 500), st.none() | st.integers(0, 500), st.booleans())
def test_the_room_is_shared_out_whole(height: int, front: int, back: int | None, typing: bool) -> None:
    rows = card_layout.rows(height, front, back, typing=typing)
    total = rows.top + rows.front + rows.front_edge + rows.field + rows.back + rows.back_edge
    assert total <= max(height, 3)
    assert rows.front >= 1
    if back is None:
        assert rows.back == rows.back_edge == 0
        assert bool(rows.front_edge) == (front > rows.front)
    else:
        assert rows.back >= 1
        assert rows.back >= back or total == max(height, 3)
        # The question gets more than its share only where the answer leaves it.
        assert rows.front <= max(int(height * 0.4), 1) or rows.back >= back


@pytest.mark.parametrize(
    ("above", "below", "said"),
    [
        (0, 0, ""),
        (0, 1, "▼ 1 more line"),
        (9, 12, "▼ 12 more lines"),
        (1, 0, "▲ 1 line above"),
        (30, 0, "▲ 30 lines above"),
    ],
)
def test_what_is_out_of_sight(above: int, below: int, said: str) -> None:
    assert card_edge.hidden(above, below) == said
