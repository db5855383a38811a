"""Sinusoid check: exponents of sinusoidal positions with the index doubled, though it is the even column already."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from studycli.documents.near_lines import holding, near

_MESSAGE = "the exponent doubles an index that already steps by 2, so frequencies fall twice as fast as they should"
_BASE = re.compile(r"10[_,]?000|\b1e4\b")
_VARIABLE = r"(?P<name>[A-Za-z_]\w{0,30})"
_STEPS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\bfor\s+{_VARIABLE}\s+in\s+range\(\s*0\s*,[^()]{{0,40}}(?:\([^()]{{0,20}}\)[^()]{{0,10}})?,\s*2\s*\)",
        rf"\b{_VARIABLE}\s*=\s*(?:\w{{1,12}}\.)?arange\(\s*0\s*,[^()]{{0,40}},\s*2\b[^()]{{0,40}}\)"
        r"(?!\s*//|\s*/\s*2|[.\w()]{0,20}\s*//|[.\w()]{0,20}\s*/\s*2\b)",
        rf"\bfor\s*\(\s*(?:\w{{1,8}}\s+)?{_VARIABLE}\s*=\s*0\s*;.{{0,60}}\+=\s*2\s*\)",
        rf"\bfor\s+{_VARIABLE}\s+in\s+0:2:",
    )
)
_SET = re.compile(r"\bfor\s+(\w{1,30})\s+in\b|^\s*(\w{1,30})\s*=(?!=)|\bfor\s*\(\s*(?:\w{1,8}\s+)?(\w{1,30})\s*=")
_INLINE = re.compile(r"\b2(?:\.0)?\s*\*\s*(?:\w{1,12}\.)?arange\(\s*0\s*,[^()]{0,40},\s*2\b[^()]{0,30}\)")
_ASSIGNED = re.compile(r"\s*(\w{1,30})\s*=")
_SUBSCRIPT = re.compile(r"(?<=\w)\[[^\[\]]{0,80}\]")
_LATEX = re.compile(
    r"\\(?:text|mathrm|mathit|operatorname)\{([^{}]{0,40})\}|\\(?:left|right|,|;|!|cdot|times)|[${}&\\ ]"
)
_COLUMN = re.compile(r"PE\w{0,20}\^?_?[\[(](?:[^,()\[\]=]{1,20}),([^,()\[\]=]{1,12})[\])]", re.IGNORECASE)
_DOUBLED_POWER = re.compile(r"10[_,]?000(?:\^|\*\*|,)\(?\(?2[*·]?([a-zA-Z])\)?/")
_EVEN = re.compile(
    r"\beven\s+(?:\w+\s+)?\$?(?P<a>[a-z])\b|\b(?P<b>[a-z])\$?\s+(?:is\s+|are\s+)?even\b"
    r"|\b(?P<c>[a-z])\$?\s*(?:=|∈|\\in)\s*[{\\(\[]{0,2}\s*0\s*,\s*2\s*,\s*4"
)
_REACH = 25
_NEAR = 3
_NAMED = 6


def doubled(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The lines with such an exponent, each with what is wrong with it."""
    based = [number for number in holding(lines, "10000", "10_000", "10,000", "1e4") if _BASE.search(lines[number])]
    found = {*_in_code(lines, based), *_in_formulas(lines, based)}
    yield from ((line, _MESSAGE) for line in sorted(found))


def _in_code(lines: Sequence[str], bases: Sequence[int]) -> Iterator[int]:
    stepping: dict[str, int] = {}
    named: dict[str, int] = {}
    for number in near(bases, _REACH, 0, len(lines)):
        line = lines[number]
        if line.lstrip().startswith(("```", "~~~")):
            stepping.clear()
            named.clear()
            continue
        based = _BASE.search(line) is not None
        for name in [name for name, since in stepping.items() if number - since > _REACH]:
            del stepping[name]
        if "for" in line or "=" in line:
            for again in _SET.finditer(line) if stepping else ():
                stepping.pop(again[1] or again[2] or again[3], None)
            for pattern in _STEPS if "for" in line or "arange" in line else ():
                if match := pattern.search(line):
                    stepping[match["name"]] = number
        if based and _INLINE.search(line):
            yield number
        if stepping:
            right = _SUBSCRIPT.sub("", line)
            if any(_twice(name, right) for name in stepping):
                if based:
                    yield number
                elif assigned := _ASSIGNED.match(line):
                    named[assigned[1]] = number
        if based and named:
            words = set(re.findall(r"\w+", line))
            yield from (at for name, at in named.items() if name in words and 0 < number - at <= _NAMED)


def _twice(name: str, text: str) -> bool:
    """Whether the text has twice this variable, not the half of it doubled again."""
    escaped = re.escape(name)
    spelled = rf"(?<![\w.])2(?:\.0)?\s*[*·]?\s*{escaped}\b(?!\s*//|\s*\[)|(?<![\w.]){escaped}\s*\*\s*2\b(?!\s*//)"
    return name in text and re.search(spelled, text) is not None


def _in_formulas(lines: Sequence[str], bases: Sequence[int]) -> Iterator[int]:
    """Formulas whose column is i or i+1, which is even by that, with 2i in the exponent."""
    columns: dict[int, tuple[str, str]] = {}
    for number in bases:
        bare = _LATEX.sub(lambda match: match[1] or "", lines[number])
        bare = bare.replace("frac", "")
        place, power = _COLUMN.search(bare), _DOUBLED_POWER.search(bare)
        if place and power:
            columns[number] = (place[1], power[1])
    odd = {number for number, (column, name) in columns.items() if column in (f"{name}+1", f"1+{name}")}
    for number, (column, name) in columns.items():
        around = range(max(number - _NEAR, 0), min(number + _NEAR + 1, len(lines)))
        if number in odd or (column == name and (odd & set(around) or any(_is_even(name, lines[at]) for at in around))):
            yield number


def _is_even(name: str, line: str) -> bool:
    return any(name in (match["a"], match["b"], match["c"]) for match in _EVEN.finditer(line))
