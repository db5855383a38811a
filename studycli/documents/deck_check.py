"""What is wrong with a deck: what it declares against what it holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from studycli.documents import variants
from studycli.documents.outline import plain
from studycli.model.card import Card, Difficulty
from studycli.model.deck import Deck
from studycli.model.problem import Problem, Severity


def check(deck: Deck) -> list[Problem]:
    """Every problem of the deck itself, in the order of its lines."""
    found = [
        *_totals(deck),
        *_numbers(deck),
        *_sides(deck),
        *(problem for card in deck.cards for problem in variants.problems(card)),
        *_duplicates(deck),
        *_references(deck),
        *_brief_forms(deck),
    ]
    return sorted(found, key=lambda problem: problem.line)


def _problem(severity: Severity, line: int, message: str, hint: str) -> Problem:
    return Problem(severity=severity, line=line, message=message, hint=hint)


def _cards(count: int, kind: str = "") -> str:
    return f"{count} {kind}card{'' if count == 1 else 's'}"


def _totals(deck: Deck) -> Iterator[Problem]:
    if not deck.cards:
        hint = "a card starts with a heading such as '### Card 1 | Easy'"
        yield _problem(Severity.ERROR, 1, "the deck has no cards", hint)
    if deck.declared_total is not None and deck.declared_total != len(deck.cards):
        message = f"the deck declares {_cards(deck.declared_total)} and holds {len(deck.cards)}"
        yield _problem(Severity.ERROR, deck.declared_total_line, message, "mend the total, or add the missing cards")
    held = Counter(card.difficulty for card in deck.cards)
    for level in Difficulty if deck.declared_distribution else ():
        declared = deck.declared_distribution.get(level, 0)
        if declared != held[level]:
            message = f"the deck declares {_cards(declared, f'{level} ')} and holds {held[level]}"
            hint = "mend the distribution, or the difficulty of a card"
            yield _problem(Severity.ERROR, deck.declared_distribution_line, message, hint)


def _numbers(deck: Deck) -> Iterator[Problem]:
    first: dict[int, Card] = {}
    for card in deck.cards:
        if card.number in first:
            message = f"card {card.number} stands here a second time; the first is on line {first[card.number].line}"
            yield _problem(Severity.ERROR, card.line, message, "give each card a number of its own")
        first.setdefault(card.number, card)


def _sides(deck: Deck) -> Iterator[Problem]:
    for card in deck.cards:
        for side, text, marker in (("front", card.front, "FRONT"), ("back", card.back, "BACK")):
            if not text.strip() and not (side == "back" and variants.is_cloze(card.front)):
                hint = f"write it under '**{marker}:**' or '#### {side.capitalize()}'"
                yield _problem(Severity.ERROR, card.line, f"card {card.number} has an empty {side}", hint)
        if card.difficulty is None:
            message = f"card {card.number} has no difficulty"
            hint = "write Easy, Medium or Hard into its heading"
            yield _problem(Severity.WARNING, card.line, message, hint)


def _duplicates(deck: Deck) -> Iterator[Problem]:
    first: dict[str, Card] = {}
    for card in deck.cards:
        key = plain(card.front)
        if key and key in first:
            message = f"card {card.number} asks the same as card {first[key].number} on line {first[key].line}"
            yield _problem(Severity.WARNING, card.line, message, "remove one of them, or ask for something else")
        first.setdefault(key, card)


def _references(deck: Deck) -> Iterator[Problem]:
    known = {card.number for card in deck.cards}
    scheduled = {row.card for row in deck.schedule}
    hint = "mend the number, or add the card"
    for row in deck.schedule:
        if row.card not in known:
            yield _problem(Severity.ERROR, row.line, f"the schedule names card {row.card}, which does not exist", hint)
        for number in row.after:
            if number not in known:
                message = f"card {row.card} should follow card {number}, which does not exist"
                yield _problem(Severity.WARNING, row.line, message, hint)
    for item in deck.critical_knowledge:
        for number in item.cards:
            if number not in known:
                message = f"critical knowledge '{item.concept}' names card {number}, which does not exist"
                yield _problem(Severity.WARNING, item.line, message, hint)
    for day in deck.review_days:
        for number in day.cards:
            if number not in known:
                message = f"the plan for '{day.day}' names card {number}, which does not exist"
                yield _problem(Severity.WARNING, day.line, message, hint)
    for card in deck.cards if deck.schedule else ():
        if card.number not in scheduled:
            message = f"card {card.number} is not in the schedule; it starts with 1 day and ease factor 2.5"
            yield _problem(Severity.WARNING, card.line, message, "add a row for it to the schedule")


def _brief_forms(deck: Deck) -> Iterator[Problem]:
    for card in deck.cards if deck.brief_forms else ():
        if card.brief_front is None:
            message = f"card {card.number} has no brief form, though other cards have one"
            yield _problem(Severity.INFO, card.line, message, "add a line for it to the Anki or CSV block")
