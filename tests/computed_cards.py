"""A computed card, and the rows of numbers in what is shown of it."""

from __future__ import annotations

import re

from studycli.model.review import StudyCard
from tests.memory_ledger import study_card

FRONT = (
    "Scores {{compute: scores = integers(3, -2, 3)}}, d_k = {{compute: d_k = choice(1, 4, 16)}}: what are the weights?"
)
BACK = "{{compute: attention-weights(scores=scores, d_k=d_k) to 3 decimals}}, for {{compute: scores}}."


def computed(front: str = FRONT, back: str = BACK, **fields: str) -> StudyCard:
    """A new card with these sides."""
    plain = study_card(1)
    return plain.model_copy(update={"card": plain.card.model_copy(update={"front": front, "back": back, **fields})})


def numbers(text: str) -> list[list[float]]:
    """Every row such as `[2, 1, 0]` in a text."""
    return [[float(number) for number in row.split(",")] for row in re.findall(r"\[([^\]]*)\]", text)]
