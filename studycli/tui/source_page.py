"""What the source pane says: which section it is and why, all sections by title, or that there is none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from studycli.documents.passages import Passage, Why
from studycli.model.card import Card
from studycli.render.markdown import render_markdown
from studycli.render.safe import one_line
from studycli.review import wording
from studycli.tui.source_marks import Marked

MOST_CHARACTERS = 20_000
"""A section shows so much of its text: all of it is drawn anew whenever the pane's size changes."""
_WHY = {
    Why.SOURCE: "named by the card",
    Why.TITLE: "about a concept of the card",
    Why.TEXT: "mentions a concept of the card",
}
_BETWEEN = " › "
_ADD = "`studycli add PATH` brings in a lesson, or a folder of them."


class Head:
    """Three lines: the section, with its place among those that were found; what it is part of; where, and why it."""

    def __init__(self, passages: Sequence[Passage], at: int) -> None:
        self._passage = passages[at]
        self._place = f"{at + 1} of {len(passages)}" + ("  ← →" if len(passages) > 1 else "")

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        passage, place = self._passage, Text(self._place, "dim")
        title = Text(one_line(passage.titles[-1]), "bold")
        title.truncate(max(options.max_width - place.cell_len - 2, 8), overflow="ellipsis")
        gap = max(options.max_width - title.cell_len - place.cell_len, 1)
        yield _cut(Text.assemble(title, " " * gap, place))
        yield _cut(Text(_above(passage) or "the document itself", "dim"))
        yield _cut(Text(f"{_WHY[passage.why]} · {where(passage)}", "dim"))


def text(passage: Passage, names: Sequence[str]) -> RenderableType:
    """The section's text, with the names in it marked. A long one is cut, and says so."""
    shown = passage.text
    if len(shown) > MOST_CHARACTERS:
        whole_lines = shown[:MOST_CHARACTERS].rpartition("\n")[0] or shown[:MOST_CHARACTERS]
        shown = f"{whole_lines}\n\n*It goes on in the document.*"
    return Marked(render_markdown(shown), names)


def titles(passages: Sequence[Passage], key: str, *, named: bool) -> Text:
    """The sections by their titles alone, for the time before the answer; not even these where none may be `named`.

    `key` is what shows them.
    """
    count = wording.count(len(passages), "place")
    when = f"after the answer · {key} shows {'it' if len(passages) == 1 else 'them'} now"
    page = Text.assemble((f"{count} in your documents", "bold"), (f"\n{when}", "dim"))
    for passage in passages if named else ():
        page.append(f"\n\n• {one_line(passage.titles[-1])}")
        above = f"{_above(passage)} · " if _above(passage) else ""
        page.append(f"\n  {above}{_WHY[passage.why]}", "dim")
    return page


def nothing(card: Card, *, named: bool) -> Text:
    """That nothing was found: what the card names, and what to do; only the latter where nothing may be `named`."""
    source, concept = one_line(card.source_section or ""), one_line(card.concept or "")
    if not source and not concept:
        return Text(
            "This card names neither a source nor a concept, so no section can be found for it.\n\n"
            "Lines **Source Section:** and **Concept:** under its heading name them."
        )
    said = [f"its source is {source}"] if source else []
    said += [f"its concept is {concept}"] if concept else []
    about = " and ".join(said) if named else "which one is said after the answer"
    return Text(f"None of your documents has the section that this card comes from: {about}.\n\n{_ADD}")


def where(passage: Passage) -> str:
    """The document of a section, by its folder and name, and the line."""
    return f"{one_line('/'.join(PurePath(passage.path).parts[-2:]))}, line {passage.line}"


def _above(passage: Passage) -> str:
    return _BETWEEN.join(map(one_line, passage.titles[:-1]))


def _cut(line: Text) -> Text:
    line.no_wrap, line.overflow = True, "ellipsis"
    return line
