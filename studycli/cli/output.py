"""What goes to stdout: JSON, or Rich text on a console that respects pipes, NO_COLOR and TERM=dumb."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from studycli.render.listing import Column


_CONTROLS = re.compile("[\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def plain_terminal() -> bool:
    """True where output should be plain text: no terminal, TERM=dumb, or ACCESSIBLE set."""
    return not sys.stdout.isatty() or os.environ.get("TERM") == "dumb" or bool(os.environ.get("ACCESSIBLE"))


def console() -> Console:
    """A console on stdout: no markup, no emoji codes, no highlighting; 80 columns where there is no terminal."""
    from rich.console import Console

    width = None if sys.stdout.isatty() or os.environ.get("COLUMNS") else 80
    return Console(markup=False, emoji=False, highlight=False, width=width)


def print_lines(lines: Iterable[str]) -> None:
    """Lines of text on stdout; for a terminal they are broken between words, and a pipe gets them whole."""
    if not sys.stdout.isatty():
        print("\n".join(lines))
        return
    from rich.text import Text

    on = console()
    for line in lines:
        indent = line[: len(line) - len(line.lstrip())]
        rows = Text(line.lstrip()).wrap(on, max(on.width - len(indent), 1))
        print("\n".join(f"{indent}{row.plain.rstrip()}" for row in rows))


def print_listing(columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> None:
    """A list in columns on stdout, as wide as the terminal. A name that is wider stays in one piece."""
    from studycli.render.listing import listing

    on = console()
    on.print(listing(columns, rows, on.width), soft_wrap=True)


def print_json(data: object) -> None:
    """One JSON document on stdout. Only UTF-8 carries every character as it is; lone surrogates are escaped.

    So are the control characters that JSON lets through, and those that turn the direction of a line.
    """
    encoding = (sys.stdout.encoding or "").replace("-", "").lower()
    text = json.dumps(data, ensure_ascii=encoding != "utf8", indent=2)
    text = _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    sys.stdout.write(text.encode("utf-8", "backslashreplace").decode("utf-8") + "\n")
