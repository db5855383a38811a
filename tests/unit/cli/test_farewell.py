"""The summary at the end of a review, which comes whatever happened to the documents meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studycli import config
from studycli.cli.workspace import Wanted, say_farewell
from studycli.collection import Collection

CARDS = "".join(f"\n### Card {n} | Easy\n\n#### Front\nQuestion {n}?\n\n#### Back\nAnswer {n}.\n" for n in (1, 2))


@pytest.mark.parametrize("by_name", [True, False])
def test_the_document_was_deleted_meanwhile(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], by_name: bool
) -> None:
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    path = tmp_path / "gone.md"
    path.write_text(f"# Flashcards: Gone\n{CARDS}", "utf-8")
    with Collection.open(config.load()) as collection:
        collection.add(str(path))
        wanted = Wanted(("gone" if by_name else str(path),))
        session = wanted.session(collection)
        session.grade(4, 1.0)
        path.unlink()
        collection.sync()
        say_farewell(session.summary(), session.next() is not None, collection, wanted, store_works=True)
    said = capsys.readouterr().out
    assert "1 answer on 1 card" in said and "due tomorrow" in said


def test_a_path_that_was_taken_out_of_the_sources_is_not_brought_back(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    path = tmp_path / "out.md"
    path.write_text(f"# Flashcards: Out\n{CARDS}", "utf-8")
    with Collection.open(config.load()) as collection:
        wanted = Wanted((str(path),))
        session = wanted.session(collection)
        session.grade(4, 1.0)
        collection.remove(str(path))
        say_farewell(session.summary(), True, collection, wanted, store_works=True)
        assert str(path) not in [source.name for source in collection.sources()]
    assert "1 answer on 1 card" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "1 new card left for another day: the day's limit of new cards"),
        ({"new": 1}, ""),
        ({"cram": True}, ""),
        ({"names": ()}, ""),
    ],
)
def test_a_review_of_a_deck_says_what_the_days_limit_leaves(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], said: str
) -> None:
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    monkeypatch.setenv("STUDYCLI_NEW_PER_DAY", "1")
    path = tmp_path / "two.md"
    path.write_text(f"# Flashcards: Two\n{CARDS}", "utf-8")
    with Collection.open(config.load()) as collection:
        collection.add(str(path))
        assert Wanted(**{"names": ("two",), **options}).held_back(collection) == said


def test_cards_that_wait_for_others_are_not_held_back_by_the_limit(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    path = tmp_path / "two.md"
    path.write_text(f"# Flashcards: Two\n{CARDS}", "utf-8")
    with Collection.open(config.load()) as collection:
        collection.add(str(path))
        assert collection.held_back(("two",)) == 0
