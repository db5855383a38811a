"""The summary of a session: what was answered, how well, and what comes next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from studycli.model.concept_name import key
from studycli.model.review import CardState, Review, ReviewKind, StudyCard
from studycli.review import wording
from studycli.review.weakness import Tally, weakest_first
from studycli.scheduler import grades, sm2

_MOST_WEAK = 3


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
    the number of cards that are due on each later study day, the nearest first. `learned` names what the new cards
    that were learned are about, in their order, and `weakest` what went worst: the answers on it, and of these the
    misses, which got less than 4. Both go by concept, or by the card's title or place where it names none.
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
    buried: int = 0
    learned: tuple[str, ...] = ()
    weakest: tuple[Tally, ...] = ()

    @property
    def again(self) -> int:
        """How many answers got less than 3."""
        return sum(count for quality, count in self.by_quality.items() if quality < sm2.PASSING)


def summarize(
    reviews: Sequence[Review],
    cards: Iterable[StudyCard],
    *,
    today: date,
    remaining: Counts,
    suspended: int = 0,
    buried: int = 0,
) -> Summary:
    """The summary of a session's standing `reviews`; `cards` are all cards of the selection as they are now."""
    qualities = [review.quality for review in reviews if review.quality is not None]
    started = {review.card_id for review in reviews if review.kind is ReviewKind.REVIEW and _was_new(review.before)}
    passed = {review.card_id for review in reviews if review.quality is not None and review.quality >= sm2.PASSING}
    by_quality, by_button = Counter(qualities), Counter(map(grades.button, qualities))
    cards = tuple(cards)
    answered = {review.card_id for review in reviews}
    subjects = {card.id: _subject(card) for card in cards if card.id in answered}
    learned = [subjects[review.card_id] for review in reviews if review.card_id in started & passed]
    return Summary(
        answered=len(reviews),
        cards=len(answered),
        by_quality={quality: by_quality[quality] for quality in grades.QUALITIES},
        by_button={label: by_button[label] for label, _ in grades.BUTTONS.values()},
        new_learned=len(started & passed),
        lapses=sum(review.after.lapses - review.before.lapses for review in reviews),
        suspended=suspended,
        buried=buried,
        seconds=sum(review.seconds for review in reviews),
        remaining=remaining,
        upcoming=_upcoming(cards, today),
        learned=_distinct(learned),
        weakest=_weakest((subjects[review.card_id], review.quality) for review in reviews),
    )


def _subject(study: StudyCard) -> str:
    """What a card is about, in a few words."""
    card = study.card
    names = (" ".join(name.split()) for name in (card.concept or "", card.title))
    return next(filter(None, names), wording.place(study))


def _distinct(subjects: Iterable[str]) -> tuple[str, ...]:
    """Each once, spelled as it came first."""
    names: dict[str, str] = {}
    for subject in subjects:
        names.setdefault(key(subject) or subject, subject)
    return tuple(names.values())


def _weakest(answers: Iterable[tuple[str, int | None]]) -> tuple[Tally, ...]:
    """The subjects that had a miss, weakest first; a subject has the spelling that came first."""
    names: dict[str, str] = {}
    counts: Counter[str] = Counter()
    misses: Counter[str] = Counter()
    for subject, quality in answers:
        name = names.setdefault(key(subject) or subject, subject)
        counts[name] += 1
        misses[name] += quality is not None and quality < sm2.SETTLED
    rated = weakest_first(Tally(name, misses[name], counts[name]) for name in counts)
    return tuple(tally for tally, _ in rated if tally.misses)[:_MOST_WEAK]


def _was_new(state: CardState) -> bool:
    return state.due is None


def _upcoming(cards: Iterable[StudyCard], today: date) -> dict[date, int]:
    days = Counter(_next_day(card, today) for card in cards if not (card.suspended or card.archived))
    return {day: days[day] for day in sorted(day for day in days if day is not None and day > today)}


def _next_day(card: StudyCard, today: date) -> date | None:
    """The study day that asks a card next; one that is buried today waits for tomorrow at least."""
    due = card.state.due
    return due if due is None or not card.buried else max(due, date.fromordinal(today.toordinal() + 1))
