"""The learner's collection for a command: settings loaded, documents synced, problems told on stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studycli.cli import diagnostics
from studycli.review.wording import count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from studycli.collection import Collection
    from studycli.model.library import CardChange, SourceProblem, SyncReport


def open_collection(sync: bool = True, say: Callable[[str], None] = diagnostics.say) -> Collection:
    """Open the collection of the current settings; `say` hears of problems. Raises UsageError and StoreError."""
    from studycli import config
    from studycli.collection import Collection

    def tell(found: SourceProblem) -> None:
        say(diagnostics.problem_line(found.path, found.problem))

    collection = Collection.open(config.load(), sync=sync, tell=tell)
    tell_losses(collection.changes, say)
    return collection


def tell_losses(report: SyncReport, say: Callable[[str], None] = diagnostics.say) -> None:
    """One line where reviewed cards left their documents, or new ones may be cards that are known."""
    lost, unclear = report.archived_reviewed, [doubt.card for doubt in report.ambiguous]
    told = []
    if lost:
        verb = "is" if len(lost) == 1 else "are"
        were = "was" if len(lost) == 1 else "were"
        told.append(f"{count(len(lost), 'reviewed card')} {verb} no longer in {_decks(lost)} and {were} archived")
    if unclear:
        known = "may be one that you know and starts" if len(unclear) == 1 else "may be ones that you know and start"
        told.append(f"{count(len(unclear), 'card')} of {_decks(unclear)} {known} anew")
    if told:
        show = "studycli cards --status archived lists what was archived"
        mend = "to give a card its old history, write <!-- id: OLD-ID --> under its heading"
        say(f"note: {'; '.join(told)} ({show}; {mend})")


def _decks(cards: Iterable[CardChange]) -> str:
    """'sound', 'sound and light', 'sound and 4 other decks'."""
    first, *others = dict.fromkeys(card.deck for card in cards)
    if not others:
        return first
    return f"{first} and {others[0] if len(others) == 1 else f'{len(others)} other decks'}"
