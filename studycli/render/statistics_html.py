"""Statistics as one HTML page: works offline, without a script, and every chart is a table too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from html import escape
from importlib.resources import files

from studycli.model.statistics import GroupRetention, Retention, Statistics
from studycli.render import calendar as calendars
from studycli.render.safe import one_line
from studycli.render.statistics import cards_by_status, duration, ease_range, interval_range, remembered

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_CELL, _GAP, _MARGIN, _TOP = 13, 3, 34, 18
_COLUMN, _HEIGHT = 22, 120
_WEEK = 7


def draw(statistics: Statistics, of: Sequence[str] = ()) -> bytes:
    """The page as UTF-8; `of` are the names of the decks that it is about, or none for all."""
    title = _text(f"Study statistics of {', '.join(of)}" if of else "Study statistics")
    body = "\n".join(
        (
            _section("Answers by day", _calendar(statistics)),
            _section("Retention by deck", _groups("Deck", statistics.decks)),
            _section("Retention by concept", _groups("Concept", statistics.concepts)),
            _section(f"Due in the next {len(statistics.forecast)} days", _forecast(statistics)),
            _section("Ease factors", _counts("Ease factor", [(ease_range(b), b.cards) for b in statistics.eases])),
            _section("Intervals", _counts("Interval", [(interval_range(b), b.cards) for b in statistics.intervals])),
            _section("Hours of the day", _hours(statistics)),
        )
    )
    page = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{_asset('page.css')}{_asset('statistics.css')}</style>\n"
        f"</head>\n<body>\n<main>\n<h1>{title}</h1>\n{_overview(statistics)}\n{body}\n</main>\n"
        "</body>\n</html>\n"
    )
    return page.encode("utf-8", "replace")


def _section(title: str, inside: str) -> str:
    return f"<section>\n<h2>{title}</h2>\n{inside}\n</section>"


def _overview(statistics: Statistics) -> str:
    pace = f", {statistics.median_seconds:.1f} s each (median)" if statistics.median_seconds is not None else ""
    buttons = ", ".join(f"{name} {number:,}" for name, number in statistics.by_button.items())
    facts = (
        ("Answers", f"{statistics.answers:,} from {statistics.since} to {statistics.today}"),
        ("Thought", f"{duration(statistics.seconds)}{pace}"),
        ("Buttons", buttons),
        ("Retention", f"{remembered(statistics.retention)} (cards that were not new, no extra passes)"),
        ("Young", f"{remembered(statistics.young)} (interval under 21 days)"),
        ("Mature", f"{remembered(statistics.mature)} (21 days or more)"),
        ("Streak", f"{statistics.current_streak:,} now, {statistics.longest_streak:,} at most (study days in a row)"),
        ("Cards", cards_by_status(statistics)),
    )
    return "<dl>\n" + "\n".join(f"<dt>{name}</dt><dd>{_text(words)}</dd>" for name, words in facts) + "\n</dl>"


def _calendar(statistics: Statistics) -> str:
    answers = {day.day: day.answers for day in statistics.days}
    by = calendars.step([day.answers for day in statistics.days])
    mondays = calendars.weeks(statistics.since, statistics.today)
    rects = "".join(
        _square(week, day, answers.get(day, 0), by)
        for week, monday in enumerate(mondays)
        for day in (monday + timedelta(days=weekday) for weekday in range(_WEEK))
        if statistics.since <= day <= statistics.today
    )
    pitch = _CELL + _GAP
    months = "".join(
        f'<text x="{_MARGIN + week * pitch}" y="11">{name}</text>'
        for week, name in calendars.month_labels(mondays).items()
    )
    weekdays = "".join(
        f'<text x="0" y="{_TOP + weekday * pitch + 11}">{name}</text>'
        for weekday, name in enumerate(calendars.WEEKDAYS)
    )
    width, height = _MARGIN + len(mondays) * pitch, _TOP + _WEEK * pitch
    legend = "".join(f'<li><i class="l{shade}"></i>{words}</li>' for shade, words in enumerate(calendars.ranges(by)))
    rows = [(str(day.day), f"{day.answers:,}", duration(day.seconds)) for day in reversed(statistics.days)]
    return (
        f'<div class="scroll"><svg width="{width}" height="{height}" role="img" aria-label="Answers on each day; the '
        f'table below has them in numbers">{months}{weekdays}{rects}</svg></div>\n<ul class="legend">{legend}</ul>\n'
        f"{_details('days with answers', ('Day', 'Answers', 'Thought'), rows)}"
    )


def _square(week: int, day: date, answers: int, by: int) -> str:
    pitch, weekday = _CELL + _GAP, day.weekday()
    return (
        f'<rect class="l{calendars.level(answers, by)}" x="{_MARGIN + week * pitch}" y="{_TOP + weekday * pitch}" '
        f'width="{_CELL}" height="{_CELL}" rx="2"><title>{calendars.WEEKDAYS[weekday]} {day}: {answers:,} '
        f"answer{'' if answers == 1 else 's'}</title></rect>"
    )


def _groups(what: str, groups: Sequence[GroupRetention]) -> str:
    if not groups:
        return '<p class="quiet">No reviews yet.</p>'
    rows = [
        (
            _text(group.name),
            group.retention.share or 0.0,
            (
                _share(group.retention),
                f"{group.retention.reviews:,}",
                f"{group.retention.lapses:,}",
                f"{group.cards:,}",
            ),
        )
        for group in groups
    ]
    said = '<p class="quiet">Weakest first; where reviews are few, the average counts too.</p>\n'
    return said + _bars((what, "Retention", "Reviews", "Lapses", "Cards"), rows)


def _forecast(statistics: Statistics) -> str:
    due = statistics.forecast
    top = max((day.cards for day in due), default=0) or 1
    columns = "".join(_column(place, day.day, day.cards, top) for place, day in enumerate(due))
    labels = "".join(
        f'<text x="{place * _COLUMN}" y="{_HEIGHT + 28}">{day.day.day} {calendars.MONTHS[day.day.month - 1]}</text>'
        for place, day in enumerate(due)
        if place % _WEEK == 0
    )
    width = len(due) * _COLUMN + 20
    late = f" {statistics.overdue:,} of today's cards are overdue." if statistics.overdue else ""
    rows = [(str(day.day), f"{day.cards:,}") for day in due]
    return (
        f'<p class="quiet">{statistics.later:,} more are due later.{late} New cards, which come by the daily limit, '
        "and the further reviews of these cards are not in it.</p>\n"
        f'<div class="scroll"><svg width="{width}" height="{_HEIGHT + 34}" role="img" aria-label="Cards due on each '
        f'day; the table below has them in numbers">{columns}<line class="axis" x1="0" x2="{width}" '
        f'y1="{_HEIGHT + 14}" y2="{_HEIGHT + 14}"></line>{labels}</svg></div>\n'
        f"{_details('days', ('Day', 'Cards due'), rows)}"
    )


def _column(place: int, day: date, cards: int, top: int) -> str:
    height = cards / top * _HEIGHT
    said = f"{day}: {cards:,} card{'' if cards == 1 else 's'} due"
    return (
        f'<rect class="column" x="{place * _COLUMN}" y="{_HEIGHT + 14 - height:.1f}" width="{_COLUMN - 5}" '
        f'height="{height:.1f}" rx="2"><title>{said}</title></rect>'
    )


def _counts(what: str, counted: Sequence[tuple[str, int]]) -> str:
    total, top = sum(cards for _, cards in counted), max((cards for _, cards in counted), default=0)
    if not total:
        return '<p class="quiet">No cards yet.</p>'
    rows = [(label, cards / top, (f"{cards:,}", f"{cards / total * 100:.1f} %")) for label, cards in counted]
    return _bars((what, "Cards", "Share"), rows)


def _hours(statistics: Statistics) -> str:
    top = max(hour.answers for hour in statistics.hours)
    if not top:
        return '<p class="quiet">No answers yet.</p>'
    rows = [
        (
            f"{hour.hour:02}:00",
            hour.answers / top,
            (f"{hour.answers:,}", _share(hour.retention), f"{hour.retention.reviews:,}"),
        )
        for hour in statistics.hours
    ]
    return _bars(("Hour", "Answers", "Retention", "Reviews"), rows)


def _bars(heads: Sequence[str], rows: Sequence[tuple[str, float, Sequence[str]]]) -> str:
    """A table whose second column is drawn: rows of a name (HTML), a share of the longest bar, and figures."""
    columns = "".join(f'<th scope="col">{head}</th>' for head in heads[1:])
    return (
        '<div class="scroll"><table class="bars">\n'
        f'<thead><tr><th scope="col">{heads[0]}</th><td class="bar"></td>{columns}</tr>'
        f"</thead>\n<tbody>\n{chr(10).join(_rows(rows))}\n</tbody></table></div>"
    )


def _rows(rows: Sequence[tuple[str, float, Sequence[str]]]) -> Iterator[str]:
    for name, share, figures in rows:
        empty = "" if share else ' class="empty"'
        cells = "".join(f"<td>{figure}</td>" for figure in figures)
        bar = f'<td class="bar" aria-hidden="true"><div{empty} style="width:{share * 100:.1f}%"></div></td>'
        yield f'<tr><th scope="row">{name}</th>{bar}{cells}</tr>'


def _details(what: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    columns = "".join(f'<th scope="col">{head}</th>' for head in heads)
    lines = "\n".join(
        f'<tr><th scope="row">{row[0]}</th>{"".join(f"<td>{cell}</td>" for cell in row[1:])}</tr>' for row in rows
    )
    return (
        f"<details><summary>all {len(rows)} {what} as a table</summary>\n<table>\n<thead><tr>{columns}</tr></thead>\n"
        f"<tbody>\n{lines}\n</tbody></table></details>"
    )


def _share(retention: Retention) -> str:
    return "–" if retention.share is None else f"{retention.share * 100:.1f} %"


def _text(text: str) -> str:
    return escape(one_line(text))


def _asset(name: str) -> str:
    return (files("studycli.render") / "page" / name).read_text("utf-8")
