"""What a demo computed: named steps with real numbers, and claims that were measured on them."""

from __future__ import annotations

from typing import Any

from studycli.model.value import Value


class Step(Value):
    """One named intermediate value: nested lists of numbers or strings, its shape, and what to look at.

    `axes` names the dimensions of `values`, e.g. ("query", "key"); `labels` holds the names along an axis
    (such as the tokens) keyed by axis name. Numbers are finite: what is not is the text "inf", "-inf" or "nan".
    `preview` says that a part of it is enough to see what it is like, `compare` names the step to set beside it.
    """

    name: str
    shape: tuple[int, ...]
    values: Any
    note: str
    axes: tuple[str, ...] = ()
    labels: dict[str, tuple[str, ...]] = {}
    preview: bool = False
    compare: str | None = None


class Claim(Value):
    """A statement, what was measured for it, and whether it holds."""

    name: str
    statement: str
    measured: float | str
    holds: bool


class DemoResult(Value):
    """Everything one run of a demo gives."""

    demo: str
    title: str
    inputs: dict[str, Any]
    steps: tuple[Step, ...]
    claims: tuple[Claim, ...]
