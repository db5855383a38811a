"""Two edits of one note: which words are kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studycli.tui.notes_book import both

TEXTS = st.text(alphabet="ab \n", max_size=6)


@pytest.mark.parametrize(
    ("mine", "before", "theirs", "kept", "added"),
    [
        ("new", "old", "old", "new", ""),
        ("", "old", "old", "", ""),
        ("mine", "", "", "mine", ""),
        ("mine", "old", "", "mine", ""),
        ("", "old", "theirs", "theirs", "theirs"),
        ("old", "old", "old and more", "old and more", " and more"),
        ("old and mine", "old", "old and", "old and mine", ""),
        ("mine\n", "old", "theirs", "mine\n\n---\n\ntheirs", "\n\n---\n\ntheirs"),
    ],
)
def test_what_is_kept(mine: str, before: str, theirs: str, kept: str, added: str) -> None:
    assert both(mine, before, theirs) == (kept, added)


@given(TEXTS, TEXTS, TEXTS)
def test_nothing_that_was_written_is_lost(mine: str, before: str, theirs: str) -> None:
    kept, added = both(mine, before, theirs)
    assert mine.rstrip() in kept and kept.endswith(added)
    assert theirs == before or theirs in kept
