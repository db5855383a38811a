"""Wording check: what is said wrongly of top-p sampling and of FlashAttention."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from studycli.documents.near_lines import holding, near

_TOP_P = "top-p is given as a set of at most p; that set leaves out the token that reaches p"
_FLASH = "FlashAttention is said to be approximate or to change the result; it is exact"
_NUCLEUS = re.compile(r"nucleus|top[-_ ]\$?p\b|\btop_p", re.IGNORECASE)
_P = (
    r"(?:\$|\\\(|`|\*|_)?(?:p\b|top[-_]?p\b|0?\.\d{1,3}\b|\d{2}\s?\\?%|the (?:threshold|limit"
    r"|value)(?: p| of p)?\b|(?:a |some )?threshold\b)"
)
_MOST = (
    r"(?:at most|no more than|not more than|(?:does|do|must|may|should|will)(?: not|n't) exceed"
    r"|doesn't exceed|not exceeding|"
    r"(?:stays?|remains?|is|are|falls?|being|kept|lies)\s+(?:still\s+)?(?:below|under|within)|less than"
    r"|up to|≤|<=|\\leq?\b|\\leqslant\b)"
)
_SUMMED = r"(?:cumulative|total|combined|summed|sum|joint|together|add(?:s|ed)? up|mass|\\sum|∑|Σ)"
_AT_MOST = re.compile(rf"{_SUMMED}[^.;|]{{0,80}}?(?<!not )(?<!n't ){_MOST}\s*{_P}", re.IGNORECASE)
_BELOW = re.compile(
    rf"(?:^|[\s$(]){_P}\s*&?\s*(?:\\geq?\b|\\geqslant\b|≥|>=)\s*(?:\\text\{{\s*)?(?:the )?(?:cumulative"
    rf"|total|\\sum|∑|Σ)",
    re.IGNORECASE,
)
_KEPT = re.compile(
    r"^\s*(?:\w{0,20}(?:keep|kept|nucleus|mask|select|allowed|candidate"
    r"|include)\w{0,20})\s*=\s*[^=#]{0,60}\bcum\w{0,30}\)?\s*<=?\s*"
    r"(?:self\.)?(?:top_?)?p\b"
)
_SHIFT = re.compile(r"\[\s*(?:\.\.\.\s*,|:\s*,)?\s*(?:0|:1|1:|:-1)\s*\]|\.roll\(|\bshift|\bpad\(|\+\s*1\b")
_HEDGED = re.compile(
    r"(?:\bnot\b|n't\b|\bnever\b|\brather than\b|\binstead of\b|\bwrong\w*|\bmistake\w*"
    r"|\bmisconception\w*|\bmyth\b)[^.;]{0,40}$",
    re.IGNORECASE,
)
_FLASH_NAME = r"flash[- ]?attention(?:[- ]?\d)?"
_SAID = re.compile(
    rf"{_FLASH_NAME}\W{{0,6}}(?:\([^()]{{0,60}}\)\W{{0,4}})?[^.;]{{0,90}}?"
    r"(?:\bapproximat\w{0,4}|\binexact\b|\blossy\b"
    r"|\b(?:chang|alter|affect|degrad|worsen|modif|distort)\w{1,4}\s+(?:the\s+|its\s+"
    r"|model\s+)?(?:results?|outputs?|quality|accuracy|numerics)\b"
    r"|\b(?:different|slightly worse|other)\s+(?:results?|outputs?)\b"
    r"|\b(?:trad|sacrific|los|cost)\w{1,4}\s+(?:some\s+|a little\s+|a bit of\s+|off\s+)?(?:accuracy"
    r"|quality|exactness|precision)\b)",
    re.IGNORECASE,
)
_SUCH_AS = re.compile(
    rf"\bapproximat\w{{1,4}}\s+(?:attention\s+)?(?:attention|methods?|algorithms?|variants?|techniques?"
    rf"|mechanisms?)[^.;:]{{0,20}}"
    rf"(?:such as|like|e\.g\.,?|including)\s+\W{{0,3}}{_FLASH_NAME}",
    re.IGNORECASE,
)
_EDGE = re.compile(r"\bflash\w{0,20}(?:\[[^\]]{0,40}\])?\s*-+\.?-*>?\s*\|?\"?\s*approximates\b", re.IGNORECASE)
_EXACT = re.compile(
    r"\b(?:not|no|never|nor|without|exact|exactly|unlike|instead|same|identical|equal|equals|whereas"
    r"|while|but|though|although|"
    r"(?:sparse|linear|local|window\w{0,4}) attention|performer|compared|than|false|wrong|myth"
    r"|misconception|neither|approximately)\b|n't\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+")
_BEFORE = 2
_CONTEXT = 14
_AFTER = 6


def top_p(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The lines that take top-p for a set of at most p, or keep one in code."""
    named = [number for number in holding(lines, "nucleus", "top") if _NUCLEUS.search(lines[number])]
    for number in near(named, _BEFORE, _CONTEXT, len(lines)):
        kept = _KEPT.search(lines[number]) and not any(map(_SHIFT.search, lines[number : number + _AFTER]))
        if kept or _at_most(lines[number]):
            yield number, _TOP_P


def _at_most(line: str) -> bool:
    for pattern in (_AT_MOST, _BELOW):
        for match in pattern.finditer(line):
            if _HEDGED.search(line[max(match.start() - 80, 0) : match.start()]) or _is_quoted(line, match.start()):
                continue
            if not (line.rstrip(" *_").endswith("?") or "?" in line[match.end() : match.end() + 40]):
                return True
    return False


def flash(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The lines that say of FlashAttention that its result is another."""
    for number in holding(lines, "flash"):
        line = lines[number]
        if _EDGE.search(line) or any(map(_changes, _SENTENCE.split(line))):
            yield number, _FLASH


def _changes(sentence: str) -> bool:
    match = _SAID.search(sentence) or _SUCH_AS.search(sentence)
    if match is None or _EXACT.search(sentence) or sentence.rstrip(" *_").endswith("?"):
        return False
    return not _is_quoted(sentence, match.start())


def _is_quoted(line: str, place: int) -> bool:
    """Whether a place stands between quotation marks: what is quoted is often what is wrong."""
    before, after = line[:place], line[place:]
    straight = before.count('"') % 2 == 1 and '"' in after
    return straight or before.count("\u201c") > before.count("\u201d")
