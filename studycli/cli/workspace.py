"""The review on a screen of its own, from the command to what is said afterwards; it needs no Typer to start."""

from __future__ import annotations

import gc
import os
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studycli.cli import output
from studycli.errors import StudyError
from studycli.review import wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studycli.collection import Collection
    from studycli.config import Settings
    from studycli.review.session import Session
    from studycli.review.summary import Summary
    from studycli.store.glance import Glance
    from studycli.tui.app import Opened
    from studycli.tui.study import Study

_EXIT_BY_SIGNAL = 128


@dataclass(frozen=True)
class Wanted:
    """What the review is to ask: decks and limits, as the command line gives them."""

    names: tuple[str, ...] = ()
    limit: int | None = None
    new: int | None = None
    ahead: int = 0
    cram: bool = False
    gating: bool | None = None

    @property
    def usual(self) -> bool:
        """Whether no option changes what is asked."""
        return self == Wanted(self.names)

    def session(self, collection: Collection) -> Session:
        """The review that asks it."""
        return collection.session(
            self.names, limit=self.limit, new=self.new, ahead=self.ahead, cram=self.cram, gating=self.gating
        )

    def held_back(self, collection: Collection) -> str:
        """Why not all new cards of the decks that are named are asked, where only the day's limit is in the way."""
        is_limited = self.new is not None or self.limit is not None or self.cram or not self.names
        return "" if is_limited else wording.held_back(collection.held_back(self.names))


def open_workspace(wanted: Wanted) -> None:
    """The review on a screen of its own; what was done is said where the command was typed."""
    gc.disable()  # what is loaded until the collection is open is no garbage, and the first card waits for it
    from studycli import config
    from studycli.cli import diagnostics
    from studycli.tui.app import Workspace

    settings = config.load()
    first, opened = _glance(wanted, settings), None
    if first is None:
        # Nothing can be shown yet. And where nothing is due there is no screen at all.
        with diagnostics.waiting("opening your cards …"):
            opened = _opened(wanted)
        first = first_of(opened.study)
    app = Workspace(lambda: opened or _opened(wanted), first, settings)
    if first is not None:
        app.run(mouse=settings.mouse)
    study = app.study or (opened.study if opened is not None else None)
    for message in app.told or (opened.told if opened is not None else []):
        diagnostics.say(message)
    try:
        if app.error is not None:
            raise app.error
    finally:
        if study is not None:
            with study.collection as collection:
                # Where the terminal is gone, nobody reads it.
                if app.ended_by is not signal.SIGHUP:
                    say_farewell(study.summary(), study.has_next, collection, wanted, store_works=app.error is None)
    if study is not None and study.refused is not None:
        raise study.refused
    if app.ended_by is not None:
        sys.exit(_EXIT_BY_SIGNAL + app.ended_by)


def _glance(wanted: Wanted, settings: Settings) -> Glance | None:
    """The first question, where the options let it be found quickly."""
    from studycli import clock
    from studycli.store.glance import glance

    today = clock.study_day(clock.now(), settings.day_start_hour)
    return glance(settings, today, wanted.names) if wanted.usual else None


def first_of(study: Study) -> Glance | None:
    """The first question of a review that is open."""
    from studycli.demos.computed import filling
    from studycli.store.glance import Glance

    question = study.session.next()
    if question is None:
        return None
    asked, card = question.card, question.card.card
    return Glance(
        card_id=asked.id,
        deck=asked.deck,
        deck_title=asked.deck_title,
        number=card.number,
        variant=card.variant,
        title=card.title,
        concept=card.concept,
        difficulty=card.difficulty,
        cognitive_level=card.cognitive_level,
        critical=card.critical,
        flagged=asked.flagged,
        front=card.front,
        new=question.new,
        repeat=question.repeat,
        is_computed=filling.is_computed(card),
    )


def _opened(wanted: Wanted) -> Opened:
    from studycli.cli.context import open_collection
    from studycli.tui.app import Opened
    from studycli.tui.study import Study

    told: list[str] = []
    collection = open_collection(say=told.append)
    session = wanted.session(collection)
    opened = Opened(Study(collection, session, wanted.names), told, wanted.held_back(collection))
    gc.freeze()  # to look for garbage in all that was imported would stop the keys for up to 0.3 s, again and again
    gc.enable()
    return opened


def say_farewell(done: Summary, has_next: bool, collection: Collection, wanted: Wanted, *, store_works: bool) -> None:
    """What was done in this session; where there was nothing to ask, why."""
    from studycli.render.safe import clean

    if not (done.answered or done.suspended or done.buried or has_next):
        output.print_lines(wording.nothing_due(collection.select(wanted.names), collection.today, wanted.names))
        return
    left = _left_today(collection, wanted.names) if store_works else 0
    grading = collection.settings.grading
    lines = wording.summary(done, collection.today, grading, wanted.names, left)
    output.print_lines(["", *map(clean, lines)])


def _left_today(collection: Collection, names: Sequence[str]) -> int:
    """How many cards a review of these decks asks today, whatever the options of this one were."""
    try:
        question = collection.session(names, adopt=False).next()
    except StudyError:
        return 0  # what was done is worth more than what is left; these decks may be gone
    return question.remaining.total if question is not None else 0


def is_terminal() -> bool:
    """Whether there is a terminal to draw on; a page in a browser is one too."""
    in_browser = "TEXTUAL_DRIVER" in os.environ
    return in_browser or (sys.stdin is not None and sys.stdin.isatty() and not output.plain_terminal())
