"""Mask check: additive masks that leave ones where attention is allowed, and those the wrong way round."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from studycli.documents.near_lines import holding, near

_ONES = "this additive mask leaves ones where attention is allowed; 0 belongs there"
_ADDED = "a mask of ones and zeros is added to the scores, which closes nothing"
_ROUND = "this mask is the wrong way round: it closes what should be allowed"
_MINUS = (
    r"(?:-\s*(?:\w{1,12}\.)?(?:float\(\s*['\"]inf(?:inity)?['\"]\s*\)|inf\w*|math\.inf|1e\d{1,2}"
    r"|1\.0e\d{1,2}|10000\b|1e\+\d\d)|float\(\s*['\"]-inf(?:inity)?['\"]\s*\)|NEG_INF\w*|finfo)"
)
_NAME = r"(?P<name>[A-Za-z_][\w.]{0,40})"
_FILL = re.compile(rf"\b{_NAME}\.masked_fill_?\(\s*(?P=name)\s*==\s*(?:0|0\.0|False)\s*,\s*(?:value\s*=\s*)?{_MINUS}")
_FILL_INLINE = re.compile(
    rf"(?:tril|tri)\(\s*(?:\w{{1,12}}\.)?ones\([^()]{{0,40}}\)[^()]{{0,20}}\)\.masked_fill_?\([^=]{{0,80}}==\s*0(?:\.0)?\s*,\s*{_MINUS}"
)
_WHERE = re.compile(
    rf"\bwhere\(\s*{_NAME}\s*==\s*(?:0|0\.0)\s*,\s*{_MINUS}\)?\s*,\s*(?P=name)\s*\)"
    rf"|\bwhere\(\s*(?P<kept>[A-Za-z_]\w{{0,40}})(?:\s*==\s*1|\s*>\s*0)?\s*,\s*(?P=kept)\s*,\s*{_MINUS}"
)
_PLACED = re.compile(rf"\b{_NAME}\[\s*(?P=name)\s*==\s*(?:0|0\.0)\s*\]\s*=\s*{_MINUS}")
_MENDED = re.compile(r"==\s*(?:1|1\.0|True)\s*[,\]]|>\s*0\s*[,\]]|!=\s*0\s*[,\]]|\.bool\(\)\s*,\s*0|~")
_DEFINED = re.compile(r"^\s*(?P<name>[A-Za-z_]\w{0,40})\s*(?::\s*[\w.]{1,30}\s*)?=(?!=)\s*(?P<value>.*)$")
_ALLOWED = re.compile(
    r"(?:(?:\w{1,12}\.)?(?:tril|tri)\((?!.{0,60}\bfull\()"
    r"|(?<!1 - )(?<!1-)\w{0,12}\.?\w{0,10}\.?band_part\(.{0,60}-1\s*,\s*0\s*\))"
)
_FORBIDDEN = re.compile(r"\btriu\(\s*(?:\w{1,12}\.)?ones\(.{0,60}\)\s*,\s*(?:diagonal\s*=\s*|k\s*=\s*)?1\b")
_ANY_ONES = re.compile(r"\bones\w*\(|\btri\(")
_TRANSFORMED = re.compile(rf"{_MINUS}|\bmasked_fill|\blog\(|==|\bbool\b|\.where\(|\bwhere\(")
_TIMES = re.compile(rf"(?P<minus>\(?\s*1(?:\.0)?\s*-\s*)?\b(?P<name>[A-Za-z_]\w{{0,40}})\s*\)?\s*\*\s*\(?{_MINUS}")
_PLUS = re.compile(
    r"\b(?:\w{0,20}(?:scores?|logits|attn|energy|weights|qk)\w{0,20}|\))\s*(?:\+="
    r"|\+)\s*(?P<name>[A-Za-z_]\w{0,40})\b(?!\s*[*\[(.\w])",
    re.IGNORECASE,
)
_PLUS_INLINE = re.compile(
    r"(?:scores?|logits|attn\w{0,10}|\))\s*(?:\+="
    r"|\+)\s*(?:\w{1,12}\.)?tril\(\s*(?:\w{1,12}\.)?ones\(.{0,40}\)\s*\)?\s*(?!\s*\*)",
    re.IGNORECASE,
)
_INFINITE = re.compile(r"[-−]\s*(?:\\infty|∞|inf\b)")
_ONE_ALLOWED = re.compile(r"(?:^|[{\s])1\s*&[^&\\]{0,60}(?:\\leq?\b|≤|<=|\\geq?\b|≥|>=|allowed|visible|kept)")
_PROSE = re.compile(
    r"\b(?:1|1s|1's|ones?)\b(?:[^.;&|]{0,40})\b(?:allowed|visible|permitted|may attend|can attend"
    r"|attended|past)\b(?P<between>[^.;&|]{0,60}?)"
    r"(?:[-−]\s*(?:\\infty|∞|inf)|\b(?:minus|negative)[\s-]infinity\b)",
    re.IGNORECASE,
)
_OF_OTHERS = re.compile(r"\b(?:0s?|zeros?|zeroes|scores?|logits?)\b", re.IGNORECASE)
_HEDGED = re.compile(
    r"\b(?:not|never|instead|wrong|mistake|misconception|turn(?:s|ed)?|becomes?|convert\w*|rather|fill\w*)\b|n't",
    re.IGNORECASE,
)
_REACH = 20


def wrong(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The lines with such a mask, each with what is wrong with it."""
    known: dict[str, tuple[int, bool]] = {}  # name of a mask of ones and zeros: its line, and whether 1 is allowed
    places = holding(lines, "mask", "tril", "triu", "tri(", "ones", "inf", "∞", "band_part")
    for number in near(places, 0, _REACH, len(lines)):
        line = lines[number]
        if line.lstrip().startswith(("```", "~~~")):
            known.clear()
            continue
        for statement in _statements(line):
            if message := _of_statement(statement, lines, number, known):
                yield number, message
                break
            _remember(statement, number, known)
        if _cases(lines, number) or _in_prose(line):
            yield number, _ONES


