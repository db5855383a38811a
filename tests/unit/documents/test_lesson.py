"""Lessons: plans, topic pages and tutorials."""

from __future__ import annotations

from pathlib import Path

from studycli.documents.lesson import parse
from studycli.documents.load import load
from studycli.documents.outline import Outline
from studycli.model.lesson import Lesson
from studycli.model.problem import Severity

PLAN = """\
Written before the title.

# Masks in **Attention** (50-60 min)

**Prerequisites**: Matrices (any kind, small or large), softmax
**Next Topics**: Caching; Decoding

## Learning Objectives

1. Say why a decoder needs a mask
2. Draw one
   of any size

## 1. **Causal Masks** (20 min)

A mask hides the future.

### Why?

$$
m_{ij} = -\\infty
$$

## 2. Padding masks

**Duration**: 30-40 minutes

```python title="mask.py"
mask = tokens != "<pad>"  # <b>stays</b>
```

## Pitfalls to know

- **Masking after softmax**: rows no longer sum to one
- Forgetting the batch axis
"""


def lesson(text: str) -> Lesson:
    return parse(Outline(text), "notes/masks.md")


def test_a_plan() -> None:
    plan = lesson(PLAN)
    assert plan.title == "Masks in Attention (50-60 min)"
    assert plan.duration_minutes == (50, 60)
    assert plan.prerequisites == ("Matrices (any kind, small or large)", "softmax")
    assert plan.next_topics == ("Caching", "Decoding")
    assert plan.objectives == ("Say why a decoder needs a mask", "Draw one of any size")
    assert plan.fields == {
        "Prerequisites": "Matrices (any kind, small or large), softmax",
        "Next Topics": "Caching; Decoding",
    }
    assert [(block.language, block.line) for block in plan.code_blocks] == [("python", 28)]
    assert plan.code_blocks[0].text == 'mask = tokens != "<pad>"  # <b>stays</b>'
    assert [(formula.text, formula.line) for formula in plan.latex_blocks] == [("m_{ij} = -\\infty", 20)]
    assert [(pitfall.title, pitfall.text) for pitfall in plan.pitfalls] == [
        ("Masking after softmax", "rows no longer sum to one"),
        ("Forgetting the batch axis", ""),
    ]
    assert plan.problems == ()


def test_every_section_is_kept_with_its_place_and_time() -> None:
    title = "Masks in Attention (50-60 min)"
    sections = [(part.level, part.title, part.line, part.path, part.duration_minutes) for part in lesson(PLAN).sections]
    assert sections == [
        (1, "", 1, (), None),
        (1, title, 3, (), (50, 60)),
        (2, "Learning Objectives", 8, (title,), None),
        (2, "1. Causal Masks (20 min)", 14, (title,), (20, 20)),
        (3, "Why?", 18, (title, "1. Causal Masks (20 min)"), None),
        (2, "2. Padding masks", 24, (title,), (30, 40)),
        (2, "Pitfalls to know", 32, (title,), None),
    ]
    assert lesson(PLAN).sections[3].text == "A mask hides the future."


def test_the_order_of_sections_changes_nothing_but_lines() -> None:
    head, *parts = PLAN.split("\n## ")
    turned = lesson("\n## ".join([head, *reversed(parts)]))
    plan = lesson(PLAN)
    for name in ("title", "duration_minutes", "prerequisites", "next_topics", "objectives", "fields"):
        assert getattr(turned, name) == getattr(plan, name)
    assert [pitfall.title for pitfall in turned.pitfalls] == [pitfall.title for pitfall in plan.pitfalls]


def test_times_that_do_not_add_up_are_a_problem() -> None:
    text = "# Day\n## Plan (1 hour)\n### A (40 min)\n### B (30-40 min)\n"
    (problem,) = lesson(text).problems
    assert (problem.severity, problem.line) == (Severity.WARNING, 2)
    assert "60 minutes" in problem.message
    assert "70-80" in problem.message
    assert lesson(text.replace("1 hour", "70 min")).problems == ()


def test_a_stated_time_of_the_whole_goes_before_that_of_a_section() -> None:
    assert lesson("# Day\n## Overview\n**Estimated Time**: 6-8 hours\n## A (5 min)\n").duration_minutes == (360, 480)
    assert lesson("# Day\n## A (5 min)\n## B (6 min)\n").duration_minutes is None


def test_exercises() -> None:
    text = (
        "# Day\n## Practice\n### Exercise 1: Draw a mask (20 min)\n**Goal**: See it\n\nDraw.\n\n"
        "#### Hint\nUse paper.\n\n"
        "**Deliverable**: A drawing\n### Reading\n## Hands-On Exercises\n### Count heads\n**Time:** 1 h\n"
        "## Labs\n1. **Plot it** (5 min): in colour\n   - nested\n2. Explain it\n"
    )
    found = lesson(text).exercises
    assert [(each.title, each.goal, each.deliverable, each.duration_minutes, each.line) for each in found] == [
        ("Exercise 1: Draw a mask", "See it", "A drawing", (20, 20), 3),
        ("Count heads", None, None, (60, 60), 14),
        ("Plot it", None, None, (5, 5), 17),
        ("Explain it", None, None, None, 19),
    ]
    assert found[0].text.startswith("**Goal**: See it")
    assert "Use paper." in found[0].text


