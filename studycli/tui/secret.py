"""The secret: what gives away the answer of the question that stands, until it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studycli.model.concept_name import key
from studycli.model.variant import REVERSED
from studycli.scheduler.siblings import are_siblings

if TYPE_CHECKING:
    from studycli.model.review import StudyCard
    from studycli.tui.study import Study

UNTIL = "until you have answered the card that is asked now"
ANOTHER_WAY = "(the card that is asked now, asked another way)"
STAYS_HIDDEN = f"This is the card that is asked now, asked another way; it stays hidden {UNTIL}."


@dataclass(frozen=True)
class Secret:
    """The card that the review asks now, None for none, and whether its answer is shown there."""

    card: StudyCard | None = None
    revealed: bool = True

    @classmethod
    def of(cls, study: Study) -> Secret:
        """What a review keeps at this moment."""
        return cls(study.question.card if study.question is not None else None, study.revealed)

    def hides_answer(self, card: StudyCard) -> bool:
        """Whether the answer of a card gives away the one in question: its own, or the same asked another way."""
        asked = self._kept
        return asked is not None and (card.id == asked.id or are_siblings(card, asked))

    def hides_question(self, card: StudyCard) -> bool:
        """Whether even its question and its title do: it is the one in question, asked another way."""
        return self.hides_answer(card) and self.card is not None and card.id != self.card.id

    @property
    def hides_concept(self) -> bool:
        """Whether the name of the concept in question does: a reversed card often asks for that very word."""
        return self._kept is not None and self._kept.card.variant == REVERSED

    def hides_definition(self, *names: str | None) -> bool:
        """Whether what a concept of these names is may be the answer.

        Where the name is the secret, to hide what it is would only point at it.
        """
        asked_on = self._kept.card.concept if self._kept is not None and not self.hides_concept else None
        return bool(asked_on) and key(asked_on or "") in (key(name) for name in names if name)

    @property
    def _kept(self) -> StudyCard | None:
        return None if self.revealed else self.card
