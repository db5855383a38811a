"""Explain: where a cell of a step comes from, out of the origins and values of the result alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from studycli.demos.cells import Cell, aligned, name, number, parse
from studycli.model.explanation import Explanation, Stage, Term
from studycli.model.trace import DemoResult, Origin, Step

SHOWN = 8
"""How many terms of a sum are shown; of more, the largest."""

_DEEPEST = 6
_GIVEN = Origin(kind="given")
Numbers = Sequence[float | str]


def explain(result: DemoResult, text: str) -> Explanation:
    """Where the cell comes from, back to the first that is a sum of products, or given.

    Raises UsageError for a cell that isn't there.
    """
    steps = {step.name: step for step in result.steps}
    cell: Cell | None = parse(text, result)
    found: list[_Found] = []
    while cell is not None and len(found) < _DEEPEST:
        found.append(_found(cell, steps))
        cell = found[-1].before
    onward = tuple(dict.fromkeys(each.text for each in found[-1].operands if each.step.origin not in (None, _GIVEN)))
    return Explanation(demo=result.demo, stages=tuple(each.stage for each in found), onward=onward)


@dataclass(frozen=True)
class _Found:
    """A stage, the one cell that it goes back to, and the cells that it is made of where these are several."""

    stage: Stage
    before: Cell | None = None
    operands: tuple[Cell, ...] = ()


def _found(cell: Cell, steps: Mapping[str, Step]) -> _Found:
    origin = cell.step.origin or _GIVEN
    of = [steps[other] for other in origin.of if other in steps]
    if len(of) < len(origin.of) or origin.kind == "given":
        return _given(cell, origin)
    return _KINDS[origin.kind](cell, origin, of) or _given(cell, origin)


def _given(cell: Cell, origin: Origin) -> _Found:
    if origin.kind == "given" and origin.note:
        sentence = origin.note
    elif origin.of:
        sentence = f"It follows from {' and '.join(origin.of)}, in a way that this demo doesn't take apart."
    elif isinstance(cell.value, str) and math.isnan(number(cell.value)) and cell.value != "nan":
        sentence = f"This is an input. {cell.step.note}"
    else:
        sentence = f"The demo doesn't take this number apart. {cell.step.note}"
    return _Found(_stage(cell, "given", sentence))


def _stage(cell: Cell, kind: str, sentence: str, **more: object) -> Stage:
    facts = {"cell": cell.text, "names": cell.names, "value": cell.value, "kind": kind, "sentence": sentence}
    return Stage.model_validate(facts | more)


def _product(cell: Cell, origin: Origin, of: Sequence[Step]) -> _Found | None:
    left, right = of
    vectors = _left(cell, left), _right(cell, right, origin.transposed)
    if vectors[0] is None or vectors[1] is None or len(vectors[0][1]) != len(vectors[1][1]):
        return None
    (left_cell, xs), (right_cell, ys) = vectors[0], vectors[1]
    terms = [
        Term(label=_along(left, index), parts=(x, y), value=_plain(number(x) * number(y)))
        for index, (x, y) in enumerate(zip(xs, ys, strict=True))
    ]
    shown, left_out, rest = _largest(terms)
    total = _total(number(term.value) for term in terms)
    whole = _slice(left, left_cell), _slice(right, right_cell)
    stage = _stage(
        cell,
        "product",
        f"The dot product of {whole[0]} and {whole[1]}: {len(terms)} products, added up.",
        columns=(left.axes[-1] if left.axes else "index", whole[0], whole[1], "product"),
        terms=shown,
        left_out=left_out,
        rest=rest,
        outcome=f"the sum of all {len(terms)}",
        computed=_plain(total),
    )
    weightiest = max(range(len(terms)), key=lambda index: abs(number(terms[index].value)))
    return _Found(stage, operands=(_at(left, left_cell, weightiest), _at(right, right_cell, weightiest)))


Line = tuple[tuple[int | None, ...], Numbers]


def _left(cell: Cell, left: Step) -> Line | None:
    """The row of the left factor, with its place; None stands for the axis along which it lies."""
    rows = cell.place if len(cell.step.shape) < 2 and len(left.shape) == 2 else cell.place[:-1]
    lead = aligned(rows, left.shape[:-1])
    return None if lead is None else ((*lead, None), Cell(left, (*lead, 0)).row())


def _right(cell: Cell, right: Step, transposed: bool) -> Line | None:
    """The column of the right factor, or its row where it is transposed."""
    if len(right.shape) == 1:
        return (None,), Cell(right, (0,)).row()
    if not cell.place:
        return None
    outer = aligned(cell.place[:-2], right.shape[:-2])
    column = cell.place[-1]
    if outer is None or column >= right.shape[-2 if transposed else -1]:
        return None
    if transposed:
        return (*outer, column, None), Cell(right, (*outer, column, 0)).row()
    numbers = [Cell(right, (*outer, row, column)).value for row in range(right.shape[-2])]
    return (*outer, None, column), numbers


def _softmax(cell: Cell, origin: Origin, of: Sequence[Step]) -> _Found | None:
    before = _same(cell, of[0])
    if before is None:
        return None
    row = before.row()
    numbers = [number(x) for x in row]
    largest = max(numbers)
    powers = [0.0 if x == -math.inf else math.exp(x - largest) for x in numbers]
    terms = [
        Term(label=_along(before.step, index), parts=(x,), value=_plain(power))
        for index, (x, power) in enumerate(zip(row, powers, strict=True))
    ]
    shown, left_out, rest = _largest(terms, always=before.place[-1])
    total, own = _total(powers), powers[before.place[-1]]
    line = _slice(before.step, (*before.place[:-1], None))
    stage = _stage(
        cell,
        "softmax",
        f"The softmax of {line}: e to the power of each number, over the sum of all these powers. The row's largest, "
        f"{largest:.4g}, is taken from each number first: no power gets too large, and the quotient stays the same.",
        columns=(before.step.axes[-1] if before.step.axes else "index", "x", f"exp(x - {largest:.4g})"),
        terms=shown,
        left_out=left_out,
        rest=rest,
        outcome=f"{own:.4g} / {total:.4g}, its own power over the sum of all {len(terms)}",
        computed=_plain(own / total) if total else "nan",
    )
    return _Found(stage, before)


def _ratio(cell: Cell, origin: Origin, of: Sequence[Step]) -> _Found | None:
    before = _same(cell, of[0])
    if before is None or not origin.by:
        return None
    outcome = f"{_short(before.value)} / {origin.by:.6g}"
    computed = _plain(number(before.value) / origin.by)
    sentence = f"{before.text} over {origin.by:.6g}{f': {origin.note}' if origin.note else '.'}"
    return _Found(_stage(cell, "ratio", sentence, outcome=outcome, computed=computed), before)


def _sum(cell: Cell, origin: Origin, of: Sequence[Step]) -> _Found | None:
    cells = [_same(cell, step) for step in of]
    if None in cells:
        return None
    operands = tuple(each for each in cells if each is not None)
    terms = tuple(Term(label=each.text, parts=(), value=each.value) for each in operands)
    stage = _stage(
        cell,
        "sum",
        f"The sum of {' and '.join(step.name for step in of)} at this place.",
        columns=("cell", "number"),
        terms=terms,
        outcome="their sum",
        computed=_plain(_total(number(term.value) for term in terms)),
    )
    return _Found(stage, operands=operands)


def _masked(cell: Cell, origin: Origin, of: Sequence[Step]) -> _Found | None:
    before, mask = _same(cell, of[0]), _same(cell, of[1])
    if before is None or mask is None:
        return None
    if number(mask.value) == 1:
        sentence = f"{mask.text} is 1, so {before.text} stays as it is."
        return _Found(_stage(cell, "masked", sentence, computed=before.value), before)
    sentence = f"{mask.text} is {_short(mask.value)}, not 1: minus infinity takes the place of {before.text}."
    return _Found(_stage(cell, "masked", sentence, computed="-inf"), operands=(before, mask))


def _normalised(cell: Cell, origin: Origin, of: Sequence[Step]) -> _Found | None:
    before = _same(cell, of[0])
    if before is None:
        return None
    row = [number(x) for x in before.row()]
    mean = _total(row) / len(row)
    variance = _total((x - mean) ** 2 for x in row) / len(row)
    small = origin.by or 0.0
    added = f"; {small:g} is added, so that no division is by 0" if small else ""
    line = _slice(before.step, (*before.place[:-1], None))
    x = number(before.value)
    stage = _stage(
        cell,
        "normalised",
        f"The distance of {before.text} from the mean of {line}, over the row's standard deviation. The mean is "
        f"{mean:.4g}, the variance {variance:.4g}{added}.",
        outcome=f"({x:.4g} - {mean:.4g}) / sqrt({variance:.4g}{f' + {small:g}' if small else ''})",
        computed=_plain((x - mean) / math.sqrt(variance + small)) if variance + small > 0 else "nan",
    )
    return _Found(stage, before)


def _function(cell: Cell, origin: Origin, of: Sequence[Step]) -> _Found | None:
    before = _same(cell, of[0])
    if before is None:
        return None
    sentence = f"{origin.note or 'A function'} of {before.text}, which is {_short(before.value)}."
    return _Found(_stage(cell, "function", sentence), before)


_KINDS: dict[str, Callable[[Cell, Origin, Sequence[Step]], _Found | None]] = {
    "product": _product,
    "softmax": _softmax,
    "ratio": _ratio,
    "sum": _sum,
    "masked": _masked,
    "normalised": _normalised,
    "function": _function,
}


def _same(cell: Cell, step: Step) -> Cell | None:
    place = aligned(cell.place, step.shape)
    return None if place is None else Cell(step, place)


def _largest(terms: Sequence[Term], always: int | None = None) -> tuple[tuple[Term, ...], int, float | str]:
    """The largest terms in their order, with one that is always among them; how many are left out, and their sum."""
    if len(terms) <= SHOWN + 1:
        return tuple(terms), 0, 0.0
    by_size = sorted(range(len(terms)), key=lambda index: (index != always, -abs(number(terms[index].value)), index))
    kept = sorted(by_size[:SHOWN])
    rest = _total(number(terms[index].value) for index in by_size[SHOWN:])
    return tuple(terms[index] for index in kept), len(terms) - SHOWN, _plain(rest)


def _along(step: Step, index: int) -> str:
    """A place along the last axis, such as `3 'sat'`."""
    return name(step, len(step.shape) - 1, index).partition(" ")[2] if step.axes else str(index)


def _slice(step: Step, place: Sequence[int | None]) -> str:
    return f"{step.name}[{', '.join(':' if index is None else str(index) for index in place)}]"


def _at(step: Step, place: Sequence[int | None], along: int) -> Cell:
    return Cell(step, tuple(along if index is None else index for index in place))


def _total(values: Iterable[float]) -> float:
    """The sum, without a rounding between; infinities add up as they do in floating point."""
    addends = list(values)
    return math.fsum(addends) if all(map(math.isfinite, addends)) else sum(addends)


def _plain(value: float) -> float | str:
    """A number as a step holds it: what isn't finite is a text."""
    return value if math.isfinite(value) else str(value)


def _short(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.4g}"
