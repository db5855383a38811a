"""Cards made by hand, for the tests of exports."""

from typing import Any
from uuid import NAMESPACE_URL, uuid5

from studycli.model.card import Card
from studycli.model.review import CardState, StudyCard


def study_card(front: str = "Question?", back: str = "Answer.", number: int = 1, **values: Any) -> StudyCard:
    """A card of the deck 'attention'; `values` are those of the StudyCard or of its Card."""
    own = {key: values.pop(key) for key in tuple(values) if key in StudyCard.model_fields}
    card = Card(number=number, front=front, back=back, **values)
    given = {"id": str(uuid5(NAMESPACE_URL, f"card {number}")), "deck": "attention", "deck_title": "Attention"}
    return StudyCard(**{**given, "path": "attention.md", "card": card, "state": CardState(), **own})
