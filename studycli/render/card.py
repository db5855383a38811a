"""A card drawn for a review: its header and question, then its answer with the extra parts."""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.text import Text

from studycli.model.card import Card
from studycli.model.review import Status, StudyCard
from studycli.render import card_head
from studycli.render.latex import Notation
from studycli.render.markdown import render_markdown
from studycli.render.plain import plain_markdown
from studycli.render.safe import one_line


def render_front(study: StudyCard, progress: str = "", *, latex: Notation = "source") -> RenderableType:
    """The deck and number, `progress` at the right, what kind of card it is, and the question.

    Formulas are shown as `latex` says, here and in the other functions.
    """
    kind = Text(" · ".join(facts(study)), style="dim", no_wrap=True, overflow="ellipsis")
    return Group(_Header(place(study), progress), kind, Text(), render_markdown(study.card.front, latex=latex))


def render_back(study: StudyCard, *, latex: Notation = "source") -> RenderableType:
    """The answer, then each extra part under its title."""
    blocks: list[RenderableType] = [_Header("answer", ""), Text(), render_markdown(study.card.back, latex=latex)]
    for title, text in extras(study):
        blocks += [Text(), Text(title, style="bold"), render_markdown(text, latex=latex)]
    return Group(*blocks)


def render_checks(card: Card) -> RenderableType | None:
    """The demo and the claims that a card names, as written; None where it names none."""
    lines = [f"demo: {card.demo}"] if card.demo is not None else []
    lines += [f"claim: {claim}" for claim in card.claims]
    return Text("\n".join(map(one_line, lines)), style="dim") if lines else None


def plain_front(study: StudyCard, progress: str = "") -> str:
    """The same words as `render_front`, one fact after another, for a pipe or a screen reader."""
    header = [place(study), ", ".join(facts(study)), progress]
    return "\n".join([*filter(None, header), "", "Question:", plain_markdown(study.card.front)])


def plain_back(study: StudyCard) -> str:
    """The same words as `render_back`."""
    lines = ["Answer:", plain_markdown(study.card.back)]
    for title, text in extras(study):
        lines += ["", f"{title}:", plain_markdown(text)]
    return "\n".join(lines)


def gist(study: StudyCard) -> str:
    """The beginning of the question on one line, to name the card by."""
    lines = [one_line(line) for line in plain_markdown(study.card.front).split("\n")]
    return next(filter(None, lines), study.id)


class _Header:
    """A rule with the place of the card at its left and the progress at its right."""

    def __init__(self, place: str, progress: str) -> None:
        self.place = place
        self.progress = progress

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        right = f" {self.progress} ──" if self.progress else ""
        place = Text(self.place, style="bold")
        place.truncate(max(options.max_width - len(right) - 4, 8), overflow="ellipsis")
        rule = "─" * max(options.max_width - place.cell_len - len(right) - 4, 0)
        header = Text.assemble(("── ", "dim"), place, (f" {rule}{right}", "dim"))
        yield Text.assemble(header, no_wrap=True, overflow="ellipsis")


def place(study: StudyCard) -> str:
    """The deck, the number and the title of a card."""
    card = study.card
    return card_head.place(study.deck_title, card.number, card.variant, card.title)


def facts(study: StudyCard) -> list[str]:
    """What kind of card it is, a few words each."""
    card = study.card
    return card_head.facts(
        concept=card.concept,
        difficulty=card.difficulty,
        cognitive_level=card.cognitive_level,
        variant=card.variant,
        new=study.status is Status.NEW,
        critical=card.critical,
    )


def extras(study: StudyCard) -> list[tuple[str, str]]:
    """The extra parts that belong to the answer: title, and text as Markdown."""
    extras = [(one_line(part.title), part.text) for part in study.card.parts]
    if study.card.critical_reason:
        extras.append(("Why it is critical", study.card.critical_reason))
    return extras
