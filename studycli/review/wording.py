"""The words of a review: intervals, buttons, progress, the summary."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studycli.model.review import CardState, Review, StudyCard
    from studycli.review.session import Question
    from studycli.review.summary import Counts, Summary

_DAYS_IN_YEAR = 365.25
_DAYS_IN_MONTH = _DAYS_IN_YEAR / 12
_FEWEST_DAYS_IN_MONTHS = 60
_SHORT = {"month": "mo", "year": "y"}
_MOST_NAMES = 5
_UNBURY = "`studycli unbury CARD` brings one back"
_NO_REPEAT_FROM = 4  # a quality below it brings the card back in the session


def interval(days: int, *, short: bool = False) -> str:
    """Days as a person says them: '45 d', '2.5 months', '1.2 years'; the last two in `short` '2.5 mo', '1.2 y'."""
    if days < _FEWEST_DAYS_IN_MONTHS:
        return f"{days} d"
    number, unit = (days / _DAYS_IN_MONTH, "month") if days < _DAYS_IN_YEAR else (days / _DAYS_IN_YEAR, "year")
    text = f"{number:.1f}".removesuffix(".0")
    if short:
        return f"{text} {_SHORT[unit]}"
    return f"{text} {unit}" if text == "1" else f"{text} {unit}s"


def day(when: date, today: date) -> str:
    """A study day as seen from another: 'today', 'tomorrow (2026-03-03)', 'on Fri 6 March'.

    Past midnight the study day is still yesterday's, so its tomorrow needs a date.
    """
    if when == today:
        return "today"
    if when == today + timedelta(days=1):
        return f"tomorrow ({when})"
    return f"on {when:%a} {when.day} {when:%B}" + ("" if when.year == today.year else f" {when.year}")


def overdue(when: date | None, today: date) -> str:
    """How late a due card is: 'today', '3 d ago'."""
    late = (today - when).days if when is not None else 0
    return f"{interval(late)} ago" if late > 0 else "today"


def standing(study: StudyCard, today: date) -> str:
    """Where a card stands: 'new', 'suspended', or its interval, when it is due, and whether today asks it again."""
    if study.set_aside or study.state.due is None:
        return study.status.value
    days = interval(study.state.interval_days)
    when = overdue(study.state.due, today) if study.state.due < today else day(study.state.due, today)
    again = " and once more today" if study.pending_repeat and study.state.due > today else ""
    return f"interval {days}, due {when}{again}"


def count(number: int, noun: str) -> str:
    """'1 card', '2 cards'."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def progress(left: Counts) -> str:
    """What is left in the session."""
    if left.cram:
        return f"cram {left.cram}"
    return f"new {left.new} · due {left.due} · again {left.repeats}"


def buttons(grading: str, choices: dict[int, CardState], *, repeat: bool, short: bool = False) -> list[str]:
    """Each grade key with its label and the interval it leads to; an extra pass changes no interval, so shows none."""
    from studycli.scheduler import grades

    shown = []
    for key, (label, quality) in grades.keys(grading).items():
        words = f"{key}:" if grading == "sm2" else f"{key} {label}"
        days = interval(choices[quality].interval_days, short=short)
        shown.append(words.rstrip(":") if repeat else f"{words} {days}")
    return shown


def graded(review: Review, label: str, today: date) -> str:
    """What a grade led to."""
    when = review.after.due
    due = f"due {day(when, today)}" if when is not None else "the schedule stays as it is"
    again = "; it comes back in this session" if review.quality is not None and review.quality < _NO_REPEAT_FROM else ""
    return f"{label}: {due}{again}"


def label(quality: int, grading: str) -> str:
    """The name of a grade under a grading setting."""
    from studycli.scheduler import grades

    return f"Grade {quality}" if grading == "sm2" else grades.button(quality)


def keys_help(grading: str) -> list[str]:
    """Everything that the dialogue understands, a line each."""
    from studycli.scheduler import grades

    given = [f"{key}      {name}" for key, (name, _) in grades.keys(grading).items()]
    enough = label(_NO_REPEAT_FROM, grading)
    return [
        "Enter  show the answer",
        *given,
        f"       below {enough}: asked once more today; the better the grade, the longer the later intervals",
        "u      undo the last grade",
        "s      suspend this card: no review asks it until `studycli unsuspend`",
        "d      demo: compute what this card is about",
        "q      quit; every grade is kept (the end of the input does too)",
    ]


