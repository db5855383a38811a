"""Fixtures of the workspace's tests: nothing of the terminal in which they run reaches an app."""

from __future__ import annotations

import os

import pytest

_PERSONAL = ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "COLUMNS", "LINES", "ACCESSIBLE", "VISUAL", "EDITOR")


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name in _PERSONAL or name.startswith("TEXTUAL"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TERM", "xterm-256color")
