"""Settings: flag, then environment, then file, then default; and where each value came from."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from studycli import paths
from studycli.errors import UsageError


@dataclass(frozen=True)
class Settings:
    """Every setting. `origins` names, for each, the flag, variable or file it came from."""

    database: str = ""
    new_per_day: int = 20
    reviews_per_day: int = 200
    day_start_hour: int = 4
    grading: str = "buttons"
    gating: bool = True
    bundled: bool = True
    break_minutes: int = 25
    theme: str = "dark"
    typed_answers: bool = False
    keys: Mapping[str, str] = field(default_factory=dict)
    mouse: bool = True
    origins: Mapping[str, str] | None = None


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    return words[str(value).strip().lower()]


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str) or int(value) < 0:
        raise ValueError(value)
    return int(value)


def _hour(value: object) -> int:
    hour = _count(value)
    if hour > 23:
        raise ValueError(value)
    return hour


def _grading(value: object) -> str:
    if value not in ("buttons", "sm2"):
        raise ValueError(value)
    return str(value)


class _EntryError(ValueError):
    """One entry of a table is wrong: its name, and what it holds."""

    def __init__(self, name: str, value: object) -> None:
        super().__init__(name, value)
        self.name = name
        self.value = value


def _keys(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError(value)
    return {name: _key_list(name, keys) for name, keys in value.items()}


def _key_list(name: str, keys: object) -> str:
    """The keys of one action, parted by commas, from such a text or a list."""
    listed = keys if isinstance(keys, list) else [keys]
    texts = [key for key in listed if isinstance(key, str) and key.strip()]
    if not texts or len(texts) < len(listed):
        raise _EntryError(name, keys)
    return ",".join(texts)


_KEYS_HINT = 'it takes a key, or several: "u", "u,backspace" or ["u", "backspace"]'

_READERS: dict[str, tuple[Callable[[object], Any], str]] = {
    "database": (str, "a path or a sqlite:/// URL"),
    "new_per_day": (_count, "a whole number, 0 or more"),
    "reviews_per_day": (_count, "a whole number, 0 or more"),
    "day_start_hour": (_hour, "an hour from 0 to 23"),
    "grading": (_grading, "'buttons' (keys 1-4) or 'sm2' (keys 0-5)"),
    "gating": (_boolean, "true or false"),
    "bundled": (_boolean, "true or false"),
    "break_minutes": (_count, "minutes of review before a break is suggested, 0 for never"),
    "theme": (str, "the name of a theme, such as 'dark', 'light', 'high-contrast' or 'no-color'"),
    "typed_answers": (_boolean, "true or false"),
    "mouse": (_boolean, "true, or false to let the terminal select text"),
    "keys": (_keys, 'a table [keys] with lines such as `reveal = "space"`; the help (?) lists the names'),
}


def load(flags: Mapping[str, Any] | None = None) -> Settings:
    """Settings from `flags` (None values are absent), the environment, the file and the defaults. Raises UsageError."""
    file = paths.config_file()
    from_file = _read_file(file)
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for name, (read, expected) in _READERS.items():
        for origin, value in (
            (f"--{name.replace('_', '-')}", (flags or {}).get(name)),
            (f"STUDYCLI_{name.upper()}", os.environ.get(f"STUDYCLI_{name.upper()}") or None),
            (str(file), from_file.get(name)),
        ):
            if value is None:
                continue
            try:
                values[name] = read(value)
            except _EntryError as error:
                message = f"in {name}, {error.name} cannot be {json.dumps(error.value, default=str)}"
                raise UsageError(message, where=origin, hint=_KEYS_HINT) from error
            except (ValueError, KeyError) as error:
                raise UsageError(f"{name} cannot be '{value}'", where=origin, hint=f"it takes {expected}") from error
            origins[name] = origin
            break
        origins.setdefault(name, "default")
    values["database"] = values.get("database") or f"sqlite:///{paths.data_dir() / 'studycli.db'}"
    return Settings(**values, origins=origins)


def _read_file(file: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        reason = error.strerror or str(error)
        hint = "check what it is and its permissions"
        raise UsageError(f"the settings cannot be read: {reason}", where=str(file), hint=hint) from error
    except ValueError as error:
        hint = "mend or remove the file"
        raise UsageError(f"the settings cannot be read: {error}", where=str(file), hint=hint) from error
    for name in content:
        if name not in _READERS:
            known = ", ".join(field.name for field in fields(Settings) if field.name != "origins")
            raise UsageError(f"there is no setting '{name}'", where=str(file), hint=f"the settings are {known}")
    return content
