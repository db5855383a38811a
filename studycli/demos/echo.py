"""Echo: a learner's text as a message says it back."""

from __future__ import annotations

_MOST = 40


def brief(text: str) -> str:
    """The text on one line, cut with an ellipsis after so many characters as a message can hold."""
    line = " ".join(text[: 4 * _MOST].split())
    return line if len(line) <= _MOST and len(text) <= 4 * _MOST else f"{line[: _MOST - 1]}…"
