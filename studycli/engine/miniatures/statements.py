"""Statements: single true sentences, stories, and questions with answers, each with the facts that it tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from studycli.engine.miniatures.everyday_facts import CARRIED, FACTS, PEOPLE, ROOMS, Thing
from studycli.engine.miniatures.transformer_facts import (
    BY_NAME,
    MISCONCEPTIONS,
    OBJECTS,
    RELATIONS,
    Concept,
    Relation,
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A text, and by their keys the facts that it tells: the same key for the same fact, in whichever words."""

    text: str
    facts: tuple[str, ...]


Make = Callable[[Random], Statement]
"""Draws one statement; what is true of it doesn't depend on the draw."""


def of_concept(concept: Concept) -> Make:
    """What a concept is or does, in one of several wordings."""

    def make(random: Random) -> Statement:
        is_, does = random.choice(concept.is_), random.choice(concept.does)
        phrase, essence, effect = concept.phrase, _fact(concept, is_), _fact(concept, does)
        return random.choice(
            (
                Statement(f"{capital(phrase)} {does}.", (effect,)),
                Statement(f"{capital(phrase)} is {is_}.", (essence,)),
                Statement(f"{capital(phrase)}, {is_}, {does}.", (essence, effect)),
                Statement(f"In short, {phrase} {does}.", (effect,)),
                Statement(f"Remember that {phrase} is {is_}.", (essence,)),
                Statement(f"It helps to think of {phrase} as {is_}.", (essence,)),
                Statement(f"{capital(phrase)} {does}; it is {is_}.", (essence, effect)),
                Statement(f"To put it plainly, {phrase} {does}.", (effect,)),
            )
        )

    return make


def asked_of_concept(concept: Concept) -> Make:
    """A question about a concept and its answer, on two lines."""

    def make(random: Random) -> Statement:
        is_, does, phrase = random.choice(concept.is_), random.choice(concept.does), concept.phrase
        essence, effect = _fact(concept, is_), _fact(concept, does)
        return random.choice(
            (
                Statement(f"What does {phrase} do?\nIt {does}.", (effect,)),
                Statement(f"What is {phrase}?\n{capital(is_)}.", (essence,)),
                Statement(f"What is {phrase}, and what does it do?\n{capital(is_)}. It {does}.", (essence, effect)),
                Statement(f"What is it that {does}?\n{capital(phrase)}.", (effect,)),
                Statement(f"How would you explain {phrase} in one sentence?\n{capital(phrase)} {does}.", (effect,)),
                Statement(f"What can you say about {phrase}?\nIt is {is_}, and it {does}.", (essence, effect)),
            )
        )

    return make


def defined(concept: Concept) -> Make:
    """A row of a table of definitions."""

    def make(random: Random) -> Statement:
        is_, does = random.choice(concept.is_), random.choice(concept.does)
        essence, effect = _fact(concept, is_), _fact(concept, does)
        meaning, facts = random.choice(
            (
                (capital(is_), (essence,)),
                (capital(does), (effect,)),
                (f"{capital(is_)}: {does}", (essence, effect)),
            )
        )
        return Statement(f"| {concept.name} | {meaning} |", facts)

    return make


def facts_of_concept(concept: Concept) -> tuple[str, ...]:
    """The keys of all that is said of a concept, but for its relations."""
    return tuple(_fact(concept, told) for told in (*concept.is_, *concept.does))


def fact_of_relation(related: Relation) -> str:
    """The key of a relation."""
    return " ".join(("relation", *related))


def relation(random: Random) -> Statement:
    """A row of a concept map as a sentence."""
    related = random.choice(RELATIONS)
    source, verb, _ = related
    spoken = f"is a {verb.replace('-', ' ')}" if verb.endswith("-of") else verb.replace("-", " ")
    said = f"{BY_NAME[source].phrase} {spoken} {OBJECTS[related]}."
    return Statement(random.choice((capital(said), f"On the map, {said}")), (fact_of_relation(related),))


def relation_row(random: Random) -> Statement:
    """A row of a relationship matrix."""
    related = random.choice(RELATIONS)
    source, verb, target = related
    return Statement(f"| {source} | {target} | {verb} | Strong |", (fact_of_relation(related),))


def relation_arrow(random: Random) -> Statement:
    """An arrow of a Mermaid diagram, between short names of its ends."""
    related = random.choice(RELATIONS)
    source, verb, target = related
    return Statement(f"    {SHORT_NAMES[source]} -->|{verb}| {SHORT_NAMES[target]}", (fact_of_relation(related),))


def misconception(random: Random) -> Statement:
    """What people get wrong, and how it is, as an item of a list."""
    wrong, right = random.choice(MISCONCEPTIONS)
    text = random.choice((f"- *{wrong}* {right}", f"People say: {wrong} {right}", f"- {wrong} No: {lower(right)}"))
    return Statement(text, (f"misconception {wrong}",))


