"""What cannot be run in a deck, found without running it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from studycli.cli.app import main
from studycli.demos import field_check
from studycli.documents.claim_list import claim_list
from studycli.documents.load import load_text
from studycli.model.deck import Deck
from studycli.model.problem import Problem
from tests.computed_cards import BACK, FRONT

CARD = """\
# Flashcard Set: Testing

### Card 4 | Easy
{fields}
**FRONT (Question):**
{front}

**BACK (Answer):**
{back}
"""


def found(fields: str = "**Concept:** Testing", front: str = "Why?", back: str = "So.") -> list[Problem]:
    deck = load_text(CARD.format(fields=fields, front=front, back=back), "testing.md")
    assert isinstance(deck, Deck)
    problems = field_check.problems([deck])
    assert all((path, problem.severity) == (deck.path, "error") for path, problem in problems)
    return [problem for _, problem in problems]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"fields": "**Concept:** Testing\n**Demo:** nonsense"}, 5),
        ({"fields": "**Demo:** masks\n**Claims:** nonsense"}, 5),
        ({"front": "One.\n\nTwo: {{compute: nonsense}}"}, 8),
        ({"back": "One.\nTwo: {{compute: nonsense}}"}, 10),
        ({"front": "One.\n<!-- a note -->\n{{compute: nonsense}}"}, 3),
    ],
)
def test_the_line_is_that_of_the_field_or_the_number(changes: dict[str, str], line: int) -> None:
    assert [problem.line for problem in found(**changes)] == [line]


GOOD = [
    "**Demo:** kv-cache tokens=16",
    '**Demo:** scaled-dot-product text="the cat sat" seed=3',
    "**Claims:** rows-sum-to-1",
    "**Claims:** attention-weights(scores=[2, 1, 0], d_k=4) = [0.51, 0.31, 0.19], rows-sum-to-1",
    "**Claims:** rows-sum-to-1; kv-cache-bytes(n_layers=32, n_kv_heads=32, d_head=128, tokens=4096, bytes=2) ~ 2 GB",
]


@pytest.mark.parametrize("fields", GOOD)
def test_what_can_be_run_is_no_problem(fields: str) -> None:
    assert found(fields) == []


@pytest.mark.parametrize(
    ("fields", "message", "hint"),
    [
        ("**Demo:** kv-cach", "the demo of card 4 cannot be run: ", "kv-cache"),
        ("**Demo:** kv-cache token=16", "'kv-cache' has no parameter 'token'", "tokens"),
        ("**Demo:** kv-cache tokens=many", "tokens cannot be 'many'", "a whole number"),
        ("**Demo:** kv-cache 16", "'16' is no setting", "NAME=VALUE"),
        ("**Claims:** rows-sum-to-one", "a claim of card 4 cannot be run: no demo makes", "rows-sum-to-1"),
        ("**Claims:** attention-weight(scores=[1, 2], d_k=4) = [1, 0]", "attention-weight", "attention-weights"),
        ("**Claims:** attention-weights(score=[1, 2], d_k=4) = [1, 0]", "score", "scores"),
        ("**Claims:** attention-weights(scores=[1, 2], d_k=4) = many", "many", ""),
        ("**Claims:** attention-weights(scores=[1, 2], d_k=4)", "attention-weights", ""),
        ("**Claims:** attention-weights(scores=[1, 2) = [1, 0]", "", ""),
    ],
)
def test_what_cannot_be_run_is_an_error_with_what_is_close(fields: str, message: str, hint: str) -> None:
    (problem,) = found(fields)
    assert message in problem.message
    assert hint in problem.hint


def test_a_computed_card_that_is_right_is_no_problem() -> None:
    assert found(front=FRONT, back=BACK) == []
    assert found(front="{{compute: a = integer(1, 2)}} {{compute: a}}", back="{{compute: a}}") == []


@pytest.mark.parametrize(
    ("front", "back", "message"),
    [
        ("{{compute: a = integer(2, 1)}}", "x", "no number from 2 to 1"),
        ("{{compute: a = normal(2, 1)}}", "x", "is no draw"),
        ("{{compute: a}}", "x", "nothing draws 'a'"),
        ("{{compute: a = integer(1, 2)", "x", "not closed"),
        ("{{compute: a = integer(1, 2)}} {{compute: a = integer(1, 3)}}", "x", "'a' is drawn twice"),
        ("{{compute: attention-weights(scores=[1, 2], d_k=4)}}", "x", "a question shows drawn values only"),
        ("x", "{{compute: b}}", "nothing draws 'b'"),
        (FRONT, "{{compute: attention-weigths(scores=scores, d_k=d_k)}}", "attention-weigths"),
        (FRONT, "{{compute: attention-weights(scores=score, d_k=d_k)}}", "score"),
        (FRONT, "{{compute: attention-weights(scores=scores)}}", "d_k"),
        ("{{compute: d = choice(4, 0, 4)}}", "{{compute: attention-weights(scores=[1, 2], d_k=d)}}", "d_k"),
        (FRONT, "{{compute: attention-weights(scores=scores, d_k=d_k) to many decimals}}", "nothing to compute"),
    ],
)
def test_a_broken_template_is_an_error(front: str, back: str, message: str) -> None:
    (problem,) = found(front=front, back=back)
    assert problem.message.startswith("a number of card 4 cannot be computed: ")
    assert message in problem.message


@pytest.mark.parametrize(
    "draw",
    [
        "integer(0, 999)",
        "integer(-999, 4)",
        "integer(-999999, 4096)",
        f"choice({', '.join(map(str, range(1, 90)))}, 0)",
    ],
)
def test_a_number_that_only_an_edge_of_its_range_makes_impossible_is_found(draw: str) -> None:
    (problem,) = found(
        front=f"{{{{compute: d = {draw}}}}} {{{{compute: s = integers(3, 0, 99)}}}}",
        back="{{compute: attention-weights(scores=s, d_k=d)}}",
    )
    assert "d_k is" in problem.message


def test_what_several_edges_make_impossible_together_is_found() -> None:
    front = "{{compute: s = choice(inf, 1)}} {{compute: t = choice(2, 3)}}"
    (problem,) = found(front=front, back="{{compute: softmax(scores=[1, s], temperature=t)}}")
    assert "scores" in problem.message


def test_what_is_wrong_many_times_is_told_once() -> None:
    assert len(found(front="{{compute: a = integer(1, 2)}} " * 50)) == 1
    assert len(found(fields=f"**Claims:** {'no-such; ' * 3000}")) == 1


def test_a_claim_that_a_field_names_twice_is_made_once() -> None:
    assert claim_list("b; a; b, a ; `b`") == ("b", "a")


def test_check_says_so_and_ends_with_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "testing.md"
    path.write_text(CARD.format(fields="**Claims:** rows-sum-to-one", front="Why?", back="So."))
    with pytest.raises(SystemExit) as left:
        main(["check", str(path)])
    assert left.value.code == 3
    assert f"{path}:4: error: a claim of card 4 cannot be run" in capsys.readouterr().out


def test_checking_needs_no_torch(tmp_path: Path) -> None:
    path = tmp_path / "testing.md"
    path.write_text(CARD.format(fields="\n".join([GOOD[0], GOOD[4]]), front=FRONT, back=BACK))
    code = f"""
import sys
from studycli.cli.app import main
try:
    main(["check", {str(path)!r}])
except SystemExit as leaving:
    assert not leaving.code
assert not {{"torch", "numpy"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_a_computed_answer_cannot_be_asked_for_in_reverse() -> None:
    (problem,) = found("**Reversed:** yes", FRONT, BACK)[:1]
    assert "a question shows drawn values only" in problem.message
    assert found("**Reversed:** no", FRONT, BACK) == []
