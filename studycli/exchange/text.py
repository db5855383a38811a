"""Text made fit for a file: no control characters, `\\n` line ends, nothing that UTF-8 cannot hold."""

from __future__ import annotations

import re

_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\x85]")
_REMOVED = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but the tab and the line feed
    "\u202a-\u202e\u2066-\u2069"  # overrides of text direction
    "\ufeff\ufdd0-\ufdef\ufffe\uffff"  # byte order mark and noncharacters
    "]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """Text without control characters (tabs and line feeds stay), direction overrides and noncharacters.

    Lone surrogates, which UTF-8 cannot hold, become the replacement character.
    """
    lines = _LINE_ENDS.sub("\n", text)
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", _REMOVED.sub("", lines))


def one_line(text: str) -> str:
    """Clean text on a single line, its runs of white space joined."""
    return " ".join(clean(text).split())
