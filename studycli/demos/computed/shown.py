"""A value as a learner reads it: commas from five digits on, weights in two or three decimals, rows in brackets."""

from __future__ import annotations

from collections.abc import Sequence

from studycli.demos.quantities.quantity import Argument, Result

_GROUPED = 10_000
_SMALL, _LARGE, _LARGEST = 1e-3, 1e6, 10**15


def given(value: Argument) -> str:
    """A value that was drawn: a whole number as `computed` shows it, else as it was written; a row as `[2, 1, 0]`."""
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence):
        return f"[{', '.join(given(item) for item in value)}]"
    if _is_whole(value):
        return _grouped(value, 0)
    return f"{value:.15g}"


def computed(value: Result, decimals: int | None = None) -> str:
    """A value that was computed, to so many decimals, else to as many as tell something."""
    if isinstance(value, list):
        places = _decimals(value) if decimals is None else decimals
        return f"[{', '.join(_number(item, places) for item in value)}]"
    return _number(value, decimals)


def _decimals(row: Sequence[float]) -> int:
    """2, or 3 where 2 would leave hardly anything of a number in the row."""
    return 3 if any(0 < abs(value) < 0.01 for value in row) else 2


def _number(value: float, decimals: int | None) -> str:
    size = abs(value)
    if isinstance(value, int) or (decimals is None and _is_whole(value)):
        return _power_of_ten(value) if size >= _LARGEST else _grouped(value, 0)
    if decimals is not None:
        return _grouped(value, decimals)
    if size >= _LARGE or 0 < size < _SMALL:
        return _power_of_ten(value)
    return _grouped(value, 3 if size < 1 else 2)


def _is_whole(value: float) -> bool:
    """Whether a number is whole and small enough to be written out."""
    return abs(value) < _LARGEST and float(value).is_integer()


def _grouped(value: float, decimals: int) -> str:
    """With commas from five digits on, and no sign before a zero."""
    text = f"{value:,.{decimals}f}" if abs(value) >= _GROUPED else f"{value:.{decimals}f}"
    return text if text.strip("-0.") else text.lstrip("-")


def _power_of_ten(value: float) -> str:
    mantissa, _, exponent = f"{value:.2e}".partition("e")
    return f"{mantissa} × 10^{int(exponent)}"
