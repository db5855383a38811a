"""CSV: quoting, formulas, encoding."""

import csv as stdlib_csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studycli.exchange import csv
from studycli.exchange.form import Form
from studycli.exchange.text import clean
from studycli.model.card import Difficulty
from tests.export_cards import study_card

COMPUTED = re.compile(r"\s*[=+\-@\t\r＝＋－＠]|\n")
TEXT = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from("=+-@'\"\t\r\n,;＝＋－＠ \x00")), max_size=20)


def rows(data: bytes) -> list[list[str]]:
    return list(stdlib_csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))


def test_header_and_records() -> None:
    item = study_card('Say "q", k', "two\nlines", concept="C", cognitive_level="Apply", difficulty=Difficulty.EASY)
    assert csv.write([item]) == (
        b'"Front","Back","Difficulty","Concept","Cognitive_Level","Note"\r\n'
        b'"Say ""q"", k","two\nlines","Easy","C","Apply",""\r\n'
    )


def test_a_note_is_in_the_row_of_its_card() -> None:
    cards = [study_card(number=1), study_card(number=2)]
    data = csv.write(cards, written={cards[1].id: "=HYPERLINK(1)", "of another card": "x"})
    assert [row[-1] for row in rows(data)] == ["Note", "", "'=HYPERLINK(1)"]


def test_brief_form() -> None:
    cards = [study_card("F", "B", 1, brief_front="f", brief_back="b"), study_card("F2", "B2", 2)]
    assert [row[:2] for row in rows(csv.write(cards, Form.BRIEF))[1:]] == [["f", "b"], ["F2", "B2"]]
    assert [row[:2] for row in rows(csv.write(cards))[1:]] == [["F", "B"], ["F2", "B2"]]


@pytest.mark.parametrize(
    ("cell", "guarded"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("- item", "'- item"),
        ("-", "'-"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "'\t=1"),
        (" =1", "' =1"),
        ("\n=1", "'\n=1"),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),
        ("'quoted'", "'quoted'"),
        ("a=1", "a=1"),
        ("* item", "* item"),
        ("", ""),
    ],
)
def test_guard(cell: str, guarded: str) -> None:
    assert csv.guard(cell) == guarded
    assert csv.unguard(guarded) == cell


@given(TEXT, TEXT, TEXT, TEXT, TEXT)
def test_a_reader_gets_back_what_was_written(front: str, back: str, concept: str, level: str, own: str) -> None:
    item = study_card(front, back, concept=concept, cognitive_level=level)
    found = rows(csv.write([item], written={item.id: own}))
    assert len(found) == 2
    assert not [cell for row in found for cell in row if COMPUTED.match(cell)]
    given = [clean(front), clean(back), "", clean(concept), clean(level), clean(own)]
    assert [csv.unguard(cell) for cell in found[1]] == given


@given(TEXT)
def test_clean_text_has_no_control_characters(text: str) -> None:
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff]", clean(text))
    assert clean(clean(text)) == clean(text)
