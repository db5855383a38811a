"""Code pages that UTF-8 gets mistaken for: which of their characters stand for UTF-8's bytes.

A character of UTF-8 beyond ASCII is a lead byte (C2..F4) and one to three continuation bytes (80..BF). Read as a
one-byte code page, each of these bytes becomes a character of its own; here are the patterns that find them again.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import cache

LOST = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True)
class CodePage:
    """One code page. `lost` are the bytes that it doesn't define, and that a careless reader dropped.

    `token` finds what UTF-8 looks like when read as this page: group `whole` is a run of complete sequences, group
    `broken` a sequence with one byte gone (or U+FFFD in its place), and `space` a space that may have been its 0xA0.
    """

    name: str
    lost: bytes
    bytes_of: dict[int, int]
    whole: re.Pattern[str]
    token: re.Pattern[str]

    def encode(self, text: str) -> bytes:
        """The bytes that the characters of a token stand for; U+FFFD stands for the impossible byte FF."""
        return codecs.charmap_encode(text, "strict", self.bytes_of)[0]


def _code_page(name: str, codec: str, extra: dict[str, int]) -> CodePage:
    """Build a page. C1 controls count as their own bytes: that is how Latin-1 and the web read undefined bytes."""
    characters: dict[int, str] = {}
    lost = bytearray()
    for byte in range(0x80, 0x100):
        try:
            characters[byte] = bytes([byte]).decode(codec)
        except UnicodeDecodeError:
            characters[byte] = ""
            lost.append(byte)
        if "mac" not in codec and byte < 0xA0:
            characters[byte] += chr(byte)
    for character, byte in extra.items():
        characters[byte] += character

    def among(first: int, last: int, also: str = "") -> str:
        members = "".join(characters[byte] for byte in range(first, last + 1))
        return f"[{re.escape(members + also)}]"

    rest, lead2, lead3, lead4 = among(0x80, 0xBF), among(0xC2, 0xDF), among(0xE0, 0xEF), among(0xF0, 0xF0)
    whole = "|".join(
        (
            lead2 + rest,
            among(0xE0, 0xE0) + among(0xA0, 0xBF) + rest,
            among(0xE1, 0xEC) + rest + rest,
            among(0xED, 0xED) + among(0x80, 0x9F) + rest,
            among(0xEE, 0xEF) + rest + rest,
            lead4 + among(0x90, 0xBF) + rest + rest,
        )
    )
    gap = among(0x80, 0xBF, LOST)
    broken = f"{lead2}{LOST}?|{lead3}{gap}{{1,2}}|{lead4}{gap}{{2,3}}"
    bytes_of = {ord(character): byte for byte, members in characters.items() for character in members}
    return CodePage(
        name,
        bytes(lost),
        {**bytes_of, ord(LOST): 0xFF},
        re.compile(whole),
        re.compile(f"(?P<whole>(?:{whole})+)|(?P<broken>{broken})(?P<space> ?)"),
    )


@cache
def code_pages() -> tuple[CodePage, ...]:
    """The pages that are tried, the likeliest first."""
    return (
        _code_page("Windows-1252", "cp1252", {}),
        _code_page("Windows-1254", "cp1254", {}),
        _code_page("Mac Roman", "mac_roman", {"\N{CURRENCY SIGN}": 0xDB, "\N{OHM SIGN}": 0xBD}),
    )
