"""Paths: how far a signal travels between tokens, and what has to wait for what (Vaswani et al. 2017, table 1)."""

from __future__ import annotations

from studycli.errors import UsageError


def path_length(kind: str, tokens: int, width: int) -> int:
    """Applications of a layer between the first token's input and the last one's output.

    `recurrent` applies its cell to every token in turn; one layer of `attention` is enough. Layers of a `convolution`
    that sees `width` tokens reach width - 1 further each, of a `dilated-convolution` width times as far, and those of
    a `window` reach `width` keys to each side. Raises UsageError for a width that reaches nothing.
    """
    far = tokens - 1
    if kind == "recurrent":
        return tokens
    if kind == "attention":
        return 1
    if kind == "window":
        return max(1, -(-far // width))
    if width < 2:
        raise UsageError(f"a convolution of width {width} reaches no other token", hint="give a width of 2 or more")
    if kind == "convolution":
        return max(1, -(-far // (width - 1)))
    layers, seen = 1, width
    while seen < tokens:
        layers, seen = layers + 1, seen * width
    return layers


def sequential_steps(kind: str, tokens: int) -> int:
    """A recurrent layer takes as many steps as there are tokens, every other kind one."""
    return tokens if kind == "recurrent" else 1
