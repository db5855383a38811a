"""The workspace's own themes: dark, light, one of high contrast, and one without any colour."""

from __future__ import annotations

from rich.color import Color as RichColor
from rich.color import ColorType
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.theme import Theme

DARK = Theme(
    name="dark",
    primary="#7aa2f7",
    secondary="#73daca",
    accent="#ff9e64",
    warning="#e0af68",
    error="#f7768e",
    success="#9ece6a",
    foreground="#d5d9ea",
    background="#16161e",
    surface="#1d1f2b",
    panel="#24283b",
    dark=True,
)
LIGHT = Theme(
    name="light",
    primary="#2450a8",
    secondary="#0f6b62",
    accent="#a8480f",
    warning="#8a5a00",
    error="#b3203a",
    success="#33691e",
    foreground="#1f2330",
    background="#fbfbf8",
    surface="#f3f3ee",
    panel="#e6e6df",
    dark=False,
)
HIGH_CONTRAST = Theme(
    name="high-contrast",
    primary="#ffff00",
    secondary="#00ffff",
    accent="#ffaf00",
    warning="#ffff00",
    error="#ff8080",
    success="#00ff00",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1a1a1a",
    dark=True,
    text_alpha=1.0,
    variables={"text-muted": "#ffffff", "text-disabled": "#d0d0d0", "footer-key-foreground": "#ffff00"},
)
NO_COLOR = Theme(
    name="no-color",
    primary="#ffffff",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#000000",
    dark=True,
    text_alpha=1.0,
    variables={
        "text-muted": "#ffffff",
        "text-disabled": "#ffffff",
        # A bright ground is what `Colorless` reverses.
        "block-cursor-background": "#ffffff",
        "block-cursor-foreground": "#000000",
        "block-cursor-blurred-background": "#ffffff",
        "block-cursor-blurred-foreground": "#000000",
        "input-selection-background": "#ffffff",
        "screen-selection-background": "#ffffff",
    },
)

OWN = (DARK, LIGHT, HIGH_CONTRAST, NO_COLOR)

_DEFAULT = Style(color="default", bgcolor="default")
_BRIGHT = 0.5


class Colorless(LineFilter):
    """Takes the color out of every line; what stands on a bright ground, as a selection does, is reversed instead."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same line in the terminal's own two colors."""
        return [
            Segment(text, style and style + _DEFAULT + Style(reverse=_stands_out(style)), control)
            for text, style, control in segments
        ]


def _stands_out(style: Style) -> bool:
    ground = style.color if style.reverse else style.bgcolor
    if ground is None or ground.type is ColorType.DEFAULT:
        return bool(style.reverse)
    return _brightness(ground) > _BRIGHT


def _brightness(color: RichColor) -> float:
    return Color.from_rich_color(color).brightness


COLORLESS = Colorless()
"""On while the theme without color is."""