def of_thing(thing: Thing) -> Make:
    """What a thing is, does, and where it is found."""

    def make(random: Random) -> Statement:
        does, name, kind = random.choice(thing.does), with_article(thing.name), with_article(thing.kind)
        is_, found = facts_of_thing(thing)[:2]
        use = _use(thing, does)
        return random.choice(
            (
                Statement(f"{capital(name)} {does}.", (use,)),
                Statement(f"{capital(name)} is {kind}.", (is_,)),
                Statement(f"{capital(name)} is {kind} that {does}.", (is_, use)),
                Statement(f"You find {thing.plural} {thing.place}.", (found,)),
                Statement(f"{capital(thing.place)} there is {name}.", (found,)),
                Statement(f"Look for {name} {thing.place}: it {does}.", (found, use)),
            )
        )

    return make


def asked_of_thing(thing: Thing) -> Make:
    """A question about a thing and its answer, on two lines."""

    def make(random: Random) -> Statement:
        does, name, kind = random.choice(thing.does), with_article(thing.name), with_article(thing.kind)
        is_, found = facts_of_thing(thing)[:2]
        use = _use(thing, does)
        return random.choice(
            (
                Statement(f"What is {name}?\n{capital(kind)} that {does}.", (is_, use)),
                Statement(f"Where do you find {thing.plural}?\n{capital(thing.place)}.", (found,)),
                Statement(f"Which {thing.kind} {does}?\n{capital(name)}.", (is_, use)),
                Statement(f"Is {name} {kind}?\nYes, {name} is {kind}.", (is_,)),
            )
        )

    return make


def facts_of_thing(thing: Thing) -> tuple[str, ...]:
    """The keys of a thing's kind, of where it is found, and of all that it does."""
    name = thing.name
    return (f"thing {name} is {thing.kind}", f"thing {name} {thing.place}", *(_use(thing, does) for does in thing.does))


def fact(random: Random) -> Statement:
    """A fact about nature, numbers or learning."""
    told = random.choice(FACTS)
    text = random.choice((told, f"It is well known: {lower(told)}", f"Worth remembering: {lower(told)}"))
    return Statement(text, (told,))


def moved(random: Random) -> Statement:
    """A story of a thing that is carried from room to room; its fact is where the thing is in the end."""
    first, second = random.sample(PEOPLE, 2)
    thing = random.choice(CARRIED)
    here, there = random.sample(ROOMS, 2)
    return random.choice(
        (
            Statement(
                f"{first} put the {thing} in the {here}. {second} took the {thing} to the {there}. "
                f"The {thing} is now in the {there}.",
                (f"the {thing} in the {there}",),
            ),
            Statement(
                f"{first} left the {thing} in the {here}, and nobody moved it. The {thing} is still in the {here}.",
                (f"the {thing} in the {here}",),
            ),
            Statement(
                f"{first} looked for the {thing} in the {here} and found it in the {there}. "
                f"It had been in the {there} all day.",
                (f"the {thing} in the {there}",),
            ),
        )
    )


def given(random: Random) -> Statement:
    """A story of a gift; its facts are who has what in the end."""
    first, second = random.sample(PEOPLE, 2)
    thing, other = random.sample(CARRIED, 2)
    room = random.choice(ROOMS)
    has = f"{second} has the {thing}"
    return random.choice(
        (
            Statement(
                f"When {first} and {second} went to the {room}, {first} gave the {thing} to {second}. Now {has}.",
                (has,),
            ),
            Statement(
                f"{first} has the {thing}, and {second} has the {other}. They swap in the {room}. "
                f"Now {has}, and {first} has the {other}.",
                (has, f"{first} has the {other}"),
            ),
            Statement(
                f"{second} lent the {thing} to {first}. A week later {first} gave the {thing} back to {second}.",
                (has,),
            ),
        )
    )


def capital(text: str) -> str:
    """The text with a capital letter first."""
    return text[:1].upper() + text[1:]


def lower(text: str) -> str:
    """The text with a small letter first."""
    return text[:1].lower() + text[1:]


def with_article(name: str) -> str:
    """a or an before a name."""
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _fact(concept: Concept, told: str) -> str:
    return f"concept {concept.name}: {told}"


def _use(thing: Thing, does: str) -> str:
    return f"thing {thing.name} {does}"


def _initials(name: str) -> str:
    words = name.replace("-", " ").split()
    return words[0].upper() if len(words) == 1 else "".join(word[0].upper() for word in words)


_SHARED = Counter(_initials(name) for name in BY_NAME)
SHORT_NAMES = {
    name: _initials(name) if _SHARED[_initials(name)] == 1 else name.replace("-", "").replace(" ", "")
    for name in BY_NAME
}
"""Each concept's name in a diagram: the first letters of its words, where no other concept shares them."""
