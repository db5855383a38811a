"""How soon `studycli` answers: help and version beside a bare Typer program, a review beside a bare Textual app."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from benchmarks.terminal import first_shown
from benchmarks.timing import by_turns, process

LIMIT = 1.5
HELLO = """
import typer

app = typer.Typer()


@app.command()
def hello(name: str = "world") -> None:
    print(f"hello {name}")


app()
"""

REVIEW_LIMIT = 2.0
CARDS = (5, 100_000)
CARDS_PER_DECK = 100
WORD = "zanzibar"
BARE = f"""
from textual.app import App, ComposeResult
from textual.widgets import Static


class Bare(App[None]):
    def compose(self) -> ComposeResult:
        yield Static("What is the {WORD}?")


Bare().run()
"""


def run() -> Iterator[str]:
    """The ratio of each start to the bare program's."""
    yield from _help()
    for cards in CARDS:
        yield _review(cards)


def _help() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "hello.py"
        script.write_text(HELLO)
        bare, helped, version = by_turns(
            process([str(script), "--help"]),
            process(["-m", "studycli", "--help"]),
            process(["-m", "studycli", "--version"]),
            rounds=21,
        )
    for name, seconds in (("--help", helped), ("--version", version)):
        ratio = f"{seconds / bare:.2f} x a bare Typer program"
        yield f"studycli {name}: {1000 * seconds:.0f} ms, {ratio} ({1000 * bare:.0f} ms; limit {LIMIT:g})"


def _review(cards: int) -> str:
    """From the command to the first card on the screen, with so many cards in the store."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        script = home / "bare.py"
        script.write_text(BARE)
        database = home / "study.db"
        _fill(database, home / "decks", cards)
        own = {"HOME": name, "XDG_DATA_HOME": name, "XDG_CONFIG_HOME": name}
        ours = {**own, "STUDYCLI_DATABASE": str(database), "STUDYCLI_BUNDLED": "0"}
        bare, review = by_turns(
            first_shown([str(script)], WORD, **own),
            first_shown(["-m", "studycli", "review"], WORD, **ours),
            rounds=11,
        )
    ratio = f"{review / bare:.2f} x a bare Textual app"
    first = f"studycli review, {cards:,} cards, first card: {1000 * review:.0f} ms"
    return f"{first}, {ratio} ({1000 * bare:.0f} ms; limit {REVIEW_LIMIT:g})"


def _fill(database: Path, decks: Path, cards: int) -> None:
    """A store with so many cards, half of them learned and some of these due."""
    from studycli.collection import Collection
    from studycli.config import Settings

    decks.mkdir()
    for start in range(0, cards, CARDS_PER_DECK):
        numbers = range(start + 1, min(start + CARDS_PER_DECK, cards) + 1)
        sections = [
            f"## Card {number - start}\n\n**Front:** What is the {WORD} of {number}?\n\n**Back:** It is {number}.\n"
            for number in numbers
        ]
        (decks / f"deck-{start:06}.md").write_text(f"# Deck from {start}\n\n" + "\n".join(sections), "utf-8")
    with Collection.open(Settings(database=str(database), bundled=False), sync=False) as collection:
        collection.add(str(decks))
        today = collection.today
        learned = [card.id for card in collection.select()][: cards // 2]
    if len(learned) != cards // 2:
        raise RuntimeError("the decks were not read as they were meant")
    # By the repository each grade would be a transaction of its own.
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.executemany(
            "INSERT INTO states (card_id, repetitions, interval_days, ease_factor, due, lapses, answered_well) "
            "VALUES (?, 3, ?, 2.5, ?, 0, 1)",
            [
                (card_id, 1 + place % 97, (today + timedelta(place % 211 - 20)).isoformat())
                for place, card_id in enumerate(learned)
            ],
        )
