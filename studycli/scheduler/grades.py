"""Grades: the six qualities of SM-2, the four buttons, and the keys that give them."""

from __future__ import annotations

BUTTONS: dict[int, tuple[str, int]] = {1: ("Again", 2), 2: ("Hard", 3), 3: ("Good", 4), 4: ("Easy", 5)}
"""Button number: its label and the quality it gives."""

QUALITIES: dict[int, str] = {
    0: "Forgotten",
    1: "Wrong, but known when shown",
    2: "Wrong, but it seemed easy when shown",
    3: "Right, with much effort",
    4: "Right, after some thought",
    5: "Right at once",
}
"""Quality: what it says about the answer, after Woźniak's scale of 1990."""


def keys(grading: str) -> dict[str, tuple[str, int]]:
    """Each key of a grading setting ('buttons' or 'sm2'), with its label and the quality it gives."""
    if grading == "sm2":
        return {str(quality): (name, quality) for quality, name in QUALITIES.items()}
    return {str(number): button for number, button in BUTTONS.items()}


def parse_key(key: str, grading: str) -> int | None:
    """The quality that a pressed key gives under a grading setting, or None for a key that is no grade."""
    label_and_quality = keys(grading).get(key.strip())
    return label_and_quality[1] if label_and_quality else None


def button(quality: int) -> str:
    """The label of the button for a quality; the three under 3 are all the first one."""
    return next(label for label, gives in BUTTONS.values() if quality <= gives)
