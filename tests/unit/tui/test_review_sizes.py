"""The review screen as a whole at three sizes: the question, the answer, and the answer with the demo beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.unit.tui.reviewing import only
from tests.unit.tui.workspace import ENGINE_DEADLINE, look, opened, press, resize, run, screen_text

DECK = """\
# Flashcards: Blocks

### Card 1 | Easy
**Concept:** Softmax
**Demo:** scaled-dot-product text='The cat sat.'

#### Front
What does **softmax** give for $z$?

#### Back
| what | sum |
|------|-----|
| a distribution | 1 |
"""


def test_the_screen_at_three_sizes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion
) -> None:
    only(monkeypatch)
    deck = tmp_path / "blocks.md"
    deck.write_text(DECK, "utf-8")

    async def test() -> None:
        async with opened(str(deck)) as pilot:
            for state, keys, words in (("question", (), "softmax"), ("answer", ("space",), "a distribution"),
                                       ("demo", ("d",), "step 1 of 13")):  # fmt: skip
                await press(pilot, *keys)
                await look(pilot, words, deadline=ENGINE_DEADLINE)
                for size in ((80, 24), (120, 40), (200, 60)):
                    await resize(pilot, *size)
                    await look(pilot, words, deadline=ENGINE_DEADLINE)
                    assert screen_text(pilot) == snapshot(name=f"{state} {size[0]}x{size[1]}")
                await resize(pilot, 80, 24)

    run(test())
