"""The names of claims: which entries of a `Claims` field are names, and which demo makes the claim of a name."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache

from studycli.demos.catalogue import ALL
from studycli.demos.demo import Demo
from studycli.demos.echo import brief
from studycli.errors import UsageError

_NAME = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")
_LONGEST = 80


def is_name(entry: str) -> bool:
    """Whether an entry is the name of a demo's claim; otherwise it states the value of a quantity."""
    return _NAME.fullmatch(entry) is not None


def maker(name: str) -> Demo:
    """The first demo of the catalogue that makes a claim. Raises UsageError, with the names that are close."""
    makers = _makers()
    if name not in makers:
        close = get_close_matches(name, makers, n=3, cutoff=0.6) if len(name) <= _LONGEST else []
        hint = f"did you mean {' or '.join(close)}?" if close else "`studycli claims --list` lists them"
        raise UsageError(f"no demo makes the claim '{brief(name)}'", hint=hint)
    return makers[name]


@cache
def _makers() -> dict[str, Demo]:
    return {claim: demo for demo in reversed(ALL) for claim in demo.claims}
