"""Computed cards filled: one draw for each answer, answers by the engine, and failures told in their place."""

from __future__ import annotations

import re
import subprocess
import sys

import numpy as np
import pytest

from studycli.demos import card_inputs
from studycli.demos.computed import filling
from studycli.model.card import Card
from tests.computed_cards import BACK, FRONT, computed, numbers


def test_a_question_is_the_same_until_it_is_answered_and_new_then() -> None:
    study = computed()
    fronts = [filling.asked(study, given).card.front for given in range(20)]
    assert fronts == [filling.asked(study, given).card.front for given in range(20)]
    assert len(set(fronts)) > 10
    assert all(
        re.fullmatch(r"Scores \[-?\d, -?\d, -?\d\], d_k = (1|4|16): what are the weights\?", front) for front in fronts
    )


def test_cards_draw_for_themselves() -> None:
    study = computed()
    other = study.model_copy(update={"id": "another"})
    assert any(filling.asked(study, n).card.front != filling.asked(other, n).card.front for n in range(5))


def test_the_answer_is_what_the_engine_computes_from_the_numbers_asked() -> None:
    study = computed()
    for given in range(5):
        card = filling.answered(study, given).card
        assert card.front == filling.asked(study, given).card.front
        (scores,) = numbers(card.front)
        d_k = int(re.findall(r"d_k = (\d+)", card.front)[0])
        weights, again = numbers(card.back)
        exponentials = np.exp(np.array(scores) / np.sqrt(d_k))
        np.testing.assert_allclose(weights, exponentials / exponentials.sum(), atol=5.1e-4)
        assert again == scores


def test_asking_leaves_the_answer_for_later() -> None:
    assert filling.asked(computed()).card.back == BACK


def test_brief_forms_know_what_the_full_sides_draw() -> None:
    brief = {"brief_front": "Weights of {{compute: scores}}, d_k {{compute: d_k}}?", "brief_back": BACK}
    card = filling.answered(computed(**brief)).card
    assert numbers(card.brief_front or "") == numbers(card.front)
    assert card.brief_back == card.back


def test_a_brief_form_may_draw_for_itself() -> None:
    brief = {"brief_front": "{{compute: scores = integer(100, 200)}}?", "brief_back": "{{compute: scores}}"}
    card = filling.answered(computed(**brief)).card
    assert card.brief_front == f"{card.brief_back}?"
    assert 100 <= int(card.brief_back or "") <= 200
    assert numbers(card.front)


@pytest.mark.parametrize(
    ("back", "told"),
    [
        ("{{compute: lost}}", "(not computed: nothing draws 'lost')"),
        ("{{compute: no-such-quantity(a=1)}}", "(not computed: "),
        ("{{compute: attention-weights(scores=lost, d_k=4)}}", "(not computed: "),
        ("{{compute: attention-weights(scores=scores, d_k=0)}}", "(not computed: "),
        ("{{compute: attention-weights(scores=scores, d_k=d_k", "(not computed: a {{compute: …}} is not closed)"),
    ],
)
def test_an_answer_that_cannot_be_computed_says_why_in_its_place(back: str, told: str) -> None:
    card = filling.answered(computed(back=f"before {back} after {{{{compute: d_k}}}}")).card
    assert card.back.startswith(f"before {told}")
    assert re.search(r"after (1|4|16)$", card.back)


def test_a_question_shows_drawn_values_only() -> None:
    front = filling.asked(computed(front="{{compute: attention-weights(scores=[1, 2], d_k=4)}}?")).card.front
    assert front == "(not computed: a question shows drawn values only)?"


def test_a_card_without_templates_stays_the_very_same() -> None:
    study = computed("What is {x}?", "{{y}}")
    assert filling.asked(study) is study
    assert filling.answered(study) is study


def test_a_demo_computes_on_the_question_as_it_is_asked() -> None:
    card = Card(number=1, front=FRONT, back="x", demo="scaled-dot-product")
    text = card_inputs.inputs_for(card, card_inputs.choose(card)).text
    assert "compute" not in text
    assert numbers(text)


def test_asking_needs_no_torch() -> None:
    code = f"""
import sys
from studycli.demos.computed import filling
from studycli.model.card import Card
print(filling.example(Card(number=1, front={FRONT!r}, back={BACK!r})).front)
assert not {{"torch", "numpy"}} & set(sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert numbers(done.stdout)
