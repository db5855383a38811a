"""Statistics out of the facts of the store: sums by day, deck, concept and hour, and what is due when."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from statistics import median
from typing import TypeVar

from studycli.model.concept_name import key
from studycli.model.review import Status
from studycli.model.statistics import (
    Bin,
    DayActivity,
    DueDay,
    GroupRetention,
    HourActivity,
    Retention,
    Statistics,
)
from studycli.model.study_facts import GroupCounts, SlotCounts, Standing, StudyFacts
from studycli.review.weakness import Tally, weakest_first
from studycli.scheduler import grades, sm2

Name = TypeVar("Name", bound=Hashable)

DAYS = 365
"""Answers count for so many study days, today among them."""
FORECAST_DAYS = 30
_STATUSES = (Status.NEW, Status.LEARNING, Status.REVIEW, Status.SUSPENDED, Status.ARCHIVED)
_EASE_EDGES = (1.3, 1.5, 1.7, 1.9, 2.1, 2.3, 2.5, 2.7, 2.9)
_INTERVAL_EDGES = (1, 2, 4, 7, 14, 21, 30, 60, 90, 180, 365)
_DECIMALS = 9


def first_day(today: date) -> date:
    """The study day from which on answers count, on the study day `today`."""
    return today - timedelta(days=DAYS - 1)


def statistics(facts: StudyFacts, today: date) -> Statistics:
    """What the facts say on the study day `today`. Hours are local; everything else goes by study days."""
    by_quality = _sums((slot.quality, slot.answers) for slot in facts.slots)
    learned = [card for card in facts.standings if card.due is not None and not (card.suspended or card.archived)]
    due = {date.fromisoformat(day): cards for day, cards in Counter(card.due for card in learned).items() if day}
    young = _retention((group.young, group.young_passed) for group in facts.groups)
    mature = _retention((group.mature, group.mature_passed) for group in facts.groups)
    current, longest = streaks([date.fromisoformat(day) for day in facts.study_days], today)
    return Statistics(
        today=today,
        since=facts.since,
        answers=sum(by_quality.values()),
        seconds=sum(slot.seconds for slot in facts.slots),
        median_seconds=median(facts.latest_seconds) if facts.latest_seconds else None,
        days=_days(facts.slots),
        current_streak=current,
        longest_streak=longest,
        retention=_retention((part.reviews, part.passed) for part in (young, mature)),
        young=young,
        mature=mature,
        decks=_groups(facts.groups, lambda group: (group.deck, group.deck)),
        concepts=_groups(facts.groups, _concept),
        hours=_hours(facts.slots),
        by_quality=tuple(by_quality[quality] for quality in grades.QUALITIES),
        by_button=_buttons(by_quality),
        forecast=_forecast(due, today),
        overdue=sum(cards for day, cards in due.items() if day < today),
        later=sum(cards for day, cards in due.items() if day >= today + timedelta(days=FORECAST_DAYS)),
        eases=_bins(Counter(round(card.ease_factor, _DECIMALS) for card in learned), _EASE_EDGES),
        intervals=_bins(Counter(card.interval_days for card in learned), _INTERVAL_EDGES),
        by_status=_statuses(facts.standings),
    )


def weakest(groups: Iterable[GroupRetention], limit: int = 5) -> list[GroupRetention]:
    """The weakest of `concepts` or `decks` that had a lapse at all, at most so many."""
    return [group for group in groups if group.retention.lapses][:limit]


def streaks(days: Sequence[date], today: date) -> tuple[int, int]:
    """The current and the longest run of study days in a row. `days` are those with an answer, in order.

    A day that is not over breaks no streak: without an answer today, the current one ends yesterday.
    """
    longest = run = 0
    before: date | None = None
    for day in days:
        run = run + 1 if before is not None and (day - before).days == 1 else 1
        longest, before = max(longest, run), day
    is_current = before is not None and (today - before).days <= 1
    return run if is_current else 0, longest


def _days(slots: Iterable[SlotCounts]) -> tuple[DayActivity, ...]:
    answers: Counter[str] = Counter()
    seconds: defaultdict[str, float] = defaultdict(float)
    for slot in slots:
        answers[slot.study_day] += slot.answers
        seconds[slot.study_day] += slot.seconds
    return tuple(
        DayActivity(day=date.fromisoformat(day), answers=answers[day], seconds=seconds[day]) for day in sorted(answers)
    )


def _hours(slots: Iterable[SlotCounts]) -> tuple[HourActivity, ...]:
    answers: Counter[int] = Counter()
    reviews: Counter[int] = Counter()
    passed: Counter[int] = Counter()
    hours: dict[str, int] = {}
    for slot in slots:
        hour = hours.get(slot.slot)
        if hour is None:
            hour = hours[slot.slot] = datetime.fromisoformat(f"{slot.slot}+00:00").astimezone().hour
        answers[hour] += slot.answers
        reviews[hour] += slot.reviews
        passed[hour] += slot.reviews if slot.quality >= sm2.PASSING else 0
    return tuple(
        HourActivity(hour=hour, answers=answers[hour], retention=Retention(reviews=reviews[hour], passed=passed[hour]))
        for hour in range(24)
    )


def _concept(group: GroupCounts) -> tuple[str, str] | None:
    """What a concept goes by, and its name: 'Self-Attention' and 'self attention' are one."""
    name = (group.concept or "").strip()
    return (key(name) or name, name) if name else None


def _groups(
    counts: Iterable[GroupCounts], named: Callable[[GroupCounts], tuple[str, str] | None]
) -> tuple[GroupRetention, ...]:
    """The retention by what `named` tells apart, weakest first; a group has the name that most of its cards give it."""
    members: defaultdict[str, list[GroupCounts]] = defaultdict(list)
    names: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for count in counts:
        if (found := named(count)) is not None:
            members[found[0]].append(count)
            names[found[0]][found[1]] += count.cards
    groups = {}
    for same, parts in members.items():
        retention = _retention((part.young + part.mature, part.young_passed + part.mature_passed) for part in parts)
        name = min(names[same], key=lambda name: (-names[same][name], name))
        groups[same] = (name, sum(part.cards for part in parts), retention)
    tallies = [Tally(same, retention.lapses, retention.reviews) for same, (_, _, retention) in groups.items()]
    return tuple(
        GroupRetention(name=name, cards=cards, retention=retention, weakness=expected)
        for tally, expected in weakest_first(tallies)
        for name, cards, retention in [groups[tally.name]]
    )


def _retention(counts: Iterable[tuple[int, int]]) -> Retention:
    reviews = passed = 0
    for asked, remembered in counts:
        reviews, passed = reviews + asked, passed + remembered
    return Retention(reviews=reviews, passed=passed)


def _buttons(by_quality: Mapping[int, int]) -> dict[str, int]:
    counts = _sums((grades.button(quality), answers) for quality, answers in by_quality.items())
    return {label: counts[label] for label, _ in grades.BUTTONS.values()}


def _forecast(due: Mapping[date, int], today: date) -> tuple[DueDay, ...]:
    days = [today + timedelta(days=ahead) for ahead in range(FORECAST_DAYS)]
    now = sum(cards for day, cards in due.items() if day <= today)
    return tuple(DueDay(day=day, cards=now if day == today else due.get(day, 0)) for day in days)


def _bins(values: Mapping[float, int], edges: Sequence[float]) -> tuple[Bin, ...]:
    """Each value in the bin that begins at or below it; what is under the first edge is in the first."""
    counts = [0] * len(edges)
    for value, cards in values.items():
        counts[max(bisect_right(edges, value) - 1, 0)] += cards
    uppers = [*edges[1:], None]
    return tuple(
        Bin(lower=lower, upper=upper, cards=cards) for lower, upper, cards in zip(edges, uppers, counts, strict=True)
    )


def _statuses(standings: Iterable[Standing]) -> dict[Status, int]:
    counts = Counter(map(_status, standings))
    return {status: counts[status] for status in _STATUSES}


def _status(card: Standing) -> Status:
    if card.archived:
        return Status.ARCHIVED
    if card.suspended:
        return Status.SUSPENDED
    if card.due is None:
        return Status.NEW
    return Status.LEARNING if card.repetitions == 0 else Status.REVIEW


def _sums(pairs: Iterable[tuple[Name, int]]) -> Counter[Name]:
    counts: Counter[Name] = Counter()
    for name, number in pairs:
        counts[name] += number
    return counts
