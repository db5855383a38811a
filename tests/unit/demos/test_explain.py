"""Explanations: for every demo's origins, and for each kind of origin on numbers that can be checked by hand."""

from __future__ import annotations

import math
from functools import lru_cache
from random import Random

import pytest

from studycli.demos import registry
from studycli.demos.cells import number
from studycli.demos.explain import SHOWN, explain
from studycli.demos.inputs import Inputs
from studycli.errors import UsageError
from studycli.model.explanation import Stage
from studycli.model.trace import DemoResult, Origin, Step

CELLS = 12


@lru_cache
def run(name: str) -> DemoResult:
    return registry.run(name, Inputs(registry.DEMOS[name].text, "cpu"))


@pytest.mark.parametrize("name", registry.DEMOS)
def test_what_an_origin_says_of_a_number_gives_that_number(name: str) -> None:
    result, random = run(name), Random(name)
    for step in result.steps:
        if step.origin is None or 0 in step.shape:
            continue
        for _ in range(CELLS):
            place = ",".join(str(random.randrange(size)) for size in step.shape)
            stage = explain(result, f"{step.name}[{place}]").stages[0]
            assert stage.kind == step.origin.kind, f"{stage.cell} cannot be taken apart as {step.origin}"
            if stage.computed is not None:
                value, computed = number(stage.value), number(stage.computed)
                assert value == computed or computed == pytest.approx(value, rel=1e-4, abs=1e-4), stage.cell


def step(name: str, values, origin: Origin | None = None, axes=(), **labels: tuple[str, ...]) -> Step:
    shape, inner = [], values
    while isinstance(inner, list):
        shape.append(len(inner))
        inner = inner[0]
    return Step(name=name, shape=tuple(shape), values=values, note="A note.", axes=axes, labels=labels, origin=origin)


def result(*steps: Step) -> DemoResult:
    return DemoResult(demo="tiny", title="Tiny", inputs={}, steps=steps, claims=())


TINY = result(
    step("q", [[1.0, 2.0], [3.0, 4.0]], axes=("query", "d_k"), query=("the", "cat")),
    step("k", [[5.0, 6.0], [7.0, 8.0]], axes=("key", "d_k"), key=("the", "cat")),
    step("scores", [[17.0, 23.0], [39.0, 53.0]], Origin(kind="product", of=("q", "k"), transposed=True)),
    step("scaled", [[8.5, 11.5], [19.5, 26.5]], Origin(kind="ratio", of=("scores",), by=2.0)),
    step("mask", [[1, 0], [1, 1]]),
    step("masked", [[8.5, "-inf"], [19.5, 26.5]], Origin(kind="masked", of=("scaled", "mask"))),
    step("pattern", [[1.0, 0.0], [0.000911, 0.999089]], Origin(kind="softmax", of=("masked",)), ("query", "key")),
    step("v", [[1.0], [10.0]]),
    step("z", [[1.0], [9.9918]], Origin(kind="product", of=("pattern", "v"))),
    step("sum", [[2.0], [19.9918]], Origin(kind="sum", of=("z", "v"))),
    step("norm", [[-1.0, 1.0], [-1.0, 1.0]], Origin(kind="normalised", of=("q",), by=0.0)),
    step("relu", [[8.5, 0.0], [19.5, 26.5]], Origin(kind="function", of=("masked",), note="relu")),
    step("heads", [[[17.0, 23.0], [39.0, 53.0]]] * 3, Origin(kind="product", of=("q", "k"), transposed=True)),
    step("dot", 11.0, Origin(kind="product", of=("left", "left"))),
    step("left", [1.0, 1.0, 3.0]),
    step("by", [17.0, 39.0], Origin(kind="product", of=("q", "u"))),
    step("u", [5.0, 6.0]),
    step("lost", [[1.0]], Origin(kind="ratio", of=("gone",), by=2.0)),
    step("input", [[1.0]], Origin(kind="given", note="Drawn at random.")),
)


@pytest.mark.parametrize(
    ("cell", "chain", "computed"),
    [
        ("scores[1,0]", ["product"], 39.0),
        ("scaled[1, 0]", ["ratio", "product"], 19.5),
        ("masked[0,1]", ["masked"], "-inf"),
        ("masked[1,1]", ["masked", "ratio", "product"], 26.5),
        ("pattern[0,1]", ["softmax", "masked"], 0.0),
        ("pattern[1,0]", ["softmax", "masked", "ratio", "product"], math.exp(-7) / (1 + math.exp(-7))),
        ("z[1,0]", ["product"], 0.000911 + 9.99089),
        ("sum[1,0]", ["sum"], 19.9918),
        ("norm[1,0]", ["normalised", "given"], -1.0),
        ("heads[2,1,0]", ["product"], 39.0),
        ("dot", ["product"], 11.0),
        ("by[1]", ["product"], 39.0),
        ("relu[0,0]", ["function", "masked", "ratio", "product"], None),
        ("input[0,0]", ["given"], None),
    ],
)
def test_each_kind_of_origin(cell: str, chain: list[str], computed: float | str | None) -> None:
    stages = explain(TINY, cell).stages
    assert [stage.kind for stage in stages] == chain
    first = stages[0].computed
    assert first == computed or first == pytest.approx(computed)


def test_a_sum_of_products_shows_its_terms() -> None:
    (stage,) = explain(TINY, "scores[1,0]").stages
    assert stage.cell == "scores[1, 0]" and stage.columns == ("d_k", "q[1, :]", "k[0, :]", "product")
    assert [(term.label, term.parts, term.value) for term in stage.terms] == [
        ("0", (3.0, 5.0), 15.0),
        ("1", (4.0, 6.0), 24.0),
    ]
    assert "dot product of q[1, :] and k[0, :]" in stage.sentence


