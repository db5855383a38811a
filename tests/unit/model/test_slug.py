"""Slugs: the number before a document's short name, and what it isn't."""

from __future__ import annotations

import pytest

from studycli.model.slug import unnumbered


@pytest.mark.parametrize(
    ("slug", "name"),
    [
        ("04-attention", "attention"),
        ("10_retrieval", "retrieval"),
        ("1. first steps", "first steps"),
        ("attention", "attention"),
        ("2024", "2024"),
        ("7-", "7-"),
        ("3d-shapes", "3d-shapes"),
        ("lesson-4-heads", "lesson-4-heads"),
        ("", ""),
    ],
)
def test_unnumbered(slug: str, name: str) -> None:
    assert unnumbered(slug) == name
