"""Statements: single true sentences, questions with answers, rows and lines of code, drawn from facts."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

from studycli.engine.miniatures.everyday_facts import (
    CARRIED,
    DAYS,
    FACTS,
    MONTHS,
    NUMBERS,
    ON,
    PEOPLE,
    ROOMS,
    THINGS,
    Thing,
)
from studycli.engine.miniatures.transformer_facts import BY_NAME, CONCEPTS, MISCONCEPTIONS, RELATIONS, Concept

Make = Callable[[Random], str]
"""Draws one statement; what is true of it doesn't depend on the draw."""


def of_concept(concept: Concept) -> Make:
    """What a concept is or does, in one of several wordings."""

    def make(random: Random) -> str:
        is_, does = random.choice(concept.is_), random.choice(concept.does)
        phrase = concept.phrase
        return random.choice(
            (
                f"{capital(phrase)} {does}.",
                f"{capital(phrase)} is {is_}.",
                f"{capital(phrase)}, {is_}, {does}.",
                f"In a language model, {phrase} {does}.",
                f"Remember that {phrase} is {is_}.",
                f"It helps to think of {phrase} as {is_}.",
                f"{capital(phrase)} {does}; it is {is_}.",
                f"To put it plainly, {phrase} {does}.",
            )
        )

    return make


def asked_of_concept(concept: Concept) -> Make:
    """A question about a concept and its answer, on two lines."""

    def make(random: Random) -> str:
        is_, does, phrase = random.choice(concept.is_), random.choice(concept.does), concept.phrase
        return random.choice(
            (
                f"What does {phrase} do?\nIt {does}.",
                f"What is {phrase}?\n{capital(is_)}.",
                f"What is {phrase}, and what does it do?\n{capital(is_)}. It {does}.",
                f"Which idea is it that {does}?\n{capital(phrase)}.",
                f"How would you explain {phrase} in one sentence?\n{capital(phrase)} {does}.",
                f"What can you say about {phrase}?\nIt is {is_}, and it {does}.",
            )
        )

    return make


def relation(random: Random) -> str:
    """A row of a concept map as a sentence."""
    source, verb, target = random.choice(RELATIONS)
    spoken = {"variant-of": "is a variant of"}.get(verb, verb.replace("-", " "))
    first, second = BY_NAME[source].phrase, BY_NAME[target].phrase
    return random.choice((f"{capital(first)} {spoken} {second}.", f"On the map, {first} {spoken} {second}."))


def relation_row(random: Random) -> str:
    """A row of a relationship matrix."""
    source, verb, target = random.choice(RELATIONS)
    return f"| {source} | {target} | {verb} | Strong |"


def relation_arrow(random: Random) -> str:
    """An arrow of a Mermaid diagram, by the initials of its ends."""
    source, verb, target = random.choice(RELATIONS)
    return f"    {initials(source)} -->|{verb}| {initials(target)}"


def misconception(random: Random) -> str:
    """What people get wrong, and how it is, as an item of a list."""
    wrong, right = random.choice(MISCONCEPTIONS)
    return random.choice((f"- *{wrong}* {right}", f"People say: {wrong} {right}", f"- {wrong} No: {lower(right)}"))


def of_thing(thing: Thing) -> Make:
    """What a thing is, does, and where it is found."""

    def make(random: Random) -> str:
        does, name, kind = random.choice(thing.does), with_article(thing.name), with_article(thing.kind)
        return random.choice(
            (
                f"{capital(name)} {does}.",
                f"{capital(name)} is {kind}.",
                f"{capital(name)} is {kind} that {does}.",
                f"You find {thing.plural} {placed(thing)}.",
                f"{capital(placed(thing))} there is {name}.",
                f"{capital(name)} from the {thing.place} is still {kind}.",
                f"Look for {name} {placed(thing)}: it {does}.",
                f"All {thing.plural} have something in common: each of them {does}.",
            )
        )

    return make


def asked_of_thing(thing: Thing) -> Make:
    """A question about a thing and its answer, on two lines."""

    def make(random: Random) -> str:
        does, name, kind = random.choice(thing.does), with_article(thing.name), with_article(thing.kind)
        return random.choice(
            (
                f"What is {name}?\n{capital(kind)} that {does}.",
                f"Where do you find {thing.plural}?\n{capital(placed(thing))}.",
                f"Which {thing.kind} {does}?\n{capital(name)}.",
                f"Is {name} {kind}?\nYes, {name} is {kind}.",
            )
        )

    return make


def fact(random: Random) -> str:
    """A fact about nature, numbers or learning."""
    told = random.choice(FACTS)
    return random.choice((told, f"It is well known: {lower(told)}", f"Worth remembering: {lower(told)}"))


def moved(random: Random) -> str:
    """A story of a thing that is carried from room to room, and where it is in the end."""
    first, second = random.sample(PEOPLE, 2)
    thing = random.choice(CARRIED)
    here, there = random.sample(ROOMS, 2)
    return random.choice(
        (
            f"{first} put the {thing} in the {here}. {second} took the {thing} to the {there}. "
            f"The {thing} is now in the {there}.",
            f"{first} left the {thing} in the {here}, and nobody moved it. The {thing} is still in the {here}.",
            f"{first} looked for the {thing} in the {here} and found it in the {there}. "
            f"It had been in the {there} all day.",
        )
    )