def test_a_softmax_shows_its_powers_and_their_sum() -> None:
    stage = explain(TINY, "pattern[1,0]").stages[0]
    assert [term.value for term in stage.terms] == pytest.approx([math.exp(-7), 1.0])
    assert stage.names == ("query 1", "key 0") and "26.5" in stage.sentence
    assert stage.outcome.startswith("0.0009119 / 1.001")


def test_of_many_terms_the_largest_are_shown_and_the_rest_is_added_up() -> None:
    numbers = [float((-1) ** i * i) for i in range(40)]
    many = result(step("x", numbers), step("y", [2.0] * 40), step("xy", -40.0, Origin(kind="product", of=("x", "y"))))
    (stage,) = explain(many, "xy").stages
    assert [term.label for term in stage.terms] == [str(i) for i in range(40 - SHOWN, 40)]
    assert stage.left_out == 40 - SHOWN and stage.computed == -40.0
    assert sum(term.value for term in stage.terms) + stage.rest == stage.computed


def test_the_own_term_of_a_softmax_is_always_shown() -> None:
    row = [0.0, *(float(i) for i in range(1, 30))]
    powers = [math.exp(x - 29) for x in row]
    pattern = step("p", [[power / sum(powers) for power in powers]], Origin(kind="softmax", of=("x",)))
    stage = explain(result(step("x", [row]), pattern), "p[0,0]").stages[0]
    assert stage.terms[0].label == "0" and len(stage.terms) == SHOWN
    assert stage.computed == pytest.approx(number(stage.value))


def test_what_does_not_follow_from_the_steps_says_so() -> None:
    assert "doesn't take apart" in explain(TINY, "lost[0,0]").stages[0].sentence
    assert explain(TINY, "input[0,0]").stages[0].sentence == "Drawn at random."


def test_a_word_is_an_input_and_a_number_without_an_origin_is_not() -> None:
    odd = result(step("tokens", ["the", "cat"]), step("x", ["inf", 1.0]))
    assert explain(odd, "tokens[1]").stages[0].sentence == "This is an input. A note."
    assert "doesn't take this number apart" in explain(odd, "x[1]").stages[0].sentence
    assert "doesn't take this number apart" in explain(odd, "x[0]").stages[0].sentence


@pytest.mark.parametrize(
    ("name", "cell", "said"),
    [
        ("block", "stream[0,1]", "root of the sum of the squares"),
        ("block", "attention adds[1,0]", "'attn.out'"),
        ("block", "likeliest[0]", "largest weight"),
        ("scaling", "variance[0,1]", "(score - mean of all scores)²"),
        ("scaling", "entropy[0,0]", "p ln(p)"),
        ("scaling", "response[0,0]", "p (1 - p)"),
        ("layer-norm", "before[0,1]", "(x - mean)²"),
        ("layer-norm", "after rms norm[0,2]", "row of 'rms norm'"),
        ("layer-norm", "placement[0,0]", "variance over the features"),
        ("head-patterns", "roles[0,0]", "largest"),
        ("tokenization", "tokens[0]", "joined by the rules"),
    ],
)
def test_summaries_say_how_they_are_made(name: str, cell: str, said: str) -> None:
    sentence = explain(run(name), cell).stages[0].sentence
    assert said in sentence and "input" not in sentence and "take this number apart" not in sentence


def test_infinite_rows_end_in_no_error() -> None:
    values = [["inf", "-inf"], ["-inf", "-inf"]]
    odd = result(
        step("x", values),
        step("p", [["nan", "nan"], ["nan", "nan"]], Origin(kind="softmax", of=("x",))),
        step("n", [["nan", "nan"], ["nan", "nan"]], Origin(kind="normalised", of=("x",))),
        step("xx", [["nan", "nan"], ["nan", "nan"]], Origin(kind="product", of=("x", "x"))),
    )
    for cell in ("p[0,0]", "p[1,1]", "n[0,1]", "xx[0,0]", "xx[1,1]"):
        stage: Stage = explain(odd, cell).stages[0]
        assert stage.model_dump_json()


@pytest.mark.parametrize(
    ("cell", "message", "hint"),
    [
        ("pattrn[0,0]", "has no step 'pattrn'", "did you mean pattern?"),
        ("zzzz", "has no step 'zzzz'", "its steps are q, k,"),
        ("pattern", "0 of 2 indices", "2 indices: query 0 to 1, key 0 to 1"),
        ("pattern[1]", "1 of 2 indices", "2 indices"),
        ("pattern[1,1,1]", "3 of 2 indices", "2 indices"),
        ("pattern[0,2]", "outside of pattern", "key 0 to 1"),
        ("pattern[0,-1]", "whole number from 0 up", "2 indices"),
        ("pattern[0,x]", "whole number from 0 up", "2 indices"),
        (f"pattern[0,{'9' * 5000}]", "whole number from 0 up", "2 indices"),
        ("pattern[0,²]", "whole number from 0 up", "2 indices"),
        ("dot[0]", "1 of 0 indices", "dot takes no index"),
        ("pattern[[0]", "is no cell", "pattern[0,2,1]"),
        ("", "is no cell", "pattern[0,2,1]"),
        ("q" * 5000, "q…'", "its steps are"),
        (f"pattern[{'0,' * 5000}]", "5000 of 2 indices", "2 indices"),
    ],
)
def test_a_cell_that_is_not_there(cell: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        explain(TINY, cell)
    assert message in caught.value.message and hint in str(caught.value.hint)
    assert len(caught.value.message) < 120
