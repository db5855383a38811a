"""HTML of whole decks: no word of a real card is lost or made up."""

import html as stdlib_html
import re
from pathlib import Path

import pytest

from studycli import paths
from studycli.documents.load import load
from studycli.exchange import html
from studycli.model.deck import Deck

FENCE = re.compile(r"^\s*`{3,}.*", re.MULTILINE)


def words(text: str) -> list[str]:
    """All words and numbers but those of one or two digits, which HTML does not say for a numbered list."""
    return sorted(word for word in re.findall(r"\w+", FENCE.sub("", text)) if not re.fullmatch(r"\d\d?", word))


def lost_or_added(file: Path) -> list[tuple[int, set[str]]]:
    deck = load(file)
    assert isinstance(deck, Deck)
    assert deck.cards
    found = []
    for card in deck.cards:
        for text in (card.front, card.back, *(part.text for part in card.parts)):
            shown = stdlib_html.unescape(re.sub(r"<[^>]*>", " ", html.from_markdown(text)))
            if words(text) != words(shown):
                found.append((card.number, set(words(text)) ^ set(words(shown))))
    return found


@pytest.mark.parametrize("file", sorted(paths.bundled_folders()[0].glob("*.md")), ids=lambda file: file.name)
def test_bundled_decks(file: Path) -> None:
    assert lost_or_added(file) == []


def test_sample_deck(samples: Path) -> None:
    assert [lost_or_added(file) for file in sorted(samples.glob("*flashcards*.md"))] == [[]]
