"""The pieces of a formula put together in a line: spaces, parentheses, subscripts and superscripts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from studycli.render.latex_box import Box, beside
from studycli.render.latex_symbols import PRODUCTS, Kind, subscript, superscript

SUM, PRODUCT, ATOM = 0, 1, 2
_VALUES = (Kind.ORD, Kind.WORD, Kind.OP, Kind.BIG, Kind.FRAC)
_BARE = re.compile(r"[A-Za-zΑ-ω0-9]+|\|[A-Za-zΑ-ω]+\||[^\s+\-=(){}]")
_PREFIXES = ("∂", "∇")
_ENDS = (Kind.ORD, Kind.WORD, Kind.CLOSE, Kind.FRAC, Kind.BAR)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a formula. `level` says how tightly it holds together: SUM, PRODUCT or ATOM.

    A `loose` one ends with something that would swallow a letter right behind it, such as the index of `d_model`.
    """

    kind: Kind
    box: Box
    level: int = ATOM
    loose: bool = False

    @property
    def text(self) -> str:
        """Its line; of several the one on the baseline."""
        return self.box.lines[self.box.baseline]


def piece(kind: Kind, text: str, level: int = ATOM, loose: bool = False) -> Piece:
    """A piece of one line."""
    return Piece(kind, Box((text,)), level, loose)


def join(pieces: Sequence[Piece], *, tight: bool = False) -> Box:
    """Pieces in a line; `tight` as an index is written, without spaces around operators."""
    boxes: list[Box] = []
    before: Piece | None = None
    spaces = ""
    for item in _prepared(pieces):
        if item.kind is Kind.SPACE:
            spaces = max(spaces, item.text, key=len)
            continue
        gap = _gap(before, item, spaces, tight)
        boxes += [Box((gap,)), item.box] if gap else [item.box]
        before, spaces = item, ""
    return beside(boxes) if boxes else Box(("",))


def level_of(pieces: Sequence[Piece]) -> int:
    """How tightly a sequence of pieces holds together."""
    shown = [item for item in _prepared(pieces) if item.kind is not Kind.SPACE]
    if len(shown) > 2 and shown[0].kind is Kind.BAR and shown[-1].kind is Kind.BAR:
        inner = [item.text for item in shown[1:-1]]
        return ATOM if shown[0].text not in inner else SUM
    level, depth, atoms = ATOM, 0, 0
    for number, item in enumerate(shown):
        depth -= item.kind is Kind.CLOSE
        if depth == 0:
            call = item.kind is Kind.OPEN and number and shown[number - 1].kind in (Kind.OP, Kind.WORD)
            atoms += item.kind is not Kind.CLOSE and not call and item.text not in _PREFIXES
            level = min(level, _own_level(item))
        depth += item.kind is Kind.OPEN
    return min(level, PRODUCT) if atoms > 1 else level


def in_parentheses(text: str) -> str:
    """`text` between parentheses, if it doesn't stand between one pair already."""
    return text if _is_enclosed(text) else f"({text})"


def fraction(above: Sequence[Piece], below: Sequence[Piece]) -> Piece:
    """`a/b`, with parentheses where a sum stands above, or anything but a single thing below."""
    top, bottom = join(above).lines[0], join(below).lines[0]
    if level_of(above) == SUM or any(item.kind in (Kind.FRAC, Kind.BIN) for item in above):
        top = in_parentheses(top)
    if level_of(below) < ATOM:
        bottom = in_parentheses(bottom)
    return piece(Kind.FRAC, f"{top}/{bottom}", PRODUCT, loose=True)


def root(content: Sequence[Piece], degree: Sequence[Piece]) -> Piece:
    """`√x`, or `√(…)` where it covers more than a single thing."""
    text = join(content).lines[0]
    number = join(degree, tight=True).lines[0]
    index = superscript(number) or (f"({number})" if number else "")
    covered = text if _is_single(content) else in_parentheses(text)
    return piece(Kind.ORD, f"{index}√{covered}", loose=covered == text and not _is_enclosed(text))


def scripts(base: Piece, below: Sequence[Piece] | None, above: Sequence[Piece] | None, capitals: bool) -> Piece:
    """`base` with its indices: in small characters where all of them exist (capitals only if `capitals`)."""
    low, low_loose = _script(below, "_", capitals)
    high, high_loose = _script(above, "^", capitals)
    kind, level, lines = base.kind, base.level, list(base.box.lines)
    if kind is Kind.FRAC:
        kind, level, lines[0] = Kind.ORD, ATOM, in_parentheses(lines[0])
    lines[-1] += low
    lines[0] += high
    loose = (high_loose if high else low_loose) if low or high else base.loose
    return Piece(kind, Box(tuple(lines), base.box.baseline), level, loose)


