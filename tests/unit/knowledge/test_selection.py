"""What a learner types for a map or a concept."""

from __future__ import annotations

import pytest

from studycli.errors import UsageError
from studycli.knowledge.selection import find_concept, find_map
from tests.concept_maps import GARDEN, read

MAPS = [
    read(GARDEN, "a/garden.md"),
    read("# Concept Map: Gardening Tools\n", "b/tools.md"),
    read("# Concept Map: Soup\n", "soup.md"),
    read("# Concept Map: Clay\n", "07-pots.md"),
]


@pytest.mark.parametrize(
    ("name", "path"),
    [("garden", "a/garden.md"), ("GARDEN", "a/garden.md"), ("Kitchen Garden", "a/garden.md"),
     ("kitchen", "a/garden.md"),
     ("to", "b/tools.md"), ("gardening", "b/tools.md"), ("soup.md", "soup.md"),
     ("pots", "07-pots.md"), ("po", "07-pots.md"), ("07", "07-pots.md")],
)  # fmt: skip
def test_maps(name: str, path: str) -> None:
    assert find_map(name, MAPS).path == path


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("gardn", "no concept map", "garden"),
        ("", "names 4", "they are"),
        ("qqq", "no concept map 'qqq'", "studycli maps"),
    ],
)
def test_unknown_maps(name: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        find_map(name, MAPS)
    assert hint in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("name", "concept"),
    [
        ("root-network", "root-network"),
        ("RN", "root-network"),
        ("nitro", "nitrogen-fixation"),
        ("bean plants", "bean-plant"),
    ],
)
def test_concepts(name: str, concept: str) -> None:
    assert find_concept(name, MAPS[0]).id == concept


@pytest.mark.parametrize(
    ("name", "hint"), [("Photosintesis", "Photosynthesis"), ("qqq", "studycli map garden"), ("", "")]
)
def test_unknown_concepts(name: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_concept(name, MAPS[0])
    assert hint in (caught.value.hint or "")


def test_a_beginning_of_several_concepts() -> None:
    found = read("# Concept Map: X\n| From | To | Type |\n|--|--|--|\n| Leafy | Leaflet | t |\n")
    with pytest.raises(UsageError, match="begins 2 concepts"):
        find_concept("leaf", found)
