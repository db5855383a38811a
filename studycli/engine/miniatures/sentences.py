"""Sentences: a seeded generator of plain true texts, as prose, questions, lists, tables, cards, maps and code."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from random import Random

from studycli.engine.miniatures import number_statements, statements
from studycli.engine.miniatures.everyday_facts import THINGS, Thing
from studycli.engine.miniatures.statements import Make, Statement, fact_of_relation
from studycli.engine.miniatures.transformer_facts import CONCEPTS, RELATIONS, Concept

LEVELS = ("Remember", "Understand", "Apply", "Analyze", "Evaluate", "Create")
_HELD_OUT = 10  # one fact of so many is for validation alone
_TRIES = 200


def texts(seed: int, count: int, *, held_out: bool = False) -> list[str]:
    """So many short texts. No fact of a held-out text is ever told in one that isn't, whatever the words and seed."""
    writer = Writer(Random(f"{seed} sentences {'held out' if held_out else 'training'}"), held_out)
    return [writer.text() for _ in range(count)]


@cache
def is_held_out(fact: str) -> bool:
    """Whether a fact is for validation alone, by a hash of its key, which doesn't depend on the wording."""
    digest = hashlib.blake2b(fact.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % _HELD_OUT == 0


@dataclass(frozen=True)
class Writer:
    """Writes texts out of facts that are all held out, or all not."""

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

    def tells(self, facts: Iterable[str]) -> bool:
        """Whether all of these facts are of the writer's part."""
        return all(is_held_out(fact) == self.held_out for fact in facts)

    def say(self, make: Make) -> Statement:
        """One statement of the writer's part."""
        for _ in range(_TRIES):
            statement = make(self.random)
            if self.tells(statement.facts):
                return statement
        raise _NothingLeftError

    def several(self, make: Make, least: int, most: int) -> list[str]:
        """Some statements, without the ones that tell nothing new."""
        told: set[str] = set()
        kept = []
        for _ in range(self.random.randint(least, most)):
            statement = self.say(make)
            if not told.issuperset(statement.facts):
                told.update(statement.facts)
                kept.append(statement.text)
        return kept

    def concepts(self, count: int) -> list[Concept]:
        """Several different concepts of which something can be said."""
        return self.random.sample(_concepts(self.held_out), count)

    def thing(self) -> Thing:
        """A thing of which something can be said."""
        return self.random.choice(_things(self.held_out))


@cache
def _concepts(held_out: bool) -> tuple[Concept, ...]:
    return tuple(each for each in CONCEPTS if held_out in map(is_held_out, statements.facts_of_concept(each)))


@cache
def _things(held_out: bool) -> tuple[Thing, ...]:
    return tuple(each for each in THINGS if held_out in map(is_held_out, statements.facts_of_thing(each)))


class _NothingLeftError(Exception):
    """Of a topic with few statements, none may be in this part."""


def _prose(writer: Writer) -> str:
    said = writer.several(statements.of_concept(writer.concepts(1)[0]), 2, 4)
    if writer.random.random() < 0.5:
        said.append(writer.say(statements.relation).text)
    return " ".join(said)


def _everyday(writer: Writer) -> str:
    return " ".join(writer.several(statements.of_thing(writer.thing()), 2, 4))


def _nature(writer: Writer) -> str:
    return " ".join(writer.several(statements.fact, 1, 3))


def _story(writer: Writer) -> str:
    return " ".join(writer.say(writer.random.choice((statements.moved, statements.given))).text for _ in range(2))


def _numbers(writer: Writer) -> str:
    made = writer.random.choice((number_statements.counted, number_statements.dated, number_statements.sized))
    said = writer.several(made, 2, 4)
    return "\n".join(said) if writer.random.random() < 0.3 else " ".join(said)


def _question(writer: Writer) -> str:
    asked = writer.say(_about(writer)).text.split("\n")
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
        return statements.asked_of_concept(writer.concepts(1)[0])
    return statements.asked_of_thing(writer.thing())


def _list(writer: Writer) -> str:
    chosen = writer.concepts(writer.random.randint(2, 5))
    marks = writer.random.choice(("- ", "* ", "{}. "))
    title = writer.random.choice(("### Key Points", "Keep in mind:", "## Study Recommendations", "**In short:**"))
    said = [writer.say(statements.of_concept(concept)).text for concept in chosen]
    return "\n".join([title, *(f"{marks.format(at)}{line}" for at, line in enumerate(said, 1))])


def _definitions(writer: Writer) -> str:
    chosen = writer.concepts(writer.random.randint(2, 6))
    rows = [writer.say(statements.defined(concept)).text for concept in chosen]
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


def _matrix(writer: Writer) -> str:
    rows = writer.several(statements.relation_row, 3, 9)
    return _table(writer, "| From Concept | To Concept | Relationship Type | Strength |", rows)


def _tree(writer: Writer) -> str:
    """Concepts with their parts or with their variants, as a tree."""
    parts: dict[str, list[str]] = {}
    for source, verb, target in RELATIONS:
        if verb in ("contains", "part-of", "variant-of") and writer.tells([fact_of_relation((source, verb, target))]):
            parent, part = (source, target) if verb == "contains" else (target, source)
            parts.setdefault(parent, []).append(part)
    parents = writer.random.sample(list(parts), min(writer.random.randint(2, 5), len(parts)))
    lines = [writer.random.choice(("TRANSFORMERS", "ATTENTION", "MODELS"))]
    for at, parent in enumerate(parents, 1):
        branch, stem = ("└── ", "    ") if at == len(parents) else ("├── ", "│   ")
        *most, last = writer.random.sample(parts[parent], len(parts[parent]))
        lines += [branch + parent, *(f"{stem}├── {part}" for part in most), f"{stem}└── {last}"]
    return "```\n" + "\n".join(lines) + "\n```"


def _export(writer: Writer) -> str:
    """Cards as rows of a CSV file, or with tabs between."""
    chosen = writer.concepts(writer.random.randint(2, 4))
    pairs = [writer.say(statements.asked_of_concept(concept)).text.split("\n") for concept in chosen]
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


def _card(writer: Writer) -> str:
    concept, number = writer.concepts(1)[0], writer.random.randint(1, 40)
    level = writer.random.choice(("Easy", "Medium", "Hard"))
    head = (
        f"### Card {number} | {level}\n**Cognitive Level:** {writer.random.choice(LEVELS)}\n**Concept:** {concept.name}"
    )
    if related := list(_related(writer, concept)):
        head += f"\n**Related Concepts:** {', '.join(related)}"
    question, answer = writer.say(statements.asked_of_concept(concept)).text.split("\n")
    insight, *more = writer.several(statements.of_concept(concept), 2, 3)
    parts = [
        head,
        f"**FRONT (Question):**\n{question}",
        f"**BACK (Answer):**\n{' '.join([answer, *more])}",
        f"**Key Insight:** {insight}",
    ]
    if writer.random.random() < 0.4:
        parts.append(f"#### Common Misconceptions\n{writer.say(statements.misconception).text}")
    return "\n\n".join(parts)


def _related(writer: Writer, concept: Concept) -> Iterator[str]:
    for related in RELATIONS:
        source, _, target = related
        if concept.name in (source, target) and writer.tells([fact_of_relation(related)]):
            yield target if source == concept.name else source


def _misconceptions(writer: Writer) -> str:
    return "#### Common Misconceptions\n" + "\n".join(writer.several(statements.misconception, 1, 3))


def _code(writer: Writer) -> str:
    return f"```python\n{writer.say(number_statements.coded).text}\n```"


_FORMS: tuple[tuple[Callable[[Writer], str], int], ...] = (
    (_prose, 20), (_everyday, 14), (_nature, 5), (_story, 10), (_numbers, 10), (_question, 14), (_list, 5),
    (_definitions, 8), (_matrix, 6), (_diagram, 3), (_tree, 2), (_export, 4), (_card, 8),
    (_misconceptions, 2), (_code, 5),
)  # fmt: skip
