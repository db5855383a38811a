"""Fenced code on a terminal: highlighted, never re-flowed, and folded with a mark where it is too wide."""

from __future__ import annotations

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.style import Style
from rich.text import Text

from studycli.render.safe import clean

_INDENT = 2
_FOLD_MARK = "↪ "
_HIGHLIGHTED_CHARACTERS = 20_000
_CODE_STYLE = Style(color="cyan")


class Code:
    """A code block, indented by two columns. A line wider than the terminal goes on below, after a `↪`."""

    def __init__(self, source: str, language: str = "") -> None:
        self.text = _highlight(clean(source).rstrip("\n"), language)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = max(options.max_width - _INDENT, 4)
        for line in self.text.split("\n", allow_blank=True):
            for number, piece in enumerate(_fold(line, width)):
                mark = Text(_FOLD_MARK, style="dim") if number else Text()
                yield Text.assemble(" " * _INDENT, mark, piece, no_wrap=True, overflow="ignore")


def _highlight(source: str, language: str) -> Text:
    word = language.split()[0].strip("{}.").lower() if language.split() else ""
    if word and word not in ("text", "plain", "txt") and len(source) <= _HIGHLIGHTED_CHARACTERS:
        from rich.syntax import Syntax  # with Pygments, which few cards need

        highlighted = Syntax(source, word, theme="ansi_dark", background_color="default").highlight(source)
        highlighted.rstrip()
        if highlighted.plain == source.rstrip():
            return highlighted
    return Text(source, style=_CODE_STYLE)


def _fold(line: Text, width: int) -> list[Text]:
    """A line in pieces: the first of at most `width` cells, the others narrower by the mark."""
    pieces = []
    room = width
    while line.cell_len > room:
        cut, cells = 0, 0
        for character in line.plain:
            cells += cell_len(character)
            if cells > room:
                break
            cut += 1
        head, line = line.divide([max(cut, 1)])
        pieces.append(head)
        room = width - len(_FOLD_MARK)
    return [*pieces, line]
