"""Arithmetic: formulas of plain numbers, read as Python reads them and computed without it."""

from __future__ import annotations

import ast
import math
import operator
import warnings
from collections.abc import Callable, Mapping

from studycli.demos.echo import brief
from studycli.engine.training import schedule
from studycli.errors import UsageError

_DEEPEST = 32
_LARGEST = 10**300
_EXPONENT = 1024
_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_FUNCTIONS: dict[str, Callable[..., float]] = {
    "sqrt": math.sqrt, "exp": math.exp, "log": math.log, "log2": math.log2, "log10": math.log10, "sin": math.sin,
    "cos": math.cos, "tanh": math.tanh, "ceil": math.ceil, "floor": math.floor, "abs": abs, "min": min, "max": max,
}  # fmt: skip
_NAMES = {"pi": math.pi, "e": math.e}
_HINT = f"use numbers, + - * / // % **, parentheses, {', '.join([*_FUNCTIONS, *_NAMES])} and the names a, b, c, d"


def calculation(of: str, a: float, b: float, c: float, d: float) -> int | float:
    """The value of a formula; log is natural, and ^ is no power but ** is. Raises UsageError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Python, about spellings such as 1and 2
            tree = ast.parse(of.strip(), mode="eval")
        return _value(tree.body, {**_NAMES, "a": a, "b": b, "c": c, "d": d}, 0)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise UsageError(f"'{brief(of)}' is no formula", hint=_HINT) from error
    except (ValueError, TypeError) as error:
        raise UsageError(f"'{brief(of)}' has no value: {error}", hint=_HINT) from error


def power(base: float, exponent: float) -> float:
    """base^exponent. Raises UsageError where that is no real number."""
    try:
        return _power(base, exponent)
    except ValueError as error:
        raise UsageError("power of these is no real number", hint="give a base above 0, or a whole exponent") from error


def rate(step: int, peak: float, warmup: int, total: int, floor: float) -> float:
    """As `schedule.learning_rate` (Loshchilov and Hutter 2017). Raises EngineError for a warm-up beyond all steps."""
    return schedule.learning_rate(step, peak=peak, warmup=warmup, total=total, floor=floor)


def _value(node: ast.expr, names: Mapping[str, float], depth: int) -> int | float:
    if depth > _DEEPEST:
        raise UsageError("the formula is too deep", hint=f"nest at most {_DEEPEST} operations")
    found = _unbounded(node, names, depth + 1)
    if abs(found) > _LARGEST:
        raise UsageError("the formula grows too large", hint="keep every number below 10^300")
    return found


def _unbounded(node: ast.expr, names: Mapping[str, float], depth: int) -> int | float:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return number
        case ast.Name(id=name) if name in names:
            return names[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, names, depth)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _value(operand, names, depth)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_value(left, names, depth), _value(right, names, depth))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(left, names, depth), _value(right, names, depth))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _FUNCTIONS:
            return _FUNCTIONS[name](*(_value(argument, names, depth) for argument in args))
    raise UsageError(f"'{brief(ast.unparse(node))}' cannot be calculated", hint=_HINT)


def _power(base: float, exponent: float) -> int | float:
    """Whole numbers stay exact, unless the result would have thousands of digits."""
    if isinstance(base, int) and isinstance(exponent, int) and exponent >= 0:
        if base not in (-1, 0, 1) and exponent * base.bit_length() > _EXPONENT:
            raise OverflowError
        return int(base**exponent)
    return math.pow(base, exponent)