def _in_prose(line: str) -> bool:
    """Whether a sentence gives such a mask ones for what is allowed, beside minus infinity."""
    found = _PROSE.search(line) if "mask" in line.casefold() and _HEDGED.search(line) is None else None
    # "1 where allowed and 0 elsewhere; scores at 0 are minus infinity" is right: the infinity is not the mask's.
    return found is not None and _OF_OTHERS.search(found["between"]) is None


def _statements(line: str) -> list[str]:
    """The statements that share a line of code; any other line is one."""
    return line.split(";") if ";" in line and _ANY_ONES.search(line) else [line]


def _remember(statement: str, number: int, known: dict[str, tuple[int, bool]]) -> None:
    """Learn what a statement defines, and forget what its name stood for."""
    if "=" in statement and (defined := _DEFINED.match(statement)):
        known.pop(defined["name"], None)
        allowed = _allows(defined["value"])
        if allowed is not None:
            known[defined["name"]] = (number, allowed)


def _of_statement(line: str, lines: Sequence[str], number: int, known: dict[str, tuple[int, bool]]) -> str | None:
    """What is wrong with a statement of code, given the masks of ones and zeros defined before it."""
    if "masked_fill" in line or "where(" in line or "]" in line:
        if (match := _FILL.search(line) or _PLACED.search(line)) and _is_mask(match["name"], known):
            return None if _mended(line, lines, number, match["name"]) else _ONES
        if _FILL_INLINE.search(line) and not _mended(line, lines, number, ""):
            return _ONES
        if (match := _WHERE.search(line)) and _is_mask(match["name"] or match["kept"], known):
            return _ONES
    if "*" in line and known:
        for match in _TIMES.finditer(line):
            since, allowed = known.get(match["name"], (-_REACH - 1, False))
            if number - since <= _REACH and allowed != (match["minus"] is not None):
                return _ROUND
    if "+" in line:
        if "tril" in line and _PLUS_INLINE.search(line) and not _TRANSFORMED.search(line):
            return _ADDED
        for match in _PLUS.finditer(line) if known else ():
            if number - known.get(match["name"], (-_REACH - 1, False))[0] <= _REACH:
                return _ADDED
    return None


def _is_mask(name: str, known: dict[str, tuple[int, bool]]) -> bool:
    return "mask" in name.casefold() or name in known


def _mended(line: str, lines: Sequence[str], number: int, name: str) -> bool:
    """Whether the ones are set to 0 too, by this statement, by what follows it on its line or on the two behind."""
    from_here = lines[number][lines[number].find(line) :]
    first = from_here.partition("== 0")[2] or from_here.partition("==0")[2]
    behind = [line for line in lines[number + 1 : number + 3] if name in line]
    return any(_MENDED.search(part) for part in (first, *behind))


def _allows(value: str) -> bool | None:
    """Whether a 1 of this mask of ones and zeros stands for allowed; None for what is no such mask, or not surely."""
    if not _ANY_ONES.search(value) or _TRANSFORMED.search(value):
        return None
    inverted = re.match(r"\(?\s*1(?:\.0)?\s*-", value) is not None
    if _FORBIDDEN.search(value):
        return inverted
    return not inverted if _ALLOWED.search(value) else None


def _cases(lines: Sequence[str], number: int) -> bool:
    """Whether a line gives minus infinity as one case of a mask whose other case is 1, beside it."""
    if "&" not in lines[number] or not _INFINITE.search(lines[number]):
        return False
    return any(_ONE_ALLOWED.search(line) for line in lines[max(number - 2, 0) : number + 2])
