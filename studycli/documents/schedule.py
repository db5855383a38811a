"""A deck's schedule: first intervals, ease factors, the order of introduction, and plans by day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from studycli.documents import card_heading, numbers
from studycli.documents.outline import TableBlock, plain
from studycli.model.card import Difficulty
from studycli.model.deck import ReviewDay, ScheduleRow
from studycli.model.problem import Problem, Severity

CARD_COLUMNS = ("card", "cards", "card number", "no", "number")
INTERVAL_COLUMNS = ("initial interval", "interval", "first interval", "start interval")
EASE_COLUMNS = ("difficulty multiplier", "multiplier", "ease", "ease factor", "initial ease")
ORDER_COLUMNS = ("recommended review", "review order", "recommended order", "recommendation", "order", "notes")
DAY_COLUMNS = ("day", "days", "session", "week", "when", "review day")
_PLAN_CARDS = ("cards", "cards to review", "card", "review", "focus", "activity", "cards due")
_LOWEST_EASE = 1.3
_AFTER = re.compile(
    r"\b(?:after|once|following|needs|requires?|prerequisites?|when)\b(.*)$|^\s*(?:cards?\s+\d.*)\bfirst\b",
    re.IGNORECASE,
)
_EVERYTHING = re.compile(
    r"\b(?:all|every|each)\b[\w\s]{0,30}?\b(?:others?|cards?|rest|else)\b|\beverything\b", re.IGNORECASE
)
_PREVIOUS = re.compile(r"\b(?:all\s+)?(?:previous|earlier|preceding|prior)\b", re.IGNORECASE)


class CardKey(NamedTuple):
    """What the schedule needs to know of a card."""

    number: int
    difficulty: Difficulty | None


def is_schedule(table: TableBlock) -> bool:
    """True for a table that gives cards a first interval or an ease factor."""
    return table.column(*CARD_COLUMNS, "difficulty", "level") is not None and (
        table.column(*INTERVAL_COLUMNS) is not None or table.column(*EASE_COLUMNS[:2]) is not None
    )


def is_plan(table: TableBlock) -> bool:
    """True for a review plan by day."""
    return table.column(*DAY_COLUMNS) is not None and table.column(*_PLAN_CARDS) is not None


def rows(table: TableBlock, cards: Sequence[CardKey]) -> tuple[list[ScheduleRow], list[Problem]]:
    """The schedule's rows, one for each card a row names, and what is wrong with their figures."""
    found: list[ScheduleRow] = []
    problems: list[Problem] = []
    card_column = table.column(*CARD_COLUMNS, "difficulty", "level")
    interval_column, ease_column = table.column(*INTERVAL_COLUMNS), table.column(*EASE_COLUMNS)
    order_column = table.column(*ORDER_COLUMNS)
    for cells, line in zip(table.rows, table.row_lines, strict=True):
        who = cells[card_column or 0]
        named = _cards_of(who, cards)
        if not named:
            problems.append(_warn(line, f"the schedule names no card in '{who}'", "write the card's number"))
        interval = _interval(cells, interval_column, line, problems)
        ease = _ease(cells, ease_column, line, problems)
        order = cells[order_column] if order_column is not None else ""
        for number in named:
            found.append(
                ScheduleRow(
                    card=number,
                    initial_interval_days=interval,
                    initial_ease=ease,
                    recommended_review=order,
                    after=predecessors(order, number, cards),
                    line=line + 1,
                )
            )
    return found, problems


def predecessors(text: str, card: int, cards: Sequence[CardKey]) -> tuple[int, ...]:
    """The numbers of the cards that `card` should follow according to a recommendation such as 'After Cards 1-2'.

    'Review with Card 1' names a companion, not a predecessor, and gives none.
    """
    match = _AFTER.search(text)
    if not match:
        return ()
    clause = match[1] if match[1] is not None else match[0]
    named = dict.fromkeys(numbers.card_numbers(clause))
    if not named:
        level = next((found for word in plain(clause).split() if (found := card_heading.difficulty(word))), None)
        if level:
            named = dict.fromkeys(key.number for key in cards if key.difficulty == level)
        elif _PREVIOUS.search(clause):
            named = dict.fromkeys(key.number for key in cards if key.number < card)
        elif _EVERYTHING.search(clause):
            named = dict.fromkeys(key.number for key in cards)
    return tuple(number for number in named if number != card)


def plan(table: TableBlock) -> list[ReviewDay]:
    """The rows of a review plan by day."""
    day, what = table.column(*DAY_COLUMNS) or 0, table.column(*_PLAN_CARDS) or 0
    return [
        ReviewDay(day=cells[day], cards=_plan_cards(cells[what]), text=cells[what], line=line + 1)
        for cells, line in zip(table.rows, table.row_lines, strict=True)
    ]


def _plan_cards(text: str) -> tuple[int, ...]:
    return numbers.card_numbers(text) or (numbers.integers(text) if re.fullmatch(r"[\d\s,&–—-]+", text) else ())


def _cards_of(text: str, cards: Sequence[CardKey]) -> tuple[int, ...]:
    found = numbers.integers(text)
    if found:
        return found
    level = next((named for word in plain(text).split() if (named := card_heading.difficulty(word))), None)
    if level:
        return tuple(key.number for key in cards if key.difficulty == level)
    return tuple(key.number for key in cards) if _EVERYTHING.search(text) or plain(text) == "all" else ()


def _interval(cells: tuple[str, ...], column: int | None, line: int, problems: list[Problem]) -> int | None:
    if column is None or not cells[column]:
        return None
    found = numbers.days(cells[column])
    if found is None or found < 1:
        hint = "write whole days, such as '3 days'"
        problems.append(_warn(line, f"'{cells[column]}' is no interval; 1 day is used", hint))
        return 1
    return found


def _ease(cells: tuple[str, ...], column: int | None, line: int, problems: list[Problem]) -> float | None:
    if column is None or not cells[column]:
        return None
    found = numbers.multiplier(cells[column])
    if found is None or found < _LOWEST_EASE:
        hint = "an ease factor is 1.3 or more, usually 2.5"
        used = 2.5 if found is None else _LOWEST_EASE
        problems.append(_warn(line, f"'{cells[column]}' is no ease factor; {used} is used", hint))
        return used
    return found


def _warn(line: int, message: str, hint: str) -> Problem:
    return Problem(severity=Severity.WARNING, line=line + 1, message=message, hint=hint)
