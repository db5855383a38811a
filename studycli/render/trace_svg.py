"""What a demo computed as an SVG picture of a terminal, 120 columns wide."""

from __future__ import annotations

import re
from io import StringIO

from rich.console import Console

from studycli.model.trace import DemoResult
from studycli.render.safe import one_line
from studycli.render.trace import render

_WIDTH = 120
# A picture asks no server for a font. (In the text of a picture, blanks are no plain spaces, so nothing of it matches.)
_FONT_FACES = re.compile(r"@font-face \{[^{}]*\}\s*")
_FONTS = "font-family: Fira Code, monospace"
_OWN_FONTS = "font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"


def draw(result: DemoResult) -> bytes:
    """The picture as UTF-8, with no reference to anything outside of it."""
    console = Console(
        width=_WIDTH,
        file=StringIO(),
        record=True,
        force_terminal=True,
        color_system="truecolor",
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
    )
    console.print(render(result, _WIDTH))
    svg = console.export_svg(title=one_line(result.title), unique_id="demo")
    return _FONT_FACES.sub("", svg).replace(_FONTS, _OWN_FONTS).encode("utf-8", "replace")
