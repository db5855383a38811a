"""Statistics to draw, with names and numbers of all sizes."""

from __future__ import annotations

from datetime import date, timedelta

from studycli.model.study_facts import GroupCounts, SlotCounts, Standing, StudyFacts
from studycli.review.statistics import first_day, statistics

TODAY = date(2026, 3, 10)
HOSTILE = "<script>alert(1)</script>\"'&\x1b[31m\u202e[bold]"

EMPTY = statistics(StudyFacts(first_day(TODAY), [], [], [], [], []), TODAY)


def _facts(scale: int) -> StudyFacts:
    days = [
        TODAY - timedelta(days=ago)
        for ago in range(0, 400, 3)
        if ago % 7 and first_day(TODAY) <= TODAY - timedelta(ago)
    ]
    slots = [
        SlotCounts(str(day), f"{day}T{7 + place % 12:02}:15", place % 6, scale * (1 + place % 9), 40.5 * scale, scale)
        for place, day in enumerate(days)
    ]
    names = ["Softmax", "位置编码 " * 9, HOSTILE, "RoPE", "Scaled dot-product attention and all that follows", None]
    groups = [
        GroupCounts(
            f"{place:02}-a-deck-with-a-long-name-of-its-own", name, scale, 3 * scale, scale, 5 * scale, 4 * scale
        )
        for place, name in enumerate(names)
    ]
    cards = [
        Standing(
            place == 3, place == 4, place % 3, str(TODAY + timedelta(days=place - 5)), 1 + place**2, 1.3 + place / 20
        )
        for place in range(40)
    ]
    return StudyFacts(first_day(TODAY), cards, groups, slots, [4.25], [str(day) for day in reversed(days)])


SMALL = statistics(_facts(1), TODAY)
LARGE = statistics(_facts(123_456), TODAY)
