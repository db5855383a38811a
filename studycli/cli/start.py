"""The start of the program: a review without options opens its screen at once, all else goes through Typer.

Typer, and pydantic under it, take longer to load than the first card takes to be drawn.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from studycli.cli import streams, workspace
from studycli.cli.ending import ending


def main() -> None:
    """Run the program on the arguments of the process, and exit with its code."""
    given = sys.argv[1:]
    if not is_usual_review(given) or not workspace.is_terminal():
        from studycli.cli import app

        app.main(given)
        return
    streams.prepare()
    with ending(debug=False):
        workspace.open_workspace(workspace.Wanted(tuple(given[1:])))


def is_usual_review(arguments: Sequence[str]) -> bool:
    """True for `review`, alone or with names of decks."""
    return list(arguments[:1]) == ["review"] and not any(word.startswith("-") for word in arguments)
