"""Lexicon: the words of the syntax model's grammar, with their forms."""

from __future__ import annotations

from typing import NamedTuple


class Noun(NamedTuple):
    """A noun, and the pronoun that stands for one of its kind."""

    singular: str
    plural: str
    pronoun: str


class Verb(NamedTuple):
    """A verb: `base` is also the present tense of a plural subject, `singular` that of a singular one."""

    base: str
    singular: str
    past: str


def _nouns(pronoun: str, forms: str) -> tuple[Noun, ...]:
    """Nouns from their singulars, with the plural behind a slash where it is not the singular and an s."""
    pairs = [form.partition("/") for form in forms.split()]
    return tuple(Noun(singular, plural or f"{singular}s", pronoun) for singular, _, plural in pairs)


def _verbs(forms: str) -> tuple[Verb, ...]:
    """Verbs from `base/past`, with an s for the singular."""
    pairs = [form.partition("/") for form in forms.split()]
    return tuple(Verb(base, f"{base}s", past) for base, _, past in pairs)


MALE = _nouns(
    "he", "king boy man/men father uncle prince actor grandfather brother son waiter monk wizard nephew shepherd duke"
)
FEMALE = _nouns(
    "she",
    "queen girl woman/women mother aunt princess/princesses actress/actresses grandmother sister daughter "
    "waitress/waitresses nun witch/witches niece shepherdess/shepherdesses duchess/duchesses",
)
THINGS = _nouns(
    "it", "lamp book table boat clock letter basket door picture bottle chair wheel stone box/boxes drum ladder"
)
PEOPLE = MALE + FEMALE
NOUNS = PEOPLE + THINGS


class Verbs:
    """Verbs by what they take. Of people: INTRANSITIVE, TRANSITIVE and THINKING; NEUTRAL are also of things.

    After PROMISING and SURPRISING a pronoun stands for the subject, after ADVISING and PRAISING for the object.
    HANDLING has a thing for its object.
    """

    INTRANSITIVE = _verbs(
        "sleep/slept smile/smiled laugh/laughed sing/sang dance/danced work/worked "
        "shout/shouted cough/coughed run/ran swim/swam"
    )
    NEUTRAL = _verbs(
        "stand/stood fall/fell move/moved turn/turned shake/shook lean/leaned tremble/trembled wait/waited"
    )
    TRANSITIVE = _verbs(
        "see/saw like/liked know/knew draw/drew find/found trust/trusted "
        "defend/defended describe/described remember/remembered protect/protected"
    )
    THINKING = _verbs("think/thought say/said hope/hoped believe/believed claim/claimed")
    PROMISING = _verbs("promise/promised assure/assured guarantee/guaranteed pledge/pledged")
    ADVISING = _verbs("warn/warned advise/advised remind/reminded instruct/instructed")
    SURPRISING = _verbs("surprise/surprised annoy/annoyed frighten/frightened amuse/amused")
    PRAISING = _verbs("praise/praised thank/thanked admire/admired blame/blamed")
    HANDLING = _verbs("sell/sold carry/carried hide/hid repair/repaired drop/dropped bring/brought")


BASES = ("rest", "leave", "stay", "begin", "return", "hurry")
PREPOSITIONS = ("near", "behind", "beside", "above", "below", "before")
LOOKS = ("old", "heavy", "broken", "new", "dirty")
FEELINGS = ("tired", "happy", "hungry", "sad", "proud")
PRONOUNS = ("he", "she", "it", "they", "himself", "herself", "themselves")
REFLEXIVES = {"he": "himself", "she": "herself", "they": "themselves"}
_JOINING = ("the", "that", "because", "would", "should", "looked", "felt")


def words() -> tuple[str, ...]:
    """Every word of the grammar, once each, always in the same order."""
    nouns = [form for noun in NOUNS for form in (noun.singular, noun.plural)]
    agreeing = Verbs.INTRANSITIVE + Verbs.NEUTRAL + Verbs.TRANSITIVE + Verbs.THINKING
    rest = Verbs.PROMISING + Verbs.ADVISING + Verbs.SURPRISING + Verbs.PRAISING + Verbs.HANDLING
    verbs = [form for verb in agreeing for form in verb] + [verb.past for verb in rest]
    lists = [*_JOINING, *PRONOUNS, *nouns, *verbs, *BASES, *PREPOSITIONS, *LOOKS, *FEELINGS]
    return tuple(dict.fromkeys(lists))
