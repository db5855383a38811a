"""Links and the groups they stand in."""

from __future__ import annotations

import pytest

from studycli.documents.links import links
from studycli.documents.outline import Outline


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[Paper](https://a.org/x)", [("Paper", "https://a.org/x")]),
        ('[Paper](<https://a.org/x> "title") [B](b.md)', [("Paper", "https://a.org/x"), ("B", "b.md")]),
        ("[Wiki](https://a.org/x_(y))", [("Wiki", "https://a.org/x_(y)")]),
        ("see https://a.org/x, or <https://b.org>", [("https://a.org/x",) * 2, ("https://b.org",) * 2]),
        ("![picture](a.png)", []),
        ("`[code](a)` and\n```\n[code](b)\n```\n", []),
        ("[twice](a) [twice](a)", [("twice", "a")]),
        ("[no link] (a)", []),
    ],
)
def test_links(text: str, found: list[tuple[str, str]]) -> None:
    assert [(link.title, link.url) for link in links(Outline(text))] == found


def test_groups() -> None:
    text = (
        "# Lesson\n[a](a)\n## Resources\n**Papers**:\n- [b](b)\n  and [c](c)\n\n**Code:**\n\n- [d](d)\n\n"
        "More: [e](e)\n**F**:\n---\n- [f](f)\n"
    )
    assert [(link.title, link.group, link.line) for link in links(Outline(text))] == [
        ("a", "Lesson", 2),
        ("b", "Papers", 5),
        ("c", "Papers", 6),
        ("d", "Code", 10),
        ("e", "Resources", 12),
        ("f", "Resources", 15),
    ]