def given(random: Random) -> str:
    """A story of a gift, and who has it in the end."""
    first, second = random.sample(PEOPLE, 2)
    thing, other = random.sample(CARRIED, 2)
    room = random.choice(ROOMS)
    return random.choice(
        (
            f"When {first} and {second} went to the {room}, {first} gave the {thing} to {second}. "
            f"Now {second} has the {thing}.",
            f"{first} has the {thing}, and {second} has the {other}. They swap in the {room}. "
            f"Now {second} has the {thing}, and {first} has the {other}.",
            f"{second} lent the {thing} to {first}. A week later {first} gave the {thing} back to {second}.",
        )
    )


def counted(random: Random) -> str:
    """A sum or a difference that is right."""
    a, b = random.randint(1, 10), random.randint(1, 10)
    thing = random.choice(THINGS)
    more, less = max(a, b), min(a, b)
    return random.choice(
        (
            f"{capital(NUMBERS[a])} {several(a, thing)} and {NUMBERS[b]} {several(b, thing)} are {NUMBERS[a + b]} "
            f"{thing.plural}.",
            f"{a} + {b} = {a + b}",
            f"{a} times {b} is {a * b}.",
            f"If you take {less} from {more}, {more - less} remain.",
            f"{random.choice(PEOPLE)} counts {NUMBERS[a]} {several(a, thing)} {placed(thing)}.",
        )
    )


def dated(random: Random) -> str:
    """A sentence about the order of days or months."""
    names = random.choice((DAYS, MONTHS))
    at, who = random.randrange(len(names)), random.choice(PEOPLE)
    when = "on" if names is DAYS else "in"
    today, next_, before = names[at], names[(at + 1) % len(names)], names[at - 1]
    return random.choice(
        (
            f"After {today} comes {next_}.",
            f"Before {today} comes {before}, and after it {next_}.",
            f"{who} reviews {when} {today} and again {when} {next_}, because {next_} follows {today}.",
            f"{today} lies between {before} and {next_}.",
        )
    )


def sized(random: Random) -> str:
    """A size of a transformer that follows from others."""
    heads, head = random.choice((2, 4, 6, 8, 12, 16)), random.choice((16, 32, 64, 128))
    n, width = random.choice((10, 20, 50, 100, 128, 200, 256, 512, 1000, 1024, 2048, 4096)), heads * head
    root = math.isqrt(head)
    return random.choice(
        (
            f"With d_model = {width:,} and {heads} heads, each head has {head} dimensions.",
            f"{heads} heads of {head} dimensions make a width of {width:,}.",
            f"A text of {n:,} tokens has {n:,} × {n:,} = {n * n:,} scores in every head.",
            f"Twice as many tokens as {n:,} are {2 * n:,}, and they need four times as many scores.",
            f"Q has shape ({n}, {head}), Kᵀ has shape ({head}, {n}), so Q·Kᵀ has shape ({n}, {n}).",
            f"At d_k = {head} scores are divided by √{head} = {root if root * root == head else round(head**0.5, 2)}.",
            f"A feed-forward network of {width} → {4 * width:,} → {width} has 8 × {width}² = {8 * width * width:,} "
            "weights.",
            f"An average of {n} equal weights gives each token 1/{n} of the attention.",
        )
    )


def coded(random: Random) -> str:
    """A few lines of Python, with what they print or the shape they make."""
    a, b, size = random.randint(1, 12), random.randint(1, 12), random.choice((16, 32, 64))
    rows, name, word = random.randint(2, 9), random.choice("abknxyz"), random.choice(CARRIED)
    return random.choice(
        (
            f"{name} = {a}\nprint({name} + {b})  # {a + b}",
            f'word = "{word}"\nprint(len(word))  # {len(word)}',
            f"for {name} in range({rows}):\n    print({name})  # 0 to {rows - 1}",
            f"q = torch.randn({rows}, {size})\nk = torch.randn({a + 1}, {size})\n"
            f"scores = q @ k.T / {size} ** 0.5  # ({rows}, {a + 1})",
            f"pattern = scores.softmax(-1)  # ({rows}, {a + 1})\nprint(pattern.sum(-1))  # {rows} ones",
            f"x = torch.zeros({rows}, {size})\nprint(x.shape)  # ({rows}, {size})",
            f"def add(x, y):\n    return x + y\n\nprint(add({a}, {b}))  # {a + b}",
            f"things = [{a}, {b}, {rows}]\nprint(max(things))  # {max(a, b, rows)}",
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


def placed(thing: Thing) -> str:
    """Where a thing is found."""
    return f"{'at' if thing.place == 'station' else 'on' if thing.place in ON else 'in'} the {thing.place}"


def several(count: int, thing: Thing) -> str:
    """The name of one thing or of more."""
    return thing.name if count == 1 else thing.plural


def initials(name: str) -> str:
    """The first letters of a concept's words, as its name in a diagram."""
    words = name.replace("-", " ").split()
    return words[0].upper() if len(words) == 1 else "".join(word[0].upper() for word in words)


def concepts(random: Random, count: int) -> list[Concept]:
    """Several different concepts."""
    return random.sample(CONCEPTS, count)
