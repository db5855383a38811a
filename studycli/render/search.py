"""What a search found, as a list: where each thing is, what it is, and an excerpt with the found words marked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from studycli.model.search import HitKind, SearchHit, Segment
from studycli.render.safe import one_line

_INDENT = "    "


class Hits:
    """Hits under each other: what it is on one line, then the excerpt.

    `plain` marks found words with asterisks, where bold can't show. `titles` are the beginnings of the cards' questions
    as they are asked, by the id of the card.
    """

    def __init__(self, hits: Sequence[SearchHit], titles: dict[str, tuple[Segment, ...]], *, plain: bool) -> None:
        self.hits = hits
        self.titles = titles
        self.plain = plain

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for hit in self.hits:
            title, excerpt = self._title(hit), self._marked(hit.excerpt)
            title.truncate(options.max_width, overflow="ellipsis")
            yield title
            for line in excerpt.wrap(console, max(options.max_width - len(_INDENT), 1)) if excerpt else ():
                line.rstrip()
                yield Text.assemble(_INDENT, line)

    def _title(self, hit: SearchHit) -> Text:
        title = hit.title if hit.card is None else self.titles[hit.card.id]
        return Text.assemble((place(hit), "cyan"), "  ", self._marked(title))

    def _marked(self, segments: Iterable[Segment]) -> Text:
        text = Text()
        for segment in segments:
            words = _line(segment.text)
            if segment.found and self.plain:
                words = f"*{words}*"
            text.append(words, "bold" if segment.found else "")
        return text


def place(hit: SearchHit) -> str:
    """What names a hit: 'attention:4', 'note on attention:4', 'concept of attention and 2 other maps'."""
    if hit.kind is HitKind.CONCEPT:
        others = f" and {hit.other_maps} other {'map' if hit.other_maps == 1 else 'maps'}" if hit.other_maps else ""
        return f"concept of {one_line(hit.map_slug or '')}{others}"
    card = f"{one_line(hit.card.deck)}:{hit.card.card.place}" if hit.card is not None else ""
    if hit.kind is HitKind.CARD:
        return card
    return f"note on {card}" if card else "note on a concept"


def _line(text: str) -> str:
    """A segment on one line; the blanks at its ends part it from its neighbours."""
    inside = one_line(text)
    before = " " if text[:1].isspace() else ""
    after = " " if inside and text[-1:].isspace() else ""
    return f"{before}{inside}{after}"
