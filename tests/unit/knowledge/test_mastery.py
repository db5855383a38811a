"""How well a concept is known, by the states of its cards."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studycli.knowledge.mastery import Level, card_level, concept_level, taught
from studycli.model.review import CardState
from studycli.model.teaching import Teaching
from studycli.scheduler import sm2
from tests.concept_maps import GARDEN, read

DAY = date(2026, 3, 2)


def state(repetitions: int = 1, interval: int = 1, ease: float = 2.5, lapses: int = 0) -> CardState:
    return CardState(
        repetitions=repetitions, interval_days=interval, ease_factor=ease, due=DAY + timedelta(interval), lapses=lapses
    )


def teaching(state: CardState, suspended: bool = False, concept: str = "x", card_id: str = "c") -> Teaching:
    return Teaching(card_id, concept, suspended, state)


@pytest.mark.parametrize(
    ("of", "level"),
    [
        (CardState(), Level.NEW),
        (CardState(ease_factor=1.3), Level.NEW),
        (state(0, lapses=1), Level.LEARNING),
        (state(1), Level.LEARNING),
        (state(1, 30), Level.LEARNING),
        (state(2, 6), Level.FAMILIAR),
        (state(3, 20), Level.FAMILIAR),
        (state(3, 20, lapses=1), Level.FAMILIAR),
        (state(3, 20, ease=1.3), Level.FAMILIAR),
        (state(3, 21), Level.KNOWN),
        (state(2, 21, ease=1.3, lapses=9), Level.KNOWN),
        (state(3, 20, lapses=2), Level.SHAKY),
        (state(0, lapses=2), Level.SHAKY),
        (state(3, 20, ease=1.69, lapses=1), Level.SHAKY),
        (state(3, 20, ease=1.7, lapses=1), Level.FAMILIAR),
        (state(3, 20, ease=1.7 + 0.1 - 0.1 - 1e-15, lapses=1), Level.FAMILIAR),
    ],
)
def test_the_level_of_a_card(of: CardState, level: Level) -> None:
    assert card_level(of) is level


NEW, WELL, BADLY, FAIRLY = CardState(), state(3, 40), state(2, 6, lapses=3), state(2, 6)


@pytest.mark.parametrize(
    ("cards", "level"),
    [
        ([], Level.NO_CARDS),
        ([NEW, NEW], Level.NEW),
        ([WELL, WELL], Level.KNOWN),
        ([WELL, FAIRLY], Level.FAMILIAR),
        ([WELL, NEW], Level.LEARNING),
        ([WELL, BADLY, NEW], Level.SHAKY),
    ],
)
def test_the_level_of_a_concept(cards: list[CardState], level: Level) -> None:
    assert concept_level(teaching(card) for card in cards) is level


def test_suspended_cards_do_not_count() -> None:
    assert concept_level([teaching(BADLY, suspended=True), teaching(WELL)]) is Level.KNOWN
    assert concept_level([teaching(BADLY, suspended=True)]) is Level.NO_CARDS


def test_every_level_has_its_own_mark() -> None:
    assert len({level.glyph for level in Level}) == len(Level)
    assert [level.word for level in Level] == ["no cards", "new", "shaky", "learning", "familiar", "known"]


histories = st.lists(st.sampled_from(sm2.QUALITIES), max_size=8)


def after(history: list[int], ease: float, first: int) -> CardState:
    reached = sm2.new(ease)
    for quality in history:
        reached = sm2.review(reached, quality, DAY, initial_interval=first)
    return reached


@given(
    histories=st.lists(histories, min_size=1, max_size=4),
    which=st.integers(0, 3),
    good=st.lists(st.sampled_from([4, 5]), min_size=1, max_size=6),
    ease=st.floats(1.3, 3.0),
    first=st.integers(1, 40),
)
def test_a_good_answer_never_lowers_a_level(
    histories: list[list[int]], which: int, good: list[int], ease: float, first: int
) -> None:
    states = [after(history, ease, first) for history in histories]
    place = which % len(states)
    before = card_level(states[place]), concept_level(map(teaching, states))
    for quality in good:
        states[place] = sm2.review(states[place], quality, DAY, initial_interval=first)
        now = card_level(states[place]), concept_level(map(teaching, states))
        assert now[0] >= before[0] and now[1] >= before[1]
        before = now


@given(histories)
def test_enough_good_answers_make_a_card_known(history: list[int]) -> None:
    assert card_level(after([*history, 5, 5, 5, 5, 5, 5, 5, 5], 2.5, 1)) is Level.KNOWN


def test_cards_are_found_by_every_name_of_their_concept() -> None:
    names = ["Root Network", "root networks", "RN", "NF", "Spade", "Leaf Canopy"]
    cards = [teaching(NEW, concept=name, card_id=f"c{place}") for place, name in enumerate(names)]
    garden = read(GARDEN)
    ids = {concept.name: concept.id for concept in garden.concepts}
    found = taught(garden, cards)
    by_name = {concept.name: found[concept.id] for concept in garden.concepts if concept.id in found}
    assert by_name == {
        "Root Network": ["c0", "c1", "c2"],
        "Nitrogen Fixation": ["c3"],
        "Leaf Canopy": ["c5"],
    }, ids
