"""Noun forms: which verbs and pronouns of the syntax model's grammar fit one of its nouns."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple


class Found(NamedTuple):
    """A noun of the grammar: whether it is a plural, and the pronoun that stands for it."""

    plural: bool
    pronoun: str


def noun_of(word: str) -> Found | None:
    """What a word is as a noun; None where it is none."""
    from studycli.engine.miniatures.lexicon import NOUNS

    for noun in NOUNS:
        if word in (noun.singular, noun.plural):
            plural = word == noun.plural
            return Found(plural, "they" if plural else noun.pronoun)
    return None


def fits(word: str, noun: Found) -> bool:
    """Whether a verb agrees with a noun, as every past tense does, or a pronoun stands for it. Other words fit none."""
    from studycli.engine.miniatures.lexicon import PRONOUNS, REFLEXIVES

    if word in PRONOUNS:
        return word in (noun.pronoun, REFLEXIVES.get(noun.pronoun))
    if word in present_forms():
        return present_forms()[word] == noun.plural
    return word in past_forms()


@cache
def present_forms() -> dict[str, bool]:
    """The verbs in the present tense, and whether each agrees with a plural."""
    from studycli.engine.miniatures.lexicon import Verbs

    verbs = (*Verbs.INTRANSITIVE, *Verbs.NEUTRAL, *Verbs.TRANSITIVE, *Verbs.THINKING)
    return {form: form == verb.base for verb in verbs for form in (verb.base, verb.singular)}


@cache
def past_forms() -> frozenset[str]:
    """The verbs in the past tense."""
    from studycli.engine.miniatures.lexicon import Verbs

    of_people = (*Verbs.PROMISING, *Verbs.ADVISING, *Verbs.SURPRISING, *Verbs.PRAISING, *Verbs.HANDLING)
    verbs = (*Verbs.INTRANSITIVE, *Verbs.NEUTRAL, *Verbs.TRANSITIVE, *Verbs.THINKING, *of_people)
    return frozenset(verb.past for verb in verbs)
