"""Comparison: a typed answer against the card's, word by word, drawn above the answer."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from studycli.model.card import Card
from studycli.render import word_diff
from studycli.render.latex import Notation
from studycli.render.safe import one_line
from studycli.render.word_diff import Change, WordDiff

_LONG = 20
"""Words of an answer, from which on it is not shown twice."""
_FAR = 1 / 3
"""The share of the words below which a typed answer is another one."""


@dataclass(frozen=True)
class Comparison:
    """What was typed, and the card that has the answer."""

    typed: str
    card: Card

    @property
    def size(self) -> int:
        """The characters that are compared."""
        return len(self.typed) + len(self.card.back)

    def draw(self, notation: Notation) -> Iterator[RenderableType]:
        """The share of the words, the difference, and a rule above the answer itself.

        Of a typed answer that is far from a long one, only itself: the difference would be the whole answer once more.
        """
        diff = word_diff.compare(self.typed, self.card)
        if diff.words >= _LONG and diff.met < _FAR:
            met = round(diff.met * diff.words)
            yield Text(f"you typed {met} of the answer's {diff.words} words", "bold")
            yield Padding(Text(one_line(self.typed), overflow="fold"), (0, 0, 0, 2))
            yield Rule(style="dim")
            return
        drawn = word_diff.draw(diff)
        drawn.overflow = "fold"
        yield _head(diff)
        yield Padding(drawn, (0, 0, 0, 2))
        yield Rule(style="dim")

    def beginning(self, notation: Notation) -> RenderableType:
        """A word to wait with."""
        return Text("comparing …", "dim")


def _head(diff: WordDiff) -> Text:
    """How much was met, and what the signs mean. It suggests no grade: only the learner knows what was meant."""
    changes = {segment.change for segment in diff.segments}
    signs = [
        sign
        for change, sign in ((Change.MISSING, "{+not typed+}"), (Change.EXTRA, "[-not in the answer-]"))
        if change in changes
    ]
    share = "every word of the answer" if diff.met == 1 else f"{math.floor(diff.met * 100)}% of the answer's words"
    return Text.assemble((f"you typed {share}", "bold"), (f"   {'  '.join(signs)}" if signs else "", "dim"))
