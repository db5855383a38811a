"""Words: a text as a short row of tokens (words and punctuation), with a count of what was left out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from studycli.errors import UsageError

LIMIT = 32
_READ = 10_000
"""How many characters are read: many more than `LIMIT` tokens have. What follows is only counted."""

_JOINERS = "\u200c\u200d"
_IDEOGRAPHIC = ("CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH", "HIRAGANA", "KATAKANA")


@dataclass(frozen=True)
class Words:
    """The tokens that are computed on, the text up to the last of them, how many more it has, if that is exact."""

    tokens: tuple[str, ...]
    text: str
    left_out: int = 0
    exact: bool = True

    @property
    def summary(self) -> str:
        """How much of the text is used, in words."""
        if not self.left_out:
            return "the only token of the text" if len(self.tokens) == 1 else f"all {len(self.tokens)} of the text"
        about = "" if self.exact else "about "
        total = f"{len(self.tokens) + self.left_out:,}"
        return f"the first {len(self.tokens)} of {about}{total}; the other {self.left_out:,} are left out"


def split(text: str, limit: int = LIMIT) -> Words:
    """The first `limit` tokens of a text, its control characters stripped; its words are taken as they are.

    A token is a word, a number, an ideograph or a punctuation mark. Raises UsageError where there is none.
    """
    head, rest = cut(text)
    plain = _printable(head)
    found = _tokens(plain)
    if not found:
        raise UsageError("the text has no words to compute on", hint="give it a word at least")
    used = found[:limit]
    kept = " ".join(plain[: used[-1].end()].split())
    left_out = max(len(found) - limit, 0) + (len(_tokens(rest)) if rest else 0)
    return Words(tuple(token[0] for token in used), kept, left_out, exact=not rest)


def has_words(text: str) -> bool:
    """Whether there is a token at all."""
    return bool(_tokens(_printable(cut(text)[0])))


def cut(text: str) -> tuple[str, str]:
    """The part that is read and the rest, parted at white space where there is some."""
    if len(text) <= _READ:
        return text, ""
    space = re.compile(r"\s").search(text, _READ)
    end = space.start() if space and space.start() < 2 * _READ else _READ
    return text[:end], text[end:]


def _printable(text: str) -> str:
    """Composed characters, without control, format and replacement characters; joiners within words stay."""
    controls = {c for c in set(text) if unicodedata.category(c)[0] == "C" and not c.isspace()}
    table = dict.fromkeys(map(ord, (controls | {"\N{REPLACEMENT CHARACTER}"}) - set(_JOINERS)))
    return unicodedata.normalize("NFC", text.translate(table))


def _tokens(text: str) -> list[re.Match[str]]:
    characters = set(text)
    marks = _choice(_JOINERS, (c for c in characters if unicodedata.category(c)[0] == "M"))
    ideographs = _choice("\u4e00", (c for c in characters if unicodedata.name(c, "").startswith(_IDEOGRAPHIC)))
    letter = rf"[^\W{ideographs}][{marks}]*"
    word = rf"(?:{letter})+(?:(?:['’-]|(?<=\d)[.,](?=\d))(?:{letter})+)*"
    return list(re.finditer(rf"{word}|[^\s{marks}][{marks}]*", text))


def _choice(always: str, found: Iterable[str]) -> str:
    """The inside of a regular expression's character set."""
    return re.escape("".join({*always, *found}))
