"""A concept map as text in a terminal."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType

from studycli.model.concept import ConceptMap
from studycli.render.concept_map import render, render_concept
from tests.concept_maps import GARDEN, read


def text(part: RenderableType, width: int) -> str:
    console = Console(markup=False, emoji=False, highlight=False, width=width, color_system=None)
    with console.capture() as captured:
        console.print(part)
    return "\n".join(line.rstrip() for line in captured.get().split("\n"))


def concept(found: ConceptMap, identifier: str) -> RenderableType:
    return render_concept(found, next(concept for concept in found.concepts if concept.id == identifier))


@pytest.mark.parametrize("width", [80, 120, 200])
def test_nothing_is_lost_or_wider_than_the_terminal(width: int) -> None:
    found = read(GARDEN)
    shown = text(render(found, width), width)
    words = " ".join(shown.split())
    for entry in found.concepts:
        assert entry.name in words
        assert (entry.definition or "") in words
    for path in (*found.pathways, *found.critical_paths):
        for piece in (path.title, *path.steps):
            assert piece in words
    assert max(map(cell_len, shown.split("\n"))) <= width


def test_the_parts_of_a_map_at_80_columns() -> None:
    shown = text(render(read(GARDEN), 80), 80)
    assert shown.startswith("Kitchen Garden\n6 concepts · 6 relationships · 2 pathways\nmaps/garden.md\n")
    assert "most connected: Root Network 3, Leaf Canopy 3, Nitrogen Fixation 2" in shown
    assert "  Below Ground\n  Root Network       Threads that share water\n" in shown
    assert "  Others\n  Nitrogen Fixation  Air made into food\n" in shown
    assert "  Root Network   feeds    ━━▶ Leaf Canopy\n                 requires ┄┄▶ Nitrogen Fixation\n" in shown
    assert "━━▶ strong  ──▶ medium  ┄┄▶ weak" in shown
    assert "  steps  Compost → Root Network → Leaf Canopy\n  needs  A spade, patience (much)\n" in shown
    assert "  Least to Know\n  steps  Root Network → Photosynthesis\n  why    One feeds, one pays.\n" in shown


def test_one_type_and_strength_share_a_line() -> None:
    shown = text(
        render(read("# Concept Map: X\n| From | To | Type |\n|--|--|--|\n| A | B | t |\n| A | C | t |\n"), 80), 80
    )
    assert "A t ──▶ B, C" in shown


def test_a_strength_without_an_arrow_of_its_own_is_written_out() -> None:
    table = "| From | To | Type | Strength |\n|--|--|--|--|\n| A | B | t | 0.7 |\n"
    shown = text(render(read(f"# Concept Map: X\n{table}"), 80), 80)
    assert "A t ──▶ B (0.7)" in shown
    assert "──▶ 0.7" not in shown


def test_steps_break_before_an_arrow() -> None:
    steps = " → ".join(["Two Words"] * 12)
    shown = text(render(read(f"# Concept Map: X\n## Pathways\n### P\n**Sequence:** {steps}\n"), 40), 40)
    lines = [line.strip() for line in shown.split("\n") if "Two" in line]
    assert len(lines) > 3
    assert all(line.startswith(("→ ", "steps")) for line in lines)
    assert all(line.endswith("Two Words") for line in lines)


def test_one_concept_with_its_surroundings() -> None:
    shown = text(concept(read(GARDEN), "root-network"), 80)
    assert shown.startswith("Root Network\nmap          Kitchen Garden\ngroup        Below Ground\n")
    assert "is           Threads that share water\n" in shown
    assert "know first   Nitrogen Fixation\ncomes after  Compost (Ripe) (in its pathways)\n" in shown
    assert "From Root Network\n  feeds    ━━▶ Leaf Canopy\n" in shown
    assert "To Root Network\n  feeds ◀── Compost (Ripe)\n" in shown
    assert "Pathway 1: From Below, step 2 of 3\n  Compost → [Root Network] → Leaf Canopy\n" in shown


def test_an_edge_that_only_the_diagram_has() -> None:
    drawn = "| From | To | Type |\n|--|--|--|\n| A | B | t |\n\n```mermaid\ngraph TD\nA-->|why|C\n```\n"
    assert "In the diagram only\n  A --> C: why" in text(concept(read(f"# Concept Map: X\n{drawn}"), "a"), 80)


def test_a_diagram_alone_gives_the_relationships() -> None:
    shown = text(render(read("# Concept Map: X\n```mermaid\ngraph TD\nA-->|why|C\n```\n"), 80), 80)
    assert "1 relationship · 0 pathways\n" in shown and "A why ──▶ C" in shown


def test_an_empty_map() -> None:
    assert "0 concepts · 0 relationships · 0 pathways" in text(render(read("# Concept Map: X\n"), 80), 80)


IDS = """# Concept Map: X
```mermaid
graph TD
SOFT[Softmax]
FFN[Feed-Forward Network]
```
## Pathways
### P
**Sequence:** {steps}
"""


def test_a_node_id_is_another_name_only_where_the_text_uses_it() -> None:
    found = read(IDS.format(steps="Softmax → FFN"))
    assert "also called" not in text(concept(found, "softmax"), 80)
    assert "also called  FFN\n" in text(concept(found, "feed-forward-network"), 80)
    found = read(IDS.format(steps="Softmax → Feed-Forward Network"))
    assert "also called" not in text(concept(found, "feed-forward-network"), 80)


HOSTILE = "\x1b]0;x\x07[red]bad[/red] :smile: \u202egnp.exe"


@pytest.mark.parametrize("width", [80, 200])
def test_hostile_text_is_only_text(width: int) -> None:
    found = read(
        f"# Concept Map: {HOSTILE}\n| From | To | Type | Strength |\n|--|--|--|--|\n"
        f"| {HOSTILE} | B | {HOSTILE} | {HOSTILE} |\n## Definitions\n- **B**: {HOSTILE}\n"
        f"## Pathways\n### {HOSTILE}\n**Sequence:** {HOSTILE} → B\n**Goal:** {HOSTILE}\n"
    )
    for part in (render(found, width), *(render_concept(found, entry) for entry in found.concepts)):
        shown = text(part, width)
        assert not set("\x1b\x07\u202e") & set(shown)
        assert "[red]bad[/red] :smile:" in " ".join(shown.split())