def _script(content: Sequence[Piece] | None, mark: str, capitals: bool) -> tuple[str, bool]:
    if content is None:
        return "", False
    text = join(content, tight=True).lines[0].strip()
    is_word = any(item.kind in (Kind.WORD, Kind.OP) and len(item.text) > 1 for item in content)
    if not text:
        return "", False
    if not is_word and (capitals or not any(letter.isupper() and letter != "T" for letter in text)):
        small = subscript(text) if mark == "_" else superscript(text)
        if small is not None:
            return small, False
    if _BARE.fullmatch(text) or (is_word and len(content) == 1 and text.isidentifier()):
        return mark + text, True
    return mark + in_parentheses(text), False


def _is_single(content: Sequence[Piece]) -> bool:
    shown = [item for item in content if item.kind is not Kind.SPACE]
    bars = len(shown) > 2 and shown[0].kind is Kind.BAR
    return level_of(content) == ATOM and (len(shown) == 1 or bars)


def _is_enclosed(text: str) -> bool:
    if not (text.startswith("(") and text.endswith(")")):
        return False
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if not depth:
            return place == len(text) - 1
    return False


def _own_level(item: Piece) -> int:
    if item.kind is Kind.BIN:
        return PRODUCT if item.text in PRODUCTS else SUM
    if item.kind is Kind.ORD and item.text == "/":
        return PRODUCT
    if item.kind in (Kind.REL, Kind.PUNCT, Kind.BIG, Kind.SIGN):
        return SUM
    return SUM if item.kind is Kind.WORD and " " in item.text else item.level


def _prepared(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces with operators told from signs, and with parentheses around fractions that touch something."""
    found: list[Piece] = []
    shown = [item for item in pieces if item.kind is not Kind.SPACE]
    number = 0
    for item in pieces:
        if item.kind is Kind.SPACE:
            found.append(item)
            continue
        before = shown[number - 1] if number else None
        after = shown[number + 1] if number + 1 < len(shown) else None
        number += 1
        if item.kind is Kind.BIN and (before is None or before.kind not in _ENDS):
            item = replace(item, kind=Kind.SIGN)
        elif item.kind is Kind.FRAC and (_touches_left(before) or _touches_right(after)):
            item = piece(Kind.ORD, f"({item.text})")
        found.append(item)
    return found


def _touches_left(before: Piece | None) -> bool:
    if before is None or before.kind is Kind.BAR:
        return False
    return (before.kind in (*_ENDS, Kind.OP) and not before.text.endswith(" ")) or before.text in "/÷"


def _touches_right(after: Piece | None) -> bool:
    if after is None or after.text.startswith(" "):
        return False
    return after.kind in _VALUES or after.kind is Kind.OPEN


def _gap(before: Piece | None, item: Piece, spaces: str, tight: bool) -> str:
    """The blank between two pieces; `spaces` is what the source has there."""
    if before is None or before.text.endswith(" ") or item.text.startswith(" "):
        return ""
    if len(spaces) > 1:
        return spaces
    if before.kind is Kind.OPEN or item.kind in (Kind.CLOSE, Kind.PUNCT):
        return ""
    if _parted(before, item):
        return " "
    if tight:
        return ""
    if Kind.PUNCT is before.kind or {before.kind, item.kind} & {Kind.REL, Kind.BIN}:
        return " "
    return "" if before.kind is Kind.SIGN else spaces


def _parted(before: Piece, item: Piece) -> bool:
    """Whether two pieces would be read as one without a blank, as in 'log n' and 'd_model x'."""
    starts = item.text[:1]
    if before.kind in (Kind.OP, Kind.BIG) and item.kind in (*_VALUES, Kind.BAR):
        return starts != "("
    if before.kind is Kind.BIG and item.kind is Kind.OPEN:
        return True
    if item.kind in (Kind.OP, Kind.BIG) and before.kind in _ENDS:
        return True
    if not (starts.isalnum() or starts == "√") or before.kind not in _ENDS:
        return False
    words = [part for part in (before, item) if part.kind is Kind.WORD and len(part.text) > 1]
    return before.loose or bool(words and before.text[-1:].isalnum())
