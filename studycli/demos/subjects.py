"""Subjects: what a text alone says of its hidden words: which are verbs, of which noun, and which are pronouns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from studycli.demos.noun_forms import past_forms, present_forms

MASK = "<mask>"


@dataclass(frozen=True)
class HiddenVerb:
    """A hidden verb: the place of its subject, and those of the nouns between the two."""

    subject: int
    between: tuple[int, ...]


@dataclass(frozen=True)
class HiddenPronoun:
    """A hidden pronoun."""


Role = HiddenVerb | HiddenPronoun


@dataclass
class _Reading:
    """How far a text is read.

    `waiting` are subjects that have no verb yet, `before` is what the word before was. `article` says that a `the`
    has no noun yet, and `owed` that the verb of a relative clause, as in `that likes`, has no object yet.
    """

    waiting: list[int] = field(default_factory=list)
    nouns: list[int] = field(default_factory=list)
    before: str = ""
    article: bool = False
    owed: bool = False


def roles(tokens: Sequence[str]) -> dict[int, Role]:
    """What each mask is whose place decides it, by that place: a verb with its subject, or a pronoun.

    The text is one of the syntax model's grammar. A mask that could be something else too has no role.
    """
    reading, found = _Reading(), {}
    for at, token in enumerate(tokens):
        if reading.article:
            _noun(reading, at)
        elif token == MASK:
            role = _role(reading, tokens[at + 1 :])
            if role is not None and not (isinstance(role, HiddenVerb) and tokens[role.subject] == MASK):
                found[at] = role
        elif token == "the":
            reading.article = True
        elif token in _verbs():
            if reading.before not in ("pronoun", "modal"):
                _subject(reading)
            reading.before = "verb"
        else:
            reading.before = _kind(token, reading.before)
    return found


def _noun(reading: _Reading, at: int) -> None:
    """What follows an article: a subject, unless it is behind a preposition or the object of a verb."""
    if reading.before not in ("preposition", "verb"):
        reading.waiting.append(at)
    reading.nouns.append(at)
    reading.article, reading.owed, reading.before = False, False, "noun"


def _role(reading: _Reading, rest: Sequence[str]) -> Role | None:
    """What a mask is that comes next, before the rest of the text; None where that isn't certain."""
    before, follows = reading.before, rest[0] if rest else ""
    relative = before == "that after noun" and bool(reading.waiting)
    if reading.owed or before in ("", "preposition", "pronoun", "modal", "other", "that after verb"):
        reading.before = "other"
        return None
    if (before in ("that after noun", "because") and not relative) or (before == "verb" and not reading.waiting):
        reading.before = "pronoun"
        return HiddenPronoun()
    if not relative and follows == "the" and _has_verb(rest):  # the king <mask> the girls sleeps: beside, or that
        reading.before = "preposition"
        return None
    followed = follows == MASK or follows in _verbs()  # after `the lamp that the boys <mask>` the lamp's verb may come
    if len(reading.waiting) < 1 + followed:
        reading.before = "other"
        return None
    if relative and reading.nouns[-1] != reading.waiting[-1]:  # the king beside the girls that <mask>: either of them
        reading.before = "verb"
        return None
    subject = _subject(reading)
    reading.before = "verb"
    return HiddenVerb(subject, tuple(at for at in reading.nouns if at > subject))


def _subject(reading: _Reading) -> int:
    """The subject of a verb that comes next; -1 for none. In `the king that likes the girls sleeps` the king stays."""
    if not reading.waiting:
        return -1
    if reading.before == "that after noun":
        reading.owed = True
        return reading.waiting[-1]
    return reading.waiting.pop()


def _has_verb(rest: Sequence[str]) -> bool:
    """Whether a verb, or what may be one, comes in the same clause."""
    clause = []
    for token in rest:
        if token in ("that", "because"):
            break
        clause.append(token)
    return any(token == MASK or token in _verbs() for token in clause)


def _kind(token: str, before: str) -> str:
    from studycli.engine.miniatures.lexicon import PREPOSITIONS, PRONOUNS

    if token == "that":
        return "that after verb" if before == "verb" else "that after noun"
    if token in PREPOSITIONS:
        return "preposition"
    if token in PRONOUNS:
        return "pronoun"
    return {"because": "because", "would": "modal", "should": "modal"}.get(token, "other")


@cache
def _verbs() -> frozenset[str]:
    """All forms of all verbs that may have a subject before them; those of other kinds are in the past tense alone."""
    return past_forms() | frozenset(present_forms())
