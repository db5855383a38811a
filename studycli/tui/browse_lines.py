"""The quiet lines of the browse screen: how to search, what is wrong with a search, and what the marks mean."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from studycli.errors import StudyError
from studycli.render.safe import one_line
from studycli.tui.browse_row import FLAG, MARKS

# The most useful first: a narrow terminal has room for some.
_FILTERS = (
    "deck:x", "concept:x", "is:due", "has:note", "in:notes", "ease<2", "-word", '"a phrase"', "or",
    "tag:x", "difficulty:hard", "is:new", "is:suspended", "is:flagged", "interval>=21", "lapses>3", "due<=7",
)  # fmt: skip
_MEANINGS = (*((sign, kind.value) for kind, sign in MARKS.items()), (FLAG, "flagged"))
_APART = 2


class Guide:
    """As many filters as there is room for, on one line."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        line = "words, and"
        for shown in _FILTERS:
            longer = f"{line}  {shown}"
            if len(longer) > options.max_width:
                break
            line = longer
        yield Text(line, no_wrap=True, overflow="ellipsis")


class Problem:
    """What failed, why, and what to do."""

    def __init__(self, error: Exception, what: str = "the search failed") -> None:
        """`what` goes before an error that was not foreseen."""
        self._error = error
        self._what = what

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text("\n".join(self._lines()), overflow="fold")

    def _lines(self) -> Iterator[str]:
        error = self._error
        if not isinstance(error, StudyError):
            yield f"! {self._what}: {one_line(repr(error))}"
            return
        yield f"! {one_line(error.message)}" + (f": {one_line(error.where)}" if error.where else "")
        if error.hint:
            yield f"  {one_line(error.hint)}"


class Legend:
    """The count at the left; at the right what was just done, else what the marks mean, where there is room."""

    def __init__(self, count: str, said: str = "") -> None:
        self._count = count
        self._said = said

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        count = Text(self._count)
        if self._said:
            right = Text(one_line(self._said), "bold")
            right.truncate(max(options.max_width - count.cell_len - _APART, 1), overflow="ellipsis")
        else:
            right = Text("  ").join(Text(f"{sign} {meaning}") for sign, meaning in _MEANINGS)
        room = options.max_width - count.cell_len - right.cell_len
        yield Text.assemble(count, " " * room, right, no_wrap=True) if room >= _APART else count


def counted(place: int, total: int, *, filtered: bool) -> str:
    """Which hit of how many is chosen."""
    if total:
        return f"{place + 1:,} of {total:,}"
    return "nothing was found; fewer or shorter words find more" if filtered else "there are no cards yet"
