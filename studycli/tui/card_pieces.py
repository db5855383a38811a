"""Pieces: what a card's question and answer are made of, and as much of a long one as can be drawn at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from rich.console import Group, RenderableType
from rich.text import Text

from studycli.documents import dialect
from studycli.render.latex import Notation
from studycli.render.markdown import render_markdown

if TYPE_CHECKING:
    from markdown_it.token import Token

    from studycli.documents.cloze import Cloze
    from studycli.model.card import Card
    from studycli.model.review import StudyCard

DRAWN_AT_ONCE = 4000
"""Characters that are drawn while the learner waits."""

_LONGEST_WHOLE = 20_000
_PART = 5_000
_LONGEST_PART = 20_000
_FENCE = re.compile(r" *(`{3,}|~{3,})")
_MATH_SIGNS = re.compile(r"\$|\\\(|\\\[|\\begin")


class Piece(Protocol):
    """A part of a card."""

    @property
    def size(self) -> int:
        """About how many characters it takes to draw it."""

    def draw(self, notation: Notation) -> Iterator[RenderableType]:
        """All of it, with formulas as `notation` says; what is long comes in parts."""

    def beginning(self, notation: Notation) -> RenderableType:
        """As much of it as can be drawn at once, if that isn't all."""


@dataclass(frozen=True)
class Markdown:
    """Markdown, below a title if it has one, and below a blank line unless it is the `first`."""

    text: str
    title: str = ""
    first: bool = False

    @property
    def size(self) -> int:
        """Its length."""
        return len(self.text)

    def draw(self, notation: Notation) -> Iterator[RenderableType]:
        """All of it."""
        yield from self._head()
        if len(self.text) <= _LONGEST_WHOLE:
            yield render_markdown(self.text, latex=notation)
            return
        for number, part in enumerate(_parts(self.text)):
            drawn = render_markdown(part, latex=notation)
            yield Group(Text(), drawn) if number else drawn

    def beginning(self, notation: Notation) -> RenderableType:
        """Its first lines."""
        start = self.text[:DRAWN_AT_ONCE]
        end = max(start.rfind("\n"), 0)
        return Group(*self._head(), render_markdown(start[:end] if end else start, latex=notation))

    def _head(self) -> Iterator[RenderableType]:
        if not self.first:
            yield Text()
        if self.title:
            yield Text(self.title, style="bold")


def front(text: str) -> list[Piece]:
    """A question (Markdown)."""
    return [Markdown(text, first=True)]


def back(study: StudyCard, typed: str = "") -> list[Piece]:
    """The answer and its extra parts, below a comparison with what was typed."""
    from studycli.render.card import extras

    pieces: list[Piece] = []
    if typed.strip():
        from studycli.tui.answer_comparison import Comparison

        pieces.append(Comparison(typed, expected(study.card)))
    pieces.append(Markdown(study.card.back, first=not pieces))
    return [*pieces, *(Markdown(text, title) for title, text in extras(study))]


def expected(card: Card) -> Card:
    """The card to compare a typed answer with: of a cloze card, what stands in its place counts as an answer too."""
    if card.cloze is None:
        return card
    found = _asked(card.cloze, card.variant)
    return card.model_copy(update={"brief_back": " ".join(card.cloze[one.inner : one.tail] for one in found)})


def masks(cloze_text: str | None, variant: str) -> list[str]:
    """What stands in the question where its clozes are hidden."""
    return [f"[{one.hint or '…'}]" for one in _asked(cloze_text, variant)] if cloze_text else []


def have_formulas(texts: Iterable[str]) -> bool:
    """Whether any of these texts (Markdown) has a formula. Of a long one, signs of one are enough."""
    return any(
        _MATH_SIGNS.search(text) and (len(text) > DRAWN_AT_ONCE or _holds_math(dialect.parse(text))) for text in texts
    )


def _asked(text: str, variant: str) -> list[Cloze]:
    """The clozes that a study card asks for."""
    from studycli.documents import cloze  # few cards need it, and the first question is to be seen soon

    clozes = cloze.read(text)
    number = int(variant[1:]) if variant[1:].isdecimal() else min(clozes.numbers, default=0)
    return [one for one in clozes.found if one.number == number]


def _holds_math(tokens: Sequence[Token]) -> bool:
    return any(token.type.startswith("math_") or _holds_math(token.children or ()) for token in tokens)


def _parts(text: str) -> Iterator[str]:
    """A very long text in parts, which end at a blank line outside of code where there is one in time.

    Small parts leave little for the garbage collector to look through, which stops everything else.
    """
    part: list[str] = []
    size = 0
    fence = ""
    for line in text.splitlines(keepends=True):
        if size > _LONGEST_PART or (size > _PART and not fence and not line.strip()):
            yield "".join(part)
            part, size = ([f"{fence}\n"], 0) if fence else ([], 0)
        while len(line) > _LONGEST_PART:
            yield "".join([*part, line[:_LONGEST_PART]])
            part, size, line = [], 0, line[_LONGEST_PART:]
        if (mark := _FENCE.match(line)) is not None and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        part.append(line)
        size += len(line)
    yield "".join(part)
