"""The measurements behind the claims, on values known by hand."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import torch

from studycli.demos import measure

EVEN = [[0.25, 0.25, 0.25, 0.25]]
SURE = [[0.0, 1.0, 0.0, 0.0]]


def test_row_sums() -> None:
    assert measure.row_sum_error([[0.5, 0.5], [0.5, 0.25]]) == 0.25
    assert measure.row_sum_error([EVEN, SURE]) == 0


@pytest.mark.parametrize(
    ("row", "nats"), [(EVEN, math.log(4)), (SURE, 0.0), ([[0.5, 0.25, 0.25, 0]], 1.5 * math.log(2))]
)
def test_entropy(row: list[list[float]], nats: float) -> None:
    assert measure.entropy(row).tolist() == pytest.approx([nats])


@pytest.mark.parametrize(("row", "response"), [(EVEN, 0.75), (SURE, 0.0)])
def test_softmax_response(row: list[list[float]], response: float) -> None:
    assert measure.softmax_response(row).tolist() == pytest.approx([response])


def test_softmax_response_is_the_trace_of_the_jacobian() -> None:
    x = torch.tensor([0.3, -1.0, 2.0], dtype=torch.float64)
    jacobian = torch.autograd.functional.jacobian(lambda x: x.softmax(-1), x)
    assert float(measure.softmax_response(x.softmax(-1).numpy())) == pytest.approx(float(jacobian.trace()))


def test_differences() -> None:
    assert measure.largest_difference([[1.0, 2]], [[1.5, 1]]) == 1
    assert measure.largest_difference([[1.0, 2]], [[1.0]]) == math.inf
    assert measure.total_variation(EVEN, EVEN) == 0
    assert measure.total_variation(SURE, [[1.0, 0, 0, 0]]) == 1
    assert measure.total_variation(EVEN, SURE) == 0.75


def test_finite_leaves_numbers_alone_and_names_the_rest() -> None:
    assert measure.finite(np.array([[1, 2.5]], dtype=np.float32)) == [[1.0, 2.5]]
    mixed = measure.finite(np.array([[1.5, -np.inf], [np.nan, np.inf]], dtype=np.float32))
    assert mixed == [[1.5, "-inf"], ["nan", "inf"]]
    assert json.loads(json.dumps(mixed, allow_nan=False)) == mixed
