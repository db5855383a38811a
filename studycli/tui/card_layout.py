"""The layout of the card pane: how many lines question and answer get."""

from __future__ import annotations

from dataclasses import dataclass

_ROOMY = 14
_SHARE_OF_FRONT = 0.4


@dataclass(frozen=True)
class Rows:
    """Heights in lines, from the top: a margin, the question, its edge, the field to type in, the answer, its edge."""

    top: int
    front: int
    front_edge: int
    field: int
    back: int
    back_edge: int


def rows(height: int, front: int, back: int | None, *, typing: bool = False) -> Rows:
    """Share out `height` lines between a question and an answer of so many lines; None is an answer not shown yet.

    Beside an answer the question gets 40% at most, or what the answer leaves.
    """
    top = 1 if height >= _ROOMY else 0
    room = height - top
    if back is None:
        field = 0 if not typing else 3 if height >= _ROOMY else 1
        edge = 1 if front > room - field else 0
        most = max(room - field - edge, 1)
        return Rows(top, min(front, most) if typing else most, edge, field, 0, 0)
    room -= 1
    most = max(int(height * _SHARE_OF_FRONT), room - back, 1)
    shown = max(min(front, most, room - 1), 1)
    edge = 1 if back > room - shown and room - shown > 1 else 0
    return Rows(top, shown, 1, 0, max(room - shown - edge, 1), edge)
