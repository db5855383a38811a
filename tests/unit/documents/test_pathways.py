"""Pathways and critical paths in every way that documents write them."""

from __future__ import annotations

import pytest

from studycli.documents import pathways
from studycli.documents.outline import Outline


def read(text: str) -> list[pathways.Path]:
    outline = Outline(text)
    return pathways.read(outline, outline.root.children[0])


STEPS = ("Light", "Water splitting", "ATP")


@pytest.mark.parametrize(
    "sequence",
    [
        "1. Light →\n2. Water splitting →\n3. ATP",
        "1. Light\n   ↓\n2. Water splitting\n   ↓\n3. ATP",
        "1. Light\n2. Water splitting\n3. ATP",
        "Light → Water splitting → ATP",
    ],
)
def test_a_sequence_right_under_a_field_is_no_part_of_it(sequence: str) -> None:
    (path,) = read(f"# Pathways\n\n## Path A\n**Best for:** newcomers\n{sequence}\n")
    assert (path.said["goal"], path.steps) == ("newcomers", STEPS)


def test_a_list_of_prerequisites_stays_theirs() -> None:
    (path,) = read("# Pathways\n\n## Path A\n**Sequence:** A → B\n**Prerequisites:**\n1. Sun\n2. Water\n")
    assert path.said["prerequisites"] == "1. Sun\n2. Water"


@pytest.mark.parametrize(
    "text",
    [
        "**Sequence:** Light → Water splitting → ATP",
        "**Sequence:** Light → Water splitting →\nATP",
        "**Sequence:** Light → Water splitting\n→ ATP",
        "**Path:** Light -> Water splitting --> ATP",
        "**Steps**: Light => Water splitting ==> ATP",
        "**Sequence:** Light->Water splitting->ATP",
        "Light → Water splitting → ATP",
        "and more\nLight → Water splitting → ATP",
        "Sequence: Light → Water splitting → ATP",
        "- **Sequence:** Light → Water splitting → ATP",
        "**Sequence:**\n```\nLight → Water splitting\n  → ATP\n```",
        "```\nLight →\nWater splitting → ATP\n```",
        "```text\nLight\n  ↓\nWater splitting\n  ↓\nATP\n```",
        "1. Light\n   ↓\n2. Water splitting\n   ↓\n3. ATP",
        "1. **Light** →\n2. **Water splitting** →\n3. **ATP**",
        "1. Light\n2. → Water splitting\n3. → ATP",
        "1. Light → Water splitting\n2. ATP",
        "**Sequence:**\n1. Light\n2. Water splitting\n3. ATP",
        "1) Light\n2) Water splitting\n3) ATP",
        "First of all:\n\n1. Light\n2. Water splitting\n3. ATP",
        "| - | - |\n\nLight ➜ Water splitting ⇒ ATP",
    ],
)
def test_every_way_to_write_a_sequence(text: str) -> None:
    (path,) = read(f"## Learning Pathways\n\n### Pathway 1: Light\n**Goal:** See\n\n{text}\n\n**Assessment:** Tell\n")
    assert path.steps == STEPS
    assert (path.title, path.line) == ("Pathway 1: Light", 3)
    assert (path.said["goal"], path.said["assessment"]) == ("See", "Tell")


@pytest.mark.parametrize(
    ("text", "meaning", "value"),
    [
        ("**Best For:** Gardeners", "goal", "Gardeners"),
        ("**Goal:** Grow", "goal", "Grow"),
        ("**Duration Estimate:** 2 weeks", "duration", "2 weeks"),
        ("**Sessions:** 3", "duration", "3"),
        ("Duration: one hour", "duration", "one hour"),
        ("- **Assessment**: Draw it", "assessment", "Draw it"),
        ("**Assessment:**\n- Draw it\n- Name it", "assessment", "- Draw it\n- Name it"),
        ("**Prerequisites:** Seeds", "prerequisites", "Seeds"),
    ],
)
def test_every_field(text: str, meaning: str, value: str) -> None:
    (path,) = read(f"## Learning Pathways\n### One\n**Sequence:** A → B\n{text}\n")
    assert path.said[meaning] == value
    assert path.steps == ("A", "B")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Seeds, soil (wet, dark), sun", ("Seeds", "soil (wet, dark)", "sun")),
        ("Pathways 1-3 (all of it)", ("Pathways 1-3 (all of it)",)),
        ("None", ()),
        ("", ()),
    ],
)
def test_prerequisites_one_by_one(text: str, expected: tuple[str, ...]) -> None:
    (path,) = read(f"## Pathways\n### One\n**Sequence:** A → B\n**Prerequisites:** {text}\n")
    assert path.prerequisites() == expected


def test_unknown_fields_are_kept() -> None:
    (path,) = read("## Pathways\n### One\n**Sequence:** A → B\n**Mood:** Calm\n")
    assert path.fields == {"Mood": "Calm"}


def test_titled_sequences_without_headings() -> None:
    paths = read(
        "## Learning Pathways\n\n**Quick Path:** A → B\n**Goal:** Fast\n\n**Slow Path:** C → D → E\n**Goal:** Deep\n"
    )
    assert [(path.title, path.steps, path.said["goal"]) for path in paths] == [
        ("Quick Path", ("A", "B"), "Fast"),
        ("Slow Path", ("C", "D", "E"), "Deep"),
    ]


def test_bold_titles_over_code_blocks_and_a_rationale_with_a_list() -> None:
    first, second = read(
        "## Critical Path\n\n**Least to Know (LTK):**\n```\nA → B\n```\n\n**Rationale:** Two things:\n"
        "1. **A:** first\n2. **B:** second\n\n**For Growers:**\n```\nA → B →\nC → D\n```\n"
    )
    assert (first.title, first.steps, first.steps_line) == ("Least to Know (LTK)", ("A", "B"), 5)
    assert first.said["rationale"] == "Two things:\n1. **A:** first\n2. **B:** second"
    assert (second.title, second.steps) == ("For Growers", ("A", "B", "C", "D"))


def test_a_pathway_without_steps_is_still_one() -> None:
    (path,) = read("## Pathways\n### Lost\n**Goal:** None yet\n")
    assert (path.title, path.steps) == ("Lost", ())


def test_a_table_of_pathways() -> None:
    outline = Outline("| Pathway | Sequence | Best For |\n|--|--|--|\n| Quick | A → B | all |\n")
    (path,) = pathways.from_table(outline.tables(0, 2)[0]) or []
    assert (path.title, path.steps, path.said, path.line) == ("Quick", ("A", "B"), {"goal": "all"}, 3)


def test_prose_is_no_sequence() -> None:
    assert read("## Learning Pathways\n\nChoose one of the ways below.\n") == []
