"""A store with cards in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from studycli.store.repository import Repository
from tests.store_cards import CARDS, document, update


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    """Three cards, 'c1' to 'c3', in the deck 'deck'."""
    with Repository.open(str(tmp_path / "study.db")) as opened:
        with opened.library() as library:
            library.save_document(document("/x/deck.md"))
            library.save_cards([update(f"c{card.number}", place, card) for place, card in enumerate(CARDS)])
        yield opened