def test_rubric_levels_as_items_headings_and_rows() -> None:
    text = (
        "# Day\n- [ ] **Level 1 (Beginner)**: can name it\n- [x] Level 2: can use it\n"
        "## Self-Assessment\n### Level 3: Expert\nCan build it.\n"
        "## Rubric\n| Level | What |\n|---|---|\n| Level 4 (Master) | Can teach it |\n"
    )
    found = [(each.level, each.name, each.text, each.line) for each in lesson(text).rubric]
    assert found == [
        (1, "Beginner", "can name it", 2),
        (2, "", "can use it", 3),
        (3, "Expert", "Can build it.", 5),
        (4, "Master", "Can teach it", 10),
    ]


def test_pitfalls_as_sections_lists_and_labels() -> None:
    text = (
        "# Day\n## Common Pitfalls\n### Problem: Slow\n**Debug**:\n1. Measure\n### Mistake 2: No mask\nAdd it.\n"
        "## 🛠️ What Could Go Wrong?\n**Common Misconceptions:**\n\n- **“More heads are better”** Not always\n"
        "## Notes\n**Common Mistakes:**\n- Off by one\n\nNo pitfall.\n- Nor this\n"
    )
    found = [(each.title, each.text, each.line) for each in lesson(text).pitfalls]
    assert found == [
        ("Slow", "**Debug**:\n1. Measure", 3),
        ("No mask", "Add it.", 6),
        ("“More heads are better”", "Not always", 11),
        ("Off by one", "", 14),
    ]


def test_html_leaves_no_trace() -> None:
    text = (
        '# Day\n<div class="x">\n\n## Notes\n<script>\n# evil\nalert(1)\n</script>\n<p>Kept & <b>bold</b></p>\n</div>\n'
    )
    page = lesson(text)
    assert [(section.title, section.line, section.text) for section in page.sections] == [
        ("Day", 1, ""),
        ("Notes", 4, "Kept & bold"),
    ]


def test_a_title_is_found_without_a_first_level_heading() -> None:
    assert lesson("## Only this\n").title == "Only this"
    assert lesson("**Duration:** 5 min\n").title == "masks"
    assert lesson("**Duration:** 5 min\n").duration_minutes == (5, 5)


def sample(samples: Path, name: str) -> Lesson:
    document = load(samples / name)
    assert isinstance(document, Lesson)
    return document


def test_the_lecture_plan(samples: Path) -> None:
    plan = sample(samples, "lecture-5-transformers-plan.md")
    assert len(plan.sections) == 15
    assert plan.duration_minutes == (120, 150)
    timed = [section.duration_minutes for section in plan.sections if section.level == 3 and section.duration_minutes]
    assert timed == [(10, 15), (35, 40), (25, 30), (20, 25), (20, 25), (25, 30), (20, 25), (15, 20), (5, 5)]
    assert [problem.line for problem in plan.problems] == [3]  # the parts take longer than the plan says


def test_the_topic_page(samples: Path) -> None:
    page = sample(samples, "topic-transformer-architecture.md")
    assert len(page.sections) == 30
    assert page.duration_minutes == (360, 480)
    assert len(page.prerequisites) == 2
    assert len(page.next_topics) == 2
    assert [exercise.duration_minutes for exercise in page.exercises] == [(60, 60), (90, 90), (60, 60)]
    assert all(exercise.goal and exercise.deliverable for exercise in page.exercises)
    assert [(level.level, level.name) for level in page.rubric] == [
        (1, "Beginner"),
        (2, "Intermediate"),
        (3, "Advanced"),
        (4, "Expert"),
    ]
    assert [pitfall.line for pitfall in page.pitfalls] == [222, 228, 234]
    assert [resource.group for resource in page.resources] == ["Papers", "Tutorials", "Tutorials", "Code"]
    assert [block.language for block in page.code_blocks].count("python") == 6
    assert len(page.code_blocks) == 7


def test_the_topic_page_without_its_html(samples: Path) -> None:
    page = sample(samples, "topic-transformer-architecture.md")
    everything = page.model_dump_json()
    for trace in ("<div", "<script", "addEventListener", "localStorage.getItem", "textarea", "placeholder", "class="):
        assert trace not in everything
    notes = next(section for section in page.sections if section.line == 298)
    assert [line for line in notes.text.split("\n") if line.strip()] == [
        "📝 Your Notes",
        "💾 Auto-saves to browser localStorage",
    ]


def test_the_tutorial(samples: Path) -> None:
    tutorial = sample(samples, "tutorial-transformer-fundamentals.md")
    assert len(tutorial.sections) == 59
    assert len(tutorial.latex_blocks) == (samples / "tutorial-transformer-fundamentals.md").read_text().count("$$") // 2
    assert len(tutorial.code_blocks) == 16
    assert [pitfall.line for pitfall in tutorial.pitfalls] == [494, 495, 496]
    assert len(tutorial.objectives) == 1
    assert len(tutorial.prerequisites) == 5
    assert {resource.line for resource in tutorial.resources} >= {3, 7, 15, 16, 17}
    text = "\n".join(section.text for section in tutorial.sections)
    assert "`<|endoftext|>`" in text
    assert "h₁ → h₂ → h₃ → h₄ → h₅" in text
