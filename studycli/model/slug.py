"""Slug: the short name of a document, which may begin with its place in an order."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"\d+[-_. ]+(?=\S)")


def unnumbered(slug: str) -> str:
    """A slug without the number before it: `attention` for `04-attention`."""
    return _NUMBER.sub("", slug, count=1) if _NUMBER.match(slug) else slug
