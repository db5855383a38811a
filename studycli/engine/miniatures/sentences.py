"""Sentences: a seeded generator of plain true texts, as prose, questions, lists, tables, cards, maps and code."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from studycli.engine.miniatures import statements
from studycli.engine.miniatures.everyday_facts import THINGS
from studycli.engine.miniatures.statements import Make, capital, concepts
from studycli.engine.miniatures.transformer_facts import RELATIONS, Concept

LEVELS = ("Remember", "Understand", "Apply", "Analyze", "Evaluate", "Create")
_HELD_OUT = 10  # one statement of so many is for validation alone
_TRIES = 200


def texts(seed: int, count: int, *, held_out: bool = False) -> list[str]:
    """So many short texts. No statement of a held-out text is ever drawn for one that isn't, whatever the seed."""
    writer = Writer(Random(f"{seed} sentences {'held out' if held_out else 'training'}"), held_out)
    return [writer.text() for _ in range(count)]


def is_held_out(statement: str) -> bool:
    """Whether a statement is for validation alone, by a hash of its last line: of a question, it is the answer."""
    digest = hashlib.blake2b(statement.rpartition("\n")[2].encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % _HELD_OUT == 0


@dataclass(frozen=True)
class Writer:
    """Writes texts out of statements that are all held out, or all not."""

    random: Random
    held_out: bool

    def text(self) -> str:
        """A text of some form."""
        form = self.random.choices([form for form, _ in _FORMS], [weight for _, weight in _FORMS])[0]
        while True:
            try:
                return form(self)
            except _NothingLeftError:
                continue  # another topic has something to say

    def say(self, make: Make) -> str:
        """One statement of the writer's part."""
        for _ in range(_TRIES):
            statement = make(self.random)
            if is_held_out(statement) == self.held_out:
                return statement
        raise _NothingLeftError

    def several(self, make: Make, least: int, most: int) -> list[str]:
        """Some statements, without the ones drawn twice."""
        count = self.random.randint(least, most)
        return list(dict.fromkeys(self.say(make) for _ in range(count)))

    def concept(self) -> Concept:
        """A concept to write about."""
        return concepts(self.random, 1)[0]


_PARTS: dict[str, list[str]] = {}
for _source, _relation, _target in RELATIONS:
    if _relation == "contains":
        _PARTS.setdefault(_source, []).append(_target)
    elif _relation == "variant-of":
        _PARTS.setdefault(_target, []).append(_source)


class _NothingLeftError(Exception):
    """Of a topic with few statements, none may be in this part."""


def _prose(writer: Writer) -> str:
    said = writer.several(statements.of_concept(writer.concept()), 2, 4)
    if writer.random.random() < 0.5:
        said.append(writer.say(statements.relation))
    return " ".join(said)


def _everyday(writer: Writer) -> str:
    return " ".join(writer.several(statements.of_thing(writer.random.choice(THINGS)), 2, 4))


def _nature(writer: Writer) -> str:
    return " ".join(writer.several(statements.fact, 1, 3))


def _story(writer: Writer) -> str:
    return " ".join(writer.say(writer.random.choice((statements.moved, statements.given))) for _ in range(2))


def _numbers(writer: Writer) -> str:
    made = writer.random.choice((statements.counted, statements.dated, statements.sized))
    said = writer.several(made, 2, 4)
    return "\n".join(said) if writer.random.random() < 0.3 else " ".join(said)


def _question(writer: Writer) -> str:
    asked = writer.say(_about(writer)).split("\n")
    style = writer.random.randrange(4)
    if style == 0:
        return f"Question: {asked[0]}\nAnswer: {asked[1]}"
    if style == 1:
        return f"Q: {asked[0]}\nA: {asked[1]}"
    if style == 2:
        return f"**FRONT (Question):**\n{asked[0]}\n\n**BACK (Answer):**\n{asked[1]}"
    return "\n".join(asked)


def _about(writer: Writer) -> Make:
    if writer.random.random() < 0.7:
        return statements.asked_of_concept(writer.concept())
    return statements.asked_of_thing(writer.random.choice(THINGS))


def _list(writer: Writer) -> str:
    chosen = concepts(writer.random, writer.random.randint(2, 5))
    marks = writer.random.choice(("- ", "* ", "{}. "))
    title = writer.random.choice(("### Key Points", "Keep in mind:", "## Study Recommendations", "**In short:**"))
    said = [writer.say(statements.of_concept(concept)) for concept in chosen]
    return "\n".join([title, *(f"{marks.format(at)}{line}" for at, line in enumerate(said, 1))])


def _definitions(writer: Writer) -> str:
    chosen = concepts(writer.random, writer.random.randint(2, 6))
    rows = [writer.say(_definition(concept)) for concept in chosen]
    if writer.random.random() < 0.7:
        title = "## Concept Definitions (Quick Reference)\n\n" if writer.random.random() < 0.3 else ""
        return title + _table(writer, "| Concept | One-Line Definition |", rows)
    pairs = [row.strip("| ").split(" | ") for row in rows]
    return "\n".join(f"- **{name}:** {meaning}" for name, meaning in pairs)


def _table(writer: Writer, head: str, rows: list[str]) -> str:
    """A table of rows as `| a | b |`, with its columns aligned or not."""
    cells = [row.strip("| ").split(" | ") for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    if writer.random.random() < 0.3:
        return "\n".join([head, "|" + "---|" * len(widths), *rows])
    lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in cells]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def _definition(concept: Concept) -> Make:
    def make(random: Random) -> str:
        is_, does = random.choice(concept.is_), random.choice(concept.does)
        meaning = random.choice((capital(is_), capital(does), f"{capital(is_)}: {does}"))
        return f"| {concept.name} | {meaning} |"

    return make


def _matrix(writer: Writer) -> str:
    rows = writer.several(statements.relation_row, 3, 9)
    return _table(writer, "| From Concept | To Concept | Relationship Type | Strength |", rows)


def _tree(writer: Writer) -> str:
    """Concepts with what they contain, or with their variants, as a tree."""
    parents = writer.random.sample(list(_PARTS), writer.random.randint(2, 5))
    lines = [writer.random.choice(("TRANSFORMERS", "ATTENTION", "MODELS"))]
    for at, parent in enumerate(parents, 1):
        branch, stem = ("└── ", "    ") if at == len(parents) else ("├── ", "│   ")
        *most, last = writer.random.sample(_PARTS[parent], len(_PARTS[parent]))
        lines += [branch + parent, *(f"{stem}├── {part}" for part in most), f"{stem}└── {last}"]
    return "```\n" + "\n".join(lines) + "\n```"


def _export(writer: Writer) -> str:
    """Cards as rows of a CSV file, or with tabs between."""
    chosen = concepts(writer.random, writer.random.randint(2, 4))
    pairs = [writer.say(statements.asked_of_concept(concept)).split("\n") for concept in chosen]
    levels = [writer.random.choice(("Easy", "Medium", "Hard")) for _ in chosen]
    if writer.random.random() < 0.5:
        rows = [
            f"{front}\t{back}\t{level.lower()}::transformers"
            for (front, back), level in zip(pairs, levels, strict=True)
        ]
        return "### Anki-Compatible (Tab-Separated)\n```\n" + "\n".join(rows) + "\n```"
    rows = [
        f'"{front}","{back}","{level}","{concept.name}","{writer.random.choice(LEVELS)}"'
        for (front, back), level, concept in zip(pairs, levels, chosen, strict=True)
    ]
    head = '"Front","Back","Difficulty","Concept","Cognitive_Level"'
    return "\n".join(["### CSV Format\n```csv", head, *rows, "```"])


def _diagram(writer: Writer) -> str:
    return "```mermaid\ngraph TD\n" + "\n".join(writer.several(statements.relation_arrow, 3, 8)) + "\n```"


def _pathway(writer: Writer) -> str:
    names = [concept.name for concept in concepts(writer.random, writer.random.randint(3, 6))]
    goal = writer.say(statements.asked_of_concept(writer.concept())).split("\n")[0]
    return (
        f"### Pathway {writer.random.randint(1, 9)}: {names[0]}\n**Goal:** Answer this: {goal}\n"
        f"**Sequence:** {' → '.join(names)}\n"
        f"**Duration Estimate:** {writer.random.randint(2, 5)} sessions of {writer.random.choice((20, 30, 45))} minutes"
    )


def _card(writer: Writer) -> str:
    concept, number = writer.concept(), writer.random.randint(1, 40)
    level = writer.random.choice(("Easy", "Medium", "Hard"))
    related = ", ".join(_related(concept)) or concepts(writer.random, 1)[0].name
    question, answer = writer.say(statements.asked_of_concept(concept)).split("\n")
    more = writer.several(statements.of_concept(concept), 1, 2)
    parts = [
        f"### Card {number} | {level}\n**Cognitive Level:** {writer.random.choice(LEVELS)}\n"
        f"**Concept:** {concept.name}\n**Related Concepts:** {related}",
        f"**FRONT (Question):**\n{question}",
        f"**BACK (Answer):**\n{answer} {' '.join(more)}",
        f"**Key Insight:** {writer.say(statements.of_concept(concept))}",
    ]
    if writer.random.random() < 0.4:
        parts.append(f"#### Common Misconceptions\n{writer.say(statements.misconception)}")
    return "\n\n".join(parts)


def _related(concept: Concept) -> Iterator[str]:
    for source, _, target in RELATIONS:
        if concept.name in (source, target):
            yield target if source == concept.name else source


def _misconceptions(writer: Writer) -> str:
    return "#### Common Misconceptions\n" + "\n".join(writer.several(statements.misconception, 1, 3))


def _code(writer: Writer) -> str:
    return f"```python\n{writer.say(statements.coded)}\n```"


_FORMS: tuple[tuple[Callable[[Writer], str], int], ...] = (
    (_prose, 20), (_everyday, 14), (_nature, 5), (_story, 10), (_numbers, 10), (_question, 14), (_list, 5),
    (_definitions, 8), (_matrix, 6), (_diagram, 3), (_tree, 2), (_export, 4),
    (_pathway, 2), (_card, 8), (_misconceptions, 2), (_code, 5),
)  # fmt: skip
