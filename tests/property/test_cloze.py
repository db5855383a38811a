"""Laws of clozes: what is hidden doesn't show, the rest does, and Markdown shows neither marks nor stars."""

from __future__ import annotations

from itertools import count

from hypothesis import given
from hypothesis import strategies as st
from markdown_it.token import Token

from studycli.documents import cloze, dialect, variants
from studycli.exchange import cloze as anki_cloze
from studycli.model.card import Card

FILLING = st.sampled_from(["a word", "x", "(x)", "a.", "`c::d`", "$y_1$", "*em*", "two\nlines", "|", "**", "a\\", "é"])
BETWEEN = st.sampled_from(["", " ", "b", ", ", "(", ")", "\n", "\n\n", "\n- ", "[", "**s**", " { ", "`{{c9::z}}`", "*"])
NUMBERS = st.integers(1, 4)
TOKENS = st.sampled_from(["{{c1::", "{{c2::", "{{c0::", "}}", "{", "}", "::", "x", "`", "\n", "\\", "$", "```\n"])


@st.composite
def cloze_texts(draw: st.DrawFn) -> tuple[str, dict[int, list[str]]]:
    """A text, and the words that each number hides; every word is its own."""
    words = count()
    hidden: dict[int, list[str]] = {}
    parts = [draw(BETWEEN)]
    for _ in range(draw(st.integers(1, 6))):
        number, word = draw(NUMBERS), f"w{next(words)}w"
        hidden.setdefault(number, []).append(word)
        parts += [f"{{{{c{number}::{word}{draw(FILLING)}{draw(st.sampled_from(['', '::hint']))}}}}}", draw(BETWEEN)]
    return "".join(parts), hidden


@given(cloze_texts())
def test_each_number_hides_its_own_answers_and_shows_all_others(made: tuple[str, dict[int, list[str]]]) -> None:
    text, _ = made
    found = cloze.read(text)
    expanded = variants.expand(Card(number=1, front=text, back="own"))
    if not found.found:
        assert len(expanded) == 1
        return
    assert [variants.number_of(each) for each in expanded] == found.numbers
    for each in expanded:
        for one in found.found:
            word = text[one.inner : one.tail].split("w")[1]
            assert (f"w{word}w" in each.front) == (one.number != variants.number_of(each))
            assert f"w{word}w" in each.back
        assert variants.own_back(each) == "own"


@given(cloze_texts())
def test_bold_answers_leave_no_stars_that_were_not_there(made: tuple[str, dict[int, list[str]]]) -> None:
    for each in variants.expand(Card(number=1, front=made[0], back="")):
        if each.cloze is None:
            continue
        plain = Card(number=1, front=each.back.replace("**", ""), back="").front
        stars = shown(each.back).count("*") - shown(plain).count("*")
        assert stars <= made[0].count("*")
        if "*" not in made[0]:
            assert "*" not in shown(each.back)


@given(st.lists(TOKENS, max_size=30).map("".join))
def test_whatever_the_braces_reading_ends_and_nothing_is_lost(text: str) -> None:
    found = cloze.read(text)
    for one in found.found:
        assert text[one.start : one.start + 3] == "{{c"
        assert text[one.end - 2 : one.end] == "}}"
        assert one.start < one.inner < one.tail <= one.end - 2
    for first, second in zip(found.found, found.found[1:], strict=False):
        assert second.start >= first.end or second.end <= first.tail
    for each in variants.expand(Card(number=1, front=text, back="b")):
        assert each.variant == "" or each.cloze == text


@given(cloze_texts())
def test_anki_finds_the_same_numbers(made: tuple[str, dict[int, list[str]]]) -> None:
    text, _ = made
    shown_field = anki_cloze.field(text)
    numbers = {int(part.split("::")[0]) for part in shown_field.split("{{c")[1:]}
    assert numbers == set(cloze.read(text).numbers)


def shown(text: str) -> str:
    """The words and signs that a reader sees."""
    return "".join(_leaves(dialect.parse(text)))


def _leaves(tokens: list[Token]) -> list[str]:
    found: list[str] = []
    for token in tokens:
        found += _leaves(token.children) if token.children else [token.content]
    return found
