"""Facts: a million small facts about who has which things, each by its number, and questions that ask for them."""

from __future__ import annotations

import random as rnd
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain, combinations
from math import prod

from studycli.errors import EngineError

PAD, CLS, SEP, UNKNOWN = SPECIAL = ("<pad>", "<cls>", "<sep>", "<unk>")


def _joined(starts: str, ends: str) -> tuple[str, ...]:
    return tuple(start + end for start in starts.split() for end in ends.split())


_NAMES = (
    "agnes bruno clara dario elsa felix greta henrik ines jonas karla lukas mona nils olga pavel ruth simon tilda "
    "ulrich vera walter yara zeno"
)
FIRST_NAMES = tuple(_NAMES.split())
FAMILY_NAMES = _joined("hal bor wen tol mar ris fen gul dor pel kas lem", "ner berg sen ton kin win ley der man well")
SIDES = ("north", "south", "east", "west")
TOWNS = _joined("vel mor tas hul brin osk lun ker nes wil dam fol", "den fur mund sta low vik gar hem")
_PAIRS = (
    "lamps/lights chairs/seats clocks/timepieces ladders/steps barrels/casks ropes/cords bells/chimes carts/wagons "
    "plates/dishes cups/mugs coats/jackets boots/shoes hats/caps rugs/carpets books/novels boats/ships horses/ponies "
    "hens/chickens apples/pippins loaves/rolls candles/tapers baskets/hampers knives/blades maps/charts"
)
THINGS = tuple((name, other) for name, _, other in (pair.partition("/") for pair in _PAIRS.split()))
"""Things, each as facts name it and as questions may: 24 pairs."""
HAS, ASKED = 6, 3
"""Things in a fact, and in a question for it."""
_FACTS = ("{who} in {where} has {things}", "in {where} {who} keeps {things}", "{things} belong to {who} in {where}")
_QUESTIONS = ("who in {where} has {things}", "in {where} who owns {things}", "whose are the {things} in {where}")
COUNT = prod(map(len, (FIRST_NAMES, FAMILY_NAMES, SIDES, TOWNS)))
_SCATTER = 683_497
"""It shares no factor with COUNT: each fact has one number, and those that follow each other have little in common."""
_SYNONYMS = 0.3
"""The share of things that a question calls by their other name."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Who has which things: `person`, `side`, `town` and `things` as places in the lists of words."""

    person: tuple[int, int]
    side: int
    town: int
    things: tuple[int, ...]

    @property
    def held_out(self) -> bool:
        """Whether it is of the tenth of all combinations of a town with things that no training sees."""
        return (self.town + sum(self.things)) % 10 == 0

    @property
    def text(self) -> str:
        """The fact in words; the order of the words follows from what it says."""
        first, family = self.person
        who = f"{FIRST_NAMES[first]} {FAMILY_NAMES[family]}"
        template = _FACTS[(first + sum(self.things)) % len(_FACTS)]
        return template.format(who=who, where=self._where, things=_list(THINGS[thing][0] for thing in self.things))

    def question(self, random: rnd.Random, asked: tuple[int, ...] | None = None) -> str:
        """A question for who it is about, by three of the things, or by those `asked`; some by their other names."""
        asked = tuple(random.sample(self.things, ASKED)) if asked is None else asked
        words = [THINGS[thing][random.random() < _SYNONYMS] for thing in asked]
        return random.choice(_QUESTIONS).format(where=self._where, things=_list(words))

    @property
    def _where(self) -> str:
        return f"{SIDES[self.side]} {TOWNS[self.town]}"


def fact(number: int) -> Fact:
    """The fact of a number from 0 to COUNT - 1, each about another person or another place, in scattered order.

    A person recurs, in other places. Raises EngineError for any other number.
    """
    if not 0 <= number < COUNT:
        raise EngineError(f"there is no fact {number}", where="facts", hint=f"their numbers are from 0 to {COUNT - 1}")
    first, family, side, town = _whose(number)
    return Fact((first, family), side, town, tuple(rnd.Random(number).sample(range(len(THINGS)), HAS)))


def draw(random: rnd.Random, *, held_out: bool = False) -> Fact:
    """A random fact of those that training may see, or of those that it may not."""
    while (found := fact(random.randrange(COUNT))).held_out != held_out:
        pass
    return found


def confusable(of: Fact, asked: tuple[int, ...], random: rnd.Random) -> Fact:
    """A fact that a question for these things of `of` is easily taken to mean, and does not; about anybody.

    The place is the same but some of what is asked for is missing, or one part of the place is another. It is on the
    same side of the split between training and held out.
    """
    while (found := _changed(of, asked, random)).held_out != of.held_out:
        pass
    return found


def held_out_corpus(size: int, towns: int, random: rnd.Random) -> list[Fact]:
    """So many facts that no training sees, all from a few towns, so that many are alike in place and things."""
    found: dict[Fact, None] = {}
    while len(found) < size:
        number = random.randrange(COUNT)
        if _whose(number)[3] < towns and (drawn := fact(number)).held_out:
            found[drawn] = None
    return list(found)


def unambiguous(corpus: Iterable[Fact], of: Fact) -> list[tuple[int, ...]]:
    """The choices of three things of a fact that no other of a corpus has in its place."""
    others = [set(other.things) for other in corpus if (other.side, other.town) == (of.side, of.town) and other != of]
    return [asked for asked in combinations(of.things, ASKED) if not any(things.issuperset(asked) for things in others)]


def vocabulary() -> list[str]:
    """Every word that facts and questions are made of, behind the special tokens, in a fixed order."""
    of_templates = (word for template in (*_FACTS, *_QUESTIONS) for word in template.split() if "{" not in word)
    words = chain(FIRST_NAMES, FAMILY_NAMES, SIDES, TOWNS, chain.from_iterable(THINGS), of_templates, ["and"])
    return [*SPECIAL, *sorted(set(words))]


def _whose(number: int) -> tuple[int, int, int, int]:
    """First name, family name, side and town of the fact of a number."""
    rest, town = divmod(number * _SCATTER % COUNT, len(TOWNS))
    rest, side = divmod(rest, len(SIDES))
    first, family = divmod(rest, len(FAMILY_NAMES))
    return first, family, side, town


def _changed(of: Fact, asked: tuple[int, ...], random: rnd.Random) -> Fact:
    other = replace(fact(random.randrange(COUNT)), side=of.side, town=of.town)
    what = random.random()
    if what < 0.15:
        return replace(other, town=(of.town + random.randrange(1, len(TOWNS))) % len(TOWNS), things=of.things)
    if what < 0.3:
        return replace(other, side=(of.side + random.randrange(1, len(SIDES))) % len(SIDES), things=of.things)
    kept = random.sample(asked, random.choices(range(ASKED), (1, 2, 4))[0])
    free = [thing for thing in range(len(THINGS)) if thing not in asked]
    things = [*kept, *random.sample(free, HAS - len(kept))]
    random.shuffle(things)
    return replace(other, things=tuple(things))


def _list(words: Iterable[str]) -> str:
    *first, last = words
    return f"{' '.join(first)} and {last}"
