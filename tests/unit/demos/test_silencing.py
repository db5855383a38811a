"""Silencing: the edit of a head means a value that the demo computes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from studycli.demos import edits, registry, silencing
from studycli.demos.inputs import Inputs

if TYPE_CHECKING:
    from studycli.demos.parameter import Value


@pytest.mark.parametrize(
    ("name", "settings", "layers"),
    [
        ("multi-head", {}, 1),
        ("grouped-query", {}, 1),
        ("rnn-vs-transformer", {}, 1),
        ("cross-attention", {}, 1),
        ("syntax", {}, 2),
        ("head-patterns", {"model": "induction"}, 2),
        ("head-patterns", {"model": "translator"}, 4),
    ],
)
def test_it_edits_what_is_there(name: str, settings: dict[str, Value], layers: int) -> None:
    demo = registry.find(name)
    text = demo.text if settings.get("model") != "translator" else registry.find("cross-attention").text
    for layer in range(layers):
        edit = silencing.edit(name, settings, layer, 0)
        assert edit is not None
        given = Inputs(text, "cpu", parameters=settings, edits=edits.Edits([edits.parse(edit)]))
        assert registry.run(name, given).title.endswith("edited")


@pytest.mark.parametrize("name", ["scaling", "block", "generation", "positional-encoding"])
def test_a_demo_without_heads_has_none(name: str) -> None:
    assert silencing.edit(name, registry.find(name).settings({}), 0, 0) is None
