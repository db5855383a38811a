"""Text from documents made harmless for a terminal."""

from __future__ import annotations

import re

_TAB_WIDTH = 4
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\x85]")
_REMOVED = re.compile(
    "["
    "\x00-\x09\x0b-\x1f\x7f-\x9f"  # control characters but the line feed; tabs are expanded before
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks and overrides of text direction
    "\ufeff\ufdd0-\ufdef\ufffe\uffff"  # byte order mark and noncharacters
    "\U000e0000-\U000e007f"  # invisible tags
    "]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """Text with line feeds as its only control characters.

    Escapes, direction overrides and invisible tags go, tabs become spaces, lone surrogates the replacement character.
    """
    lines = _LINE_ENDS.sub("\n", text)
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", _REMOVED.sub("", lines.expandtabs(_TAB_WIDTH)))


def one_line(text: str) -> str:
    """Clean text on a single line, its runs of white space joined."""
    return " ".join(clean(text).split())
