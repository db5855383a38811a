"""Statistics on a terminal: each chart by itself, and all of them one under the other."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from rich.text import Text

from studycli.model.review import Status
from studycli.model.statistics import Bin, GroupRetention, Retention, Statistics
from studycli.render import bars
from studycli.render import calendar as calendars
from studycli.render.listing import Column, listing

_NARROWEST_NAME = 8
_FACT_WIDTH = 11
_WEEK = 7
_BEFORE_UNIT = re.compile(r"(?<=\d) (?=%|(?:h|min|s)\b)")
_BOUND = "\N{NO-BREAK SPACE}"
_STATUSES = {Status.REVIEW: "in review"}


class Section(NamedTuple):
    """A chart with its title; no line of its text is wider than it was drawn for."""

    title: str
    text: Text


def sections(statistics: Statistics, width: int, most: int | None = None) -> list[Section]:
    """Every chart within `width` terminal cells (40 or more); of decks and concepts the `most` weakest, or all."""
    return [
        Section("Overview", overview(statistics, width)),
        Section("Answers by day", days(statistics, width)),
        Section("Retention by deck", decks(statistics, width, most)),
        Section("Retention by concept", concepts(statistics, width, most)),
        Section("Due in the next 30 days", forecast(statistics, width)),
        Section("Ease factors", eases(statistics, width)),
        Section("Intervals", intervals(statistics, width)),
        Section("Hours of the day", hours(statistics, width)),
    ]


def everything(statistics: Statistics, width: int, most: int | None = None) -> Text:
    """All sections under their titles."""
    parts = [Text.assemble((title, "bold"), "\n", text) for title, text in sections(statistics, width, most)]
    return Text("\n\n", no_wrap=True, overflow="ignore").join(parts)


def overview(statistics: Statistics, width: int) -> Text:
    """The sums: answers, retention, streaks, buttons, cards."""
    asked = f"{statistics.answers:,} since {statistics.since}, {duration(statistics.seconds)} of thought"
    pace = f", {statistics.median_seconds:.1f} s each (median)" if statistics.median_seconds is not None else ""
    buttons = ", ".join(
        f"{name} {number:,} ({_percent(number / statistics.answers)})" if statistics.answers else f"{name} 0"
        for name, number in statistics.by_button.items()
    )
    facts = [
        ("Answers", asked + pace),
        ("Buttons", buttons),
        ("Retention", f"{remembered(statistics.retention)} (cards that were not new, no extra passes)"),
        ("  young", f"{remembered(statistics.young)} (interval under 21 days)"),
        ("  mature", f"{remembered(statistics.mature)} (21 days or more)"),
        ("Streak", f"{_days(statistics.current_streak)} now, {_days(statistics.longest_streak)} at most"),
        ("Cards", cards_by_status(statistics)),
    ]
    return _paragraphs([(name.ljust(_FACT_WIDTH), words) for name, words in facts], width)


def days(statistics: Statistics, width: int) -> Text:
    """The calendar of answers by study day."""
    counts = {day.day: day.answers for day in statistics.days}
    drawn = calendars.calendar(counts, statistics.since, statistics.today, width)
    number = len(statistics.days)
    share = statistics.seconds / number if number else 0.0
    said = f"Answers on {_days(number)}" + (f", {duration(share)} of thought on each (mean)." if number else ".")
    return drawn.append("\n").append_text(_paragraphs([("", said)], width))


def decks(statistics: Statistics, width: int, most: int | None = None) -> Text:
    """The retention of decks, weakest first."""
    return _groups("Deck", statistics.decks, width, most)


def concepts(statistics: Statistics, width: int, most: int | None = None) -> Text:
    """The retention of concepts, weakest first."""
    return _groups("Concept", statistics.concepts, width, most)


def forecast(statistics: Statistics, width: int) -> Text:
    """How many cards are due on each of the next study days."""
    due = statistics.forecast
    labels = [_day(due[ahead].day) if ahead % _WEEK == 0 else "" for ahead in range(len(due))]
    drawn = bars.standing([day.cards for day in due], labels, width)
    total = sum(day.cards for day in due)
    late = f" ({statistics.overdue:,} of them overdue)" if statistics.overdue else ""
    said = (
        f"Today {due[0].cards:,}{late}, tomorrow {due[1].cards:,}, in 7 days {sum(d.cards for d in due[:_WEEK]):,}, "
        f"in {len(due)} days {total:,}, later {statistics.later:,}. New cards, which come by the daily limit, and "
        "the further reviews of these cards are not in it."
    )
    return drawn.append("\n").append_text(_paragraphs([("", said)], width))


def eases(statistics: Statistics, width: int) -> Text:
    """How many cards have which ease factor."""
    rows = [(ease_range(span), span.cards) for span in statistics.eases]
    return _counted(rows, width, "cards")


def intervals(statistics: Statistics, width: int) -> Text:
    """How many cards have which interval."""
    rows = [(interval_range(span), span.cards) for span in statistics.intervals]
    return _counted(rows, width, "cards")


def hours(statistics: Statistics, width: int) -> Text:
    """Answers and retention by hour, from the first hour with answers to the last."""
    busy = [place for place, hour in enumerate(statistics.hours) if hour.answers]
    shown = statistics.hours[busy[0] : busy[-1] + 1] if busy else ()
    rows = [
        bars.Row(
            f"{hour.hour:02}:00",
            hour.answers,
            (f"{hour.answers:,}", _share(hour.retention), f"{hour.retention.reviews:,}"),
        )
        for hour in shown
    ]
    return bars.lying(rows, width, ("answers", "retention", "reviews")) if rows else Text("no answers yet")


def cards_by_status(statistics: Statistics) -> str:
    """'12 new, 3 learning, 40 in review'."""
    counts = [(_STATUSES.get(status, status.value), number) for status, number in statistics.by_status.items()]
    return ", ".join(f"{number:,} {words}" for words, number in counts if number) or "none"


def remembered(retention: Retention) -> str:
    """'89.1 % of 1,234 reviews'."""
    reviews = f"{retention.reviews:,} review{'' if retention.reviews == 1 else 's'}"
    return f"{_share(retention)} of {reviews}" if retention.reviews else "no reviews yet"


def duration(seconds: float) -> str:
    """Time as a person says it: '45 s', '12 min', '3 h 20 min', '120 h'."""
    if round(seconds) < 60:
        return f"{round(seconds)} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    whole, rest = divmod(minutes, 60)
    return f"{whole} h {rest} min" if whole < 100 and rest else f"{whole:,} h"


def interval_range(span: Bin) -> str:
    """'1 d', '2–3 d', '365 d or more'."""
    if span.upper is None:
        return f"{span.lower:.0f} d or more"
    last = span.upper - 1
    return f"{span.lower:.0f} d" if last == span.lower else f"{span.lower:.0f}–{last:.0f} d"


def ease_range(span: Bin) -> str:
    """'1.3 to 1.5', '2.9 or more'; the upper end belongs to the next."""
    return f"{span.lower:.1f} or more" if span.upper is None else f"{span.lower:.1f} to {span.upper:.1f}"


def _groups(what: str, groups: Sequence[GroupRetention], width: int, most: int | None) -> Text:
    if not groups:
        return Text("no reviews yet")
    columns = (
        Column(what, text=_NARROWEST_NAME),
        Column("Retention", number=True),
        Column("Reviews", number=True),
        Column("Lapses", number=True, drop=2),
        Column("Cards", number=True, drop=1),
    )
    shown = groups[:most]
    rows = [
        (
            group.name,
            _share(group.retention),
            f"{group.retention.reviews:,}",
            f"{group.retention.lapses:,}",
            f"{group.cards:,}",
        )
        for group in shown
    ]
    text = listing(columns, rows, width)
    rest = f" {len(groups) - len(shown):,} more are in --json and --save." if len(shown) < len(groups) else ""
    said = f"Weakest first; where reviews are few, the average counts too.{rest}"
    return text.append("\n").append_text(_paragraphs([("", said)], width))


def _counted(rows: Sequence[tuple[str, int]], width: int, noun: str) -> Text:
    total = sum(number for _, number in rows)
    if not total:
        return Text(f"no {noun} yet")
    return bars.lying(
        [bars.Row(label, number, (f"{number:,}", _percent(number / total))) for label, number in rows], width
    )


def _paragraphs(facts: Sequence[tuple[str, str]], width: int) -> Text:
    """Each fact behind its name, its further lines under its first."""
    lines = []
    for name, words in facts:
        room = max(width - len(name), 1)
        wrapped = textwrap.wrap(_BEFORE_UNIT.sub(_BOUND, words), room, break_on_hyphens=False)
        lines += [(" " * len(name) if number else name) + line for number, line in enumerate(wrapped)]
    return Text("\n".join(lines).replace(_BOUND, " "), no_wrap=True, overflow="ignore")


def _share(retention: Retention) -> str:
    return "–" if retention.share is None else f"{retention.share * 100:.1f} %"


def _percent(share: float) -> str:
    return "<1 %" if 0 < share < 0.005 else f"{share * 100:.0f} %"


def _days(number: int) -> str:
    return f"{number:,} day{'' if number == 1 else 's'}"


def _day(day: date) -> str:
    return f"{day.day} {calendars.MONTHS[day.month - 1]}"
