"""The introduction of new cards, and taking it back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from studycli.model.review import StudyCard
from studycli.scheduler.introduction import Introduction
from tests.memory_ledger import study_card


def deck(name: str = "deck", **after: tuple[int, ...]) -> list[StudyCard]:
    """Three new cards; `after2=(1,)` makes the second follow the first."""
    return [study_card(number, deck=name, after=after.get(f"after{number}", ())) for number in (1, 2, 3)]


def first(introduction: Introduction) -> str | None:
    card = introduction.first()
    return card.id.removeprefix("deck:") if card else None


def test_cards_come_in_document_order_until_the_slots_are_used_up() -> None:
    introduction = Introduction([deck("b"), deck("a")], 4)
    seen = []
    while (card := introduction.first()) is not None:
        introduction.take(card.id)
        seen.append((card.id, introduction.left))
    assert seen == [("b:1", 3), ("b:2", 2), ("b:3", 1), ("a:1", 0)]


def test_only_new_cards_are_introduced() -> None:
    document = [study_card(1, due=date(2026, 3, 1)), study_card(2)]
    assert first(Introduction([document], 2)) == "2"


def test_a_settled_card_opens_the_gate_and_an_earlier_card_goes_first() -> None:
    introduction = Introduction([deck(after1=(2,)), deck("later")], 9)
    assert first(introduction) == "2"
    introduction.take("deck:2")
    assert first(introduction) == "3"
    introduction.take("deck:3")
    assert first(introduction) == "later:1"
    introduction.settle("deck:2")
    assert first(introduction) == "1"


def test_a_card_settled_before_its_document_is_opened_holds_nothing_back() -> None:
    introduction = Introduction([deck(after1=(2,))], 3)
    introduction.settle("deck:2")
    assert first(introduction) == "1"


def test_a_gate_opens_when_the_last_of_its_cards_is_settled() -> None:
    introduction = Introduction([deck(after3=(1, 2))], 3)
    introduction.take("deck:1")
    introduction.take("deck:2")
    introduction.settle("deck:1")
    assert first(introduction) is None
    introduction.settle("deck:2")
    assert first(introduction) == "3"


def test_without_gating_nobody_waits() -> None:
    assert first(Introduction([deck(after1=(2,))], 3, gating=False)) == "1"


def test_every_step_can_be_taken_back_and_made_again() -> None:
    introduction = Introduction([deck(after2=(1,), after3=(1,))], 3)
    for _ in range(2):
        assert first(introduction) == "1"
        introduction.take("deck:1")
        assert first(introduction) is None
        introduction.settle("deck:1")
        assert first(introduction) == "2"
        introduction.take("deck:2")
        assert first(introduction) == "3"
        introduction.give_back("deck:2")
        assert first(introduction) == "2"
        introduction.unsettle("deck:1")
        assert first(introduction) is None
        introduction.give_back("deck:1")


def test_no_more_documents_are_opened_than_the_slots_need() -> None:
    opened = []

    def documents() -> Iterator[Sequence[StudyCard]]:
        for name in "abc":
            opened.append(name)
            yield deck(name)

    introduction = Introduction(documents(), 4)
    while (card := introduction.first()) is not None:
        introduction.take(card.id)
    assert opened == ["a", "b"]
