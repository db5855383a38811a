"""The summary of a session: what was answered, how well, and what comes next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from studycli.model.review import CardState, Review, ReviewKind, StudyCard
from studycli.scheduler import grades, sm2


@dataclass(frozen=True, slots=True)
class Counts:
    """Cards left in a session, by kind; `new` counts those that can still be introduced if all goes well.

    `cram` counts the passes of a session that asks cards whatever is due.
    """

    new: int = 0
    due: int = 0
    repeats: int = 0
    cram: int = 0

    @property
    def total(self) -> int:
        """All of them together."""
        return self.new + self.due + self.repeats + self.cram


@dataclass(frozen=True, slots=True)
class Summary:
    """One session, without the answers that were taken back.

    `answered` counts answers and `cards` the distinct cards they were for; `by_quality` (0 to 5) and `by_button`
    ("Again" to "Easy") count answers. `new_learned` counts cards that were new and got a 3 or better, `lapses` the
    reviews that got less. `seconds` is thinking time. `remaining` is what the session has left today, and `upcoming`
    the number of cards that are due on each later study day, the nearest first.
    """

    answered: int
    cards: int
    by_quality: dict[int, int]
    by_button: dict[str, int]
    new_learned: int
    lapses: int
    suspended: int
    seconds: float
    remaining: Counts
    upcoming: dict[date, int]

    @property
    def again(self) -> int:
        """How many answers got less than 3."""
        return sum(count for quality, count in self.by_quality.items() if quality < sm2.PASSING)


def summarize(
    reviews: Sequence[Review], cards: Iterable[StudyCard], *, today: date, remaining: Counts, suspended: int = 0
) -> Summary:
    """The summary of a session's standing `reviews`; `cards` are all cards of the selection as they are now."""
    qualities = [review.quality for review in reviews if review.quality is not None]
    started = {review.card_id for review in reviews if review.kind is ReviewKind.REVIEW and _was_new(review.before)}
    passed = {review.card_id for review in reviews if review.quality is not None and review.quality >= sm2.PASSING}
    by_quality, by_button = Counter(qualities), Counter(map(grades.button, qualities))
    return Summary(
        answered=len(reviews),
        cards=len({review.card_id for review in reviews}),
        by_quality={quality: by_quality[quality] for quality in grades.QUALITIES},
        by_button={label: by_button[label] for label, _ in grades.BUTTONS.values()},
        new_learned=len(started & passed),
        lapses=sum(review.after.lapses - review.before.lapses for review in reviews),
        suspended=suspended,
        seconds=sum(review.seconds for review in reviews),
        remaining=remaining,
        upcoming=_upcoming(cards, today),
    )


def _was_new(state: CardState) -> bool:
    return state.due is None


def _upcoming(cards: Iterable[StudyCard], today: date) -> dict[date, int]:
    days = Counter(
        card.state.due
        for card in cards
        if card.state.due is not None and card.state.due > today and not (card.suspended or card.archived)
    )
    return {day: days[day] for day in sorted(days)}
