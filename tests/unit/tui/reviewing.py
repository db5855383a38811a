"""A review under test: a deck of plain cards, what is in the log afterwards, and another run beside this one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.pilot import Pilot

from studycli import config
from studycli.collection import Collection
from tests.unit.tui.workspace import DEADLINE, study, workspace

CARD = "### Card {n} | Easy\n**Concept:** Concept {n}\n\n#### Front\nQuestion {n}?\n\n#### Back\nAnswer {n}.\n"


def write_deck(folder: Path, count: int = 3, name: str = "many") -> Path:
    path = folder / f"{name}.md"
    cards = "\n".join(CARD.format(n=n) for n in range(1, count + 1))
    path.write_text(f"# Flashcards: {name.title()}\n\n{cards}", "utf-8")
    return path


def only(monkeypatch: pytest.MonkeyPatch, **settings: object) -> None:
    """Settings for a review of the test's own documents."""
    for name, value in {"bundled": False, **settings}.items():
        monkeypatch.setenv(f"STUDYCLI_{name.upper()}", str(value))


def asked(pilot: Pilot[None]) -> int | None:
    question = study(pilot).question
    return question.card.card.number if question is not None else None


def message(pilot: Pilot[None]) -> str:
    from studycli.tui.grade_bar import GradeBar

    return workspace(pilot).review.query_one(GradeBar).message


async def left(pilot: Pilot[None]) -> None:
    """Wait until the app is about to end; a pilot can't pause any more then."""
    async with asyncio.timeout(DEADLINE):
        while not workspace(pilot)._exit:
            await asyncio.sleep(0.001)


def log() -> list[tuple[int, int | None]]:
    """The number of the card and the quality of each row that stands, oldest first."""
    with Collection.open(config.load(), sync=False) as collection:
        cards = collection.repository.cards(today=collection.today, archived=True)
        rows = [(row, card.card.number) for card in cards for row in collection.repository.history(card.id)]
    undone = {row.undoes for row, _ in rows}
    standing = [
        (row.id or 0, number, row.quality) for row, number in rows if row.quality is not None and row.id not in undone
    ]
    return [(number, quality) for _, number, quality in sorted(standing)]
