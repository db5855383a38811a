"""Number statements: single statements of arithmetic, dates, sizes and code, each with the facts that it tells."""

from __future__ import annotations

import math
from random import Random

from studycli.engine.miniatures.everyday_facts import CARRIED, DAYS, MONTHS, NUMBERS, PEOPLE, THINGS, Thing
from studycli.engine.miniatures.statements import Statement, capital, facts_of_thing


def counted(random: Random) -> Statement:
    """A sum, a product or a difference that is right, or a count of things."""
    a, b = random.randint(1, 10), random.randint(1, 10)
    thing = random.choice(THINGS)
    more, less = max(a, b), min(a, b)
    remain = "remains" if more - less == 1 else "remain"
    return random.choice(
        (
            Statement(
                f"{capital(NUMBERS[a])} {several(a, thing)} and {NUMBERS[b]} {several(b, thing)} are {NUMBERS[a + b]} "
                f"{thing.plural}.",
                (_sum(a, b),),
            ),
            Statement(f"{a} + {b} = {a + b}", (_sum(a, b),)),
            Statement(f"{a} times {b} is {a * b}.", (f"{less} times {more}",)),
            Statement(f"If you take {less} from {more}, {more - less} {remain}.", (f"{less} from {more}",)),
            Statement(
                f"{random.choice(PEOPLE)} counts {NUMBERS[a]} {several(a, thing)} {thing.place}.",
                facts_of_thing(thing)[1:2],
            ),
        )
    )


def dated(random: Random) -> Statement:
    """A sentence about the order of days or months."""
    names = random.choice((DAYS, MONTHS))
    at, who = random.randrange(len(names)), random.choice(PEOPLE)
    when = "on" if names is DAYS else "in"
    today, next_, before = names[at], names[(at + 1) % len(names)], names[at - 1]
    after, since = f"{next_} after {today}", f"{today} after {before}"
    return random.choice(
        (
            Statement(f"After {today} comes {next_}.", (after,)),
            Statement(f"Before {today} comes {before}, and after it {next_}.", (after, since)),
            Statement(
                f"{who} reviews {when} {today} and again {when} {next_}, because {next_} follows {today}.", (after,)
            ),
            Statement(f"{today} lies between {before} and {next_}.", (after, since)),
        )
    )


def sized(random: Random) -> Statement:
    """A size of a transformer that follows from others."""
    heads, head = random.choice((2, 4, 6, 8, 12, 16)), random.choice((16, 32, 64, 128))
    n, width = random.choice((10, 20, 50, 100, 128, 200, 256, 512, 1000, 1024, 2048, 4096)), heads * head
    root = math.isqrt(head)
    split = f"{heads} heads of {head}"
    return random.choice(
        (
            Statement(f"With d_model = {width:,} and {heads} heads, each head has {head} dimensions.", (split,)),
            Statement(f"{heads} heads of {head} dimensions make a width of {width:,}.", (split,)),
            Statement(f"A text of {n:,} tokens has {n:,} × {n:,} = {n * n:,} scores in every head.", (f"{n} squared",)),
            Statement(
                f"Twice as many tokens as {n:,} are {2 * n:,}, and they need four times as many scores.",
                (f"{n} doubled",),
            ),
            Statement(
                f"Q has shape ({n}, {head}), Kᵀ has shape ({head}, {n}), so Q·Kᵀ has shape ({n}, {n}).",
                (f"scores of {n} by {head}",),
            ),
            Statement(
                f"At d_k = {head} scores are divided by √{head} = "
                f"{root if root * root == head else round(head**0.5, 2)}.",
                (f"root of {head}",),
            ),
            Statement(
                f"A feed-forward network of {width} → {4 * width:,} → {width} has 8 × {width}² = "
                f"{8 * width * width:,} weights.",
                (f"feed-forward of {width}",),
            ),
            Statement(f"An average of {n} equal weights gives each token 1/{n} of the attention.", (f"one of {n}",)),
        )
    )


def coded(random: Random) -> Statement:
    """A few lines of Python, with what they print or the shape they make."""
    a, b, size = random.randint(1, 12), random.randint(1, 12), random.choice((16, 32, 64))
    rows, name, word = random.randint(2, 9), random.choice("abknxyz"), random.choice(CARRIED)
    return random.choice(
        (
            Statement(f"{name} = {a}\nprint({name} + {b})  # {a + b}", (_sum(a, b),)),
            Statement(f'word = "{word}"\nprint(len(word))  # {len(word)}', (f"letters of {word}",)),
            Statement(f"for {name} in range({rows}):\n    print({name})  # 0 to {rows - 1}", (f"range of {rows}",)),
            Statement(
                f"q = torch.randn({rows}, {size})\nk = torch.randn({a + 1}, {size})\n"
                f"scores = q @ k.T / {size} ** 0.5  # ({rows}, {a + 1})",
                (f"scores of {rows} and {a + 1} by {size}",),
            ),
            Statement(
                f"pattern = scores.softmax(-1)  # ({rows}, {a + 1})\nprint(pattern.sum(-1))  # {rows} ones",
                (f"pattern of {rows} by {a + 1}",),
            ),
            Statement(
                f"x = torch.zeros({rows}, {size})\nprint(x.shape)  # ({rows}, {size})", (f"zeros {rows} by {size}",)
            ),
            Statement(f"def add(x, y):\n    return x + y\n\nprint(add({a}, {b}))  # {a + b}", (_sum(a, b),)),
            Statement(
                f"things = [{a}, {b}, {rows}]\nprint(max(things))  # {max(a, b, rows)}",
                (f"largest of {sorted((a, b, rows))}",),
            ),
        )
    )


def several(count: int, thing: Thing) -> str:
    """The name of one thing or of more."""
    return thing.name if count == 1 else thing.plural


def _sum(a: int, b: int) -> str:
    return f"{min(a, b)} plus {max(a, b)}"