def course(question: Question, seconds: float) -> str:
    """How far the session is, and how long it took: '3 of 30 · 12 min'."""
    total = question.position - 1 + question.remaining.total
    minutes = int(seconds // 60)
    return f"{question.position} of {total}" + (f" · {minutes} min" if minutes else "")


def position(question: Question) -> str:
    """How far the session is, in words for a plain dialogue."""
    left = question.remaining
    if left.cram:
        return f"cram, {left.cram} left"
    kind = "extra pass, " if question.repeat else ""
    return f"{kind}{left.new} new, {left.due} due, {left.repeats} again"


def review_command(names: Sequence[str]) -> str:
    """The command that reviews these decks."""
    return " ".join(["studycli review", *map(shlex.quote, names)])


def place(study: StudyCard) -> str:
    """The name of a card as commands take it: 'deck:number', 'deck:number/c2'."""
    return f"{study.deck}:{study.card.place}"


def changed_meanwhile(study: StudyCard) -> str:
    """What to say of a card that was set aside or archived while this session was open, or graded by another run."""
    if study.archived:
        return f"{place(study)} is no longer in its document"
    if study.suspended:
        return f"{place(study)} is suspended now"
    if study.buried:
        return f"{place(study)} is buried until tomorrow"
    return f"{place(study)} was graded elsewhere meanwhile"


NOTHING_TO_UNDO = "nothing to undo in this session"
UNDO_REFUSED = "the last grade cannot be taken back: that card was graded elsewhere meanwhile"


def suspended(study: StudyCard) -> str:
    """What to say of a card that was suspended just now."""
    return f"suspended; `studycli unsuspend {place(study)}` brings it back"


def buried(study: StudyCard) -> str:
    """What to say of a card that was buried just now."""
    return f"buried until tomorrow; `studycli unbury {place(study)}` brings it back"


def taken_back(study: StudyCard) -> str:
    """What to say of a card whose last step was undone."""
    return f"taken back: {study.deck_title} · card {study.card.place}"


def summary(done: Summary, today: date, grading: str, names: Sequence[str], left: int) -> list[str]:
    """What was done, learned and weak, what comes tomorrow, and the command to type next.

    `names` are the selected decks, `left` the number of cards that a review of them would ask today.
    """
    lines = account(done, today, grading)
    if left:
        lines += [f"{left_today(left)}; go on with:", f"  {review_command(names)}"]
    if done.answered:
        lines.append("take back the last grade with: studycli undo")
    return lines


def left_today(left: int) -> str:
    """How much of the day's work is left."""
    return f"left for today: {count(left, 'card')}"


def held_back(number: int) -> str:
    """Why a review asks fewer new cards than there are; '' where it asks them all."""
    return f"{count(number, 'new card')} left for another day: the day's limit of new cards" if number else ""


def account(done: Summary, today: date, grading: str) -> list[str]:
    """What was done, learned and weak, and what comes tomorrow."""
    lines = []
    if done.answered:
        lines.append(f"{count(done.answered, 'answer')} on {count(done.cards, 'card')} in {_minutes(done.seconds)}")
        lines.append("  " + " · ".join(f"{name} {number}" for name, number in _tally(done, grading)))
    else:
        lines.append("nothing was graded")
    if done.learned:
        lines.append(f"learned: {_listed(done.learned)}")
    if done.weakest:
        weak = [f"{tally.name} {tally.misses} of {tally.answers}" for tally in done.weakest]
        lines.append(f"weakest (answers below {label(_NO_REPEAT_FROM, grading)}): {_listed(weak)}")
    if done.suspended:
        lines.append(f"{count(done.suspended, 'card')} suspended; `studycli unsuspend CARD` brings one back")
    if done.buried:
        lines.append(f"{count(done.buried, 'card')} buried until tomorrow; {_UNBURY}")
    next_day = today + timedelta(days=1)
    tomorrow = done.upcoming.get(next_day, 0)
    lines.append(f"due {day(next_day, today)}: {count(tomorrow, 'card')}")
    if not tomorrow and done.upcoming:
        when, number = next(iter(done.upcoming.items()))
        lines.append(f"next: {count(number, 'card')} {day(when, today)}")
    return lines


def nothing_due(cards: Sequence[StudyCard], today: date, names: Sequence[str]) -> list[str]:
    """Why there is nothing to ask, when there will be, and how to study all the same. `cards` are the selected ones."""
    active = [card for card in cards if not card.set_aside]
    buried = sum(card.status == "buried" for card in cards)
    waiting = [f"{count(buried, 'card')} buried until tomorrow; {_UNBURY}"] if buried else []
    if not active and buried:
        return ["No cards to review today.", *waiting]
    if not active:
        what = "No cards to review: all of these are suspended or archived." if cards else "There are no cards yet."
        return [what, "Add your documents with: studycli add PATH"]
    command = review_command(names)
    lines = ["Nothing is due.", *waiting]
    days = Counter(card.state.due for card in active if card.state.due is not None)
    new = sum(card.state.due is None for card in active)
    if new:
        reason = "the day's limit is used up, or they wait for cards that come before them"
        lines += [f"{count(new, 'new card')} left: {reason}.", f"Take them now with: {command} --new {new} --no-gating"]
    if days:
        when = min(days)
        ahead = max((when - today).days, 1)
        lines += [
            f"Next: {count(days[when], 'card')} {day(when, today)}, in {interval(ahead)}.",
            f"Study ahead with: {command} --ahead {ahead}",
        ]
    return [*lines, f"Practise without changing the schedule with: {command} --cram"]


def _tally(done: Summary, grading: str) -> list[tuple[str, int]]:
    if grading == "sm2":
        return [(f"grade {quality}:", number) for quality, number in done.by_quality.items() if number]
    return list(done.by_button.items())


def _listed(names: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _minutes(seconds: float) -> str:
    if seconds < 60:
        return count(round(seconds), "second")
    return count(round(seconds / 60), "minute")
