"""What a demo is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studycli.demos.words import has_words

if TYPE_CHECKING:
    from studycli.model.card import Card

DEFAULT_TEXT = "The cat drank the milk because the cat was thirsty."


@dataclass(frozen=True)
class Inputs:
    """The text to compute on (Markdown), the device (auto, cpu or cuda), and the seed of the weights."""

    text: str = DEFAULT_TEXT
    device: str = "auto"
    seed: int = 0


def inputs_for(card: Card, device: str = "auto", seed: int = 0) -> Inputs:
    """A card's own question; where that has no words, its answer, its title or its concept."""
    candidates = (card.front, card.back, card.title, card.concept or "")
    return Inputs(next((text for text in candidates if has_words(text)), card.front), device, seed)
