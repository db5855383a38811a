"""LaTeX mathematics as Unicode that reads well in a terminal."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

Notation = Literal["source", "unicode"]
"""How formulas are shown: as the document writes them, or as Unicode."""

MAX_CHARACTERS = 4000


@lru_cache(maxsize=512)
def to_unicode(latex: str, *, block: bool = False) -> str | None:
    r"""A formula (without its marks) as Unicode: `\frac{QK^T}{\sqrt{d_k}}` is `QKᵀ/√dₖ`.

    With `block`, matrices, cases and aligned equations take several lines; else the formula stays on one. A macro that
    is not known stays as it was written. None where the formula is not well formed, longer than `MAX_CHARACTERS` or
    nested too deeply: its source then says more than any guess.
    """
    from studycli.render.latex_box import TooLargeError
    from studycli.render.latex_reader import Reader
    from studycli.render.latex_tokens import UnreadableError

    source = latex.strip()
    if not source or len(source) > MAX_CHARACTERS:
        return None
    try:
        box = Reader(source, flat=not block).read()
    except (UnreadableError, TooLargeError):
        return None
    lines = [line.rstrip() for line in box.lines]
    shown = "\n".join(lines if block else [" ".join(lines)]).strip("\n")
    return shown if shown.strip() else None
