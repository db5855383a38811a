"""Lists in columns: what is cut, what goes, and what never does."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from studycli.render.listing import Column, listing

COLUMNS = [
    Column("Deck"),
    Column("Due", number=True, drop=2),
    Column("Cards", number=True, drop=1),
    Column("Title", text=12, drop=0),
]
ROWS = [("attention-in-depth", "3", "12", "Attention, and all that it needs"), ("rnn", "10", "5", "循環 networks")]


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (
            80,
            [
                "Deck                Due  Cards  Title",
                "attention-in-depth    3     12  Attention, and all that it needs",
                "rnn                  10      5  循環 networks",
            ],
        ),
        (
            44,
            [
                "Deck                Due  Cards  Title",
                "attention-in-depth    3     12  Attention, …",
                "rnn                  10      5  循環 networ…",
            ],
        ),
        (43, ["Deck                Due  Cards", "attention-in-depth    3     12", "rnn                  10      5"]),
        (29, ["Deck                Due", "attention-in-depth    3", "rnn                  10"]),
        (22, ["Deck", "attention-in-depth", "rnn"]),
        (10, ["Deck", "attention-in-depth", "rnn"]),
    ],
)
def test_text_is_cut_first_then_columns_go_and_names_stay_whole(width: int, lines: list[str]) -> None:
    assert listing(COLUMNS, ROWS, width).plain.split("\n") == lines


def test_text_that_must_stay_gets_the_room_of_the_others() -> None:
    columns = [Column("Id"), Column("Status", drop=1), Column("Due", drop=0), Column("Question", text=12)]
    rows = [("bcaef071", "suspended", "2026-03-01", "Which four steps turn queries into outputs?")]
    assert listing(columns, rows, 40).plain.split("\n")[1] == "bcaef071  suspended  Which four steps t…"
    assert listing(columns, rows, 30).plain.split("\n")[1] == "bcaef071  Which four steps tu…"
    assert max(map(cell_len, listing(columns, rows, 12).plain.split("\n"))) == 12


def test_cells_are_one_harmless_line() -> None:
    assert listing([Column("A")], [("x\x1b[31m\ny",)], 20).plain == "A\nx[31m y"


def test_no_rows_leave_the_header() -> None:
    assert listing(COLUMNS, [], 80).plain == "Deck  Due  Cards  Title"
