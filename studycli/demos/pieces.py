"""Pieces: a tokenizer's tokens as a picture can show them, white space included."""

from __future__ import annotations

SPACE = "␣"
"""What a space is shown as: the one in front of a word belongs to its token."""

_SHOWN = str.maketrans({" ": SPACE, "\n": "⏎", "\r": "␍", "\t": "⇥"})


def visible(piece: str) -> str:
    """A piece with a sign for each space, line feed, carriage return and tab."""
    return piece.translate(_SHOWN)
