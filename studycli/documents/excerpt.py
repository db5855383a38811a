"""The beginning of a long text, for a message."""

from __future__ import annotations

from studycli.model.problem import Problem

MAX_REPORTED = 200


def excerpt(text: str, limit: int = 60) -> str:
    """The text itself, or its first characters and an ellipsis."""
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def capped(problems: list[Problem]) -> list[Problem]:
    """The first problems of a kind, and how many more there are: a hostile document could have a million."""
    more = len(problems) - MAX_REPORTED
    if more <= 0:
        return problems
    message = f"there are {more} more problems like these"
    last = Problem(severity=problems[-1].severity, line=problems[MAX_REPORTED].line, message=message)
    return [*problems[:MAX_REPORTED], last]
