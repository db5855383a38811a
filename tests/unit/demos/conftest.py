"""Helpers for the demos' results."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from studycli.model.trace import DemoResult

Values = Callable[[DemoResult, str], np.ndarray]


@pytest.fixture
def values() -> Values:
    """The numbers of a step, in float64."""

    def read(result: DemoResult, name: str) -> np.ndarray:
        step = next(step for step in result.steps if step.name == name)
        array = np.array(step.values, dtype=np.float64)
        assert array.shape == step.shape
        return array

    return read
