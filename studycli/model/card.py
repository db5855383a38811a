"""A flashcard as its document states it."""

from __future__ import annotations

from enum import StrEnum

from studycli.model.value import Value
from studycli.model.variant import card_place


class Difficulty(StrEnum):
    """The three levels that decks use."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


class CardPart(Value):
    """A titled extra part of a card, such as a mnemonic (`text` is Markdown)."""

    title: str
    text: str
    line: int


class Card(Value):
    """One card. `front`, `back` and parts are Markdown; `line` and `end_line` are 1-based, inclusive.

    `initial_interval_days` is SM-2's I(1) in days and `initial_ease` its EF(0), both from the deck's schedule.
    `after` holds the numbers of the cards that should be known before this one is introduced. `demo` names what
    computes what the card is about, with its settings, and `claims` what is to be measured for it, both as written.
    `field_lines` holds the line of each field by its name, and the first line of `front` and `back` where these
    stand in the document without a gap.

    A document's card may be asked in several ways, each a card under study: `variant` is "" for its first cloze or its
    front, "c2" for another cloze, "reversed" for the other direction. `cloze` is then the text with its clozes as
    written, None for a card without. `reversed` says that the document wants both directions.
    """

    number: int
    title: str = ""
    difficulty: Difficulty | None = None
    cognitive_level: str | None = None
    concept: str | None = None
    source_section: str | None = None
    related_concepts: tuple[str, ...] = ()
    centrality: str | None = None
    front: str
    back: str
    parts: tuple[CardPart, ...] = ()
    critical: bool = False
    critical_reason: str | None = None
    brief_front: str | None = None
    brief_back: str | None = None
    tags: tuple[str, ...] = ()
    initial_interval_days: int = 1
    initial_ease: float = 2.5
    after: tuple[int, ...] = ()
    demo: str | None = None
    claims: tuple[str, ...] = ()
    fields: dict[str, str] = {}
    field_lines: dict[str, int] = {}
    explicit_id: str | None = None
    reversed: bool = False
    variant: str = ""
    cloze: str | None = None
    line: int = 0
    end_line: int = 0

    def line_of(self, field: str, offset: int = 0) -> int:
        """The line of a field, or of the `offset`-th character of `front` or `back`; else the card's own."""
        first = self.field_lines.get(field)
        if first is None:
            return self.line
        text = {"front": self.front, "back": self.back}.get(field, "")
        return first + text.count("\n", 0, offset)

    @property
    def place(self) -> str:
        """The number of the card, with the way it is asked where that isn't the first: '4', '4/c2', '4/reversed'."""
        return card_place(self.number, self.variant)

    def part(self, title: str) -> str | None:
        """The text of the extra part with this title (case-insensitive), or None."""
        wanted = title.casefold()
        return next((part.text for part in self.parts if part.title.casefold() == wanted), None)
