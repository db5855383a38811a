"""The learner's own keys: what the settings file may say, and what comes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from studycli import config
from studycli.errors import UsageError
from studycli.tui import keymap


def settings(home: Path, lines: str) -> config.Settings:
    file = home / "config" / "studycli" / "config.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"[keys]\n{lines}\n", "utf-8")
    return config.load()


@pytest.mark.parametrize(
    "lines",
    [
        "",
        'reveal = "space,v"',
        'reveal = "ctrl+r"\nundo = "backspace"',
        'palette = ";"\nhelp = "f1"',
        'suspend = "b"\nbury = "s"',
        'quit = "Q"\nbrowse = "full_stop"',
        'demo-next = "n"',
        'flag = "ß"',
        'undo = ["u", "backspace"]',
    ],
)
def test_allowed(home: Path, lines: str) -> None:
    keymap.check(settings(home, lines))


@pytest.mark.parametrize(
    ("lines", "message", "hint"),
    [
        ('reveel = "j"', "no key does 'reveel'", "is it reveal?"),
        ('zzz = "j"', "no key does 'zzz'", "a review has reveal, type, undo, suspend"),
        ('reveal = "u"', "the key 'u' cannot do both 'reveal' and 'undo'", "give one of them another"),
        ('suspend = "b"', "the key 'b' cannot do both 'suspend' and 'bury'", "give one of them another"),
        ('flag = "j"\nedit = "j"', "the key 'j' cannot do both 'flag' and 'edit'", "give one of them another"),
        ('flag = "?"', "the key '?' cannot do both 'flag' and 'help'", "give one of them another"),
        ('flag = "question_mark"', "cannot do both 'flag' and 'help'", "give one of them another"),
        ('demo = "1"', "cannot do both", "give one of them another"),
        ('demo-next = "w"', "the key 'w' cannot do both 'demo-next' and 'demo-why'", "give one of them another"),
        ('undo = "jj"', "there is no key 'jj', which is to do 'undo'", "a key is a letter or a name"),
        ('undo = "Space"', "there is no key 'Space', which is to do 'undo'", "is it space?"),
        ('undo = "control+z"', "there is no key 'control+z'", ""),
        ('undo = "z,"', "there is no key ''", ""),
    ],
)
def test_refused(home: Path, lines: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as refused:
        keymap.check(settings(home, lines))
    assert message in refused.value.message
    assert hint in (refused.value.hint or "")
    assert refused.value.where == str(home / "config" / "studycli" / "config.toml")
