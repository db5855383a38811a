"""The workspace's own themes: every text can be read on what it stands on."""

from __future__ import annotations

import pytest
from textual.color import Color
from textual.filter import DIM_FACTOR
from textual.theme import Theme

from studycli.tui import themes

TEXTS = (
    "foreground", "text-muted", "text-primary", "text-secondary", "text-accent", "text-warning", "text-error",
    "text-success", "footer-key-foreground", "footer-description-foreground",
)  # fmt: skip
GROUNDS = ("background", "surface", "panel", "footer-background")


def luminance(color: Color) -> float:
    """WCAG 2.2: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    parts = (part / 255 for part in color.rgb)
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Color, other: Color) -> float:
    """From 1 for the same color to 21 for black on white."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_of_known_colors() -> None:
    assert contrast(Color.parse("#000000"), Color.parse("#ffffff")) == pytest.approx(21)
    assert contrast(Color.parse("#777777"), Color.parse("#ffffff")) == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("theme", themes.OWN, ids=lambda theme: theme.name)
@pytest.mark.parametrize("ground", GROUNDS)
def test_every_text_can_be_read(theme: Theme, ground: str) -> None:
    least = 7.0 if theme is themes.HIGH_CONTRAST else 4.5
    variables = theme.to_color_system().generate()
    behind = Color.parse(variables[ground])
    for name in TEXTS:
        text = variables[name]
        opacity = float(text.split()[1].rstrip("%")) / 100 if text.startswith("auto") else None
        color = Color.parse(text) if opacity is None else behind.get_contrast_text(opacity)
        found = contrast(behind.blend(color, color.a, 1.0), behind)
        assert found >= least, f"{name} {text} on {ground} {variables[ground]}: {found:.2f}"


@pytest.mark.parametrize("theme", themes.OWN, ids=lambda theme: theme.name)
def test_dim_text_can_be_read(theme: Theme) -> None:
    variables = theme.to_color_system().generate()
    for ground in ("background", "surface", "panel"):
        behind = Color.parse(variables[ground])
        text = behind.blend(Color.parse(variables["foreground"]), DIM_FACTOR, 1.0)
        assert contrast(text, behind) >= 4.5, ground
