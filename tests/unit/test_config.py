"""Settings: which source wins, where each value came from, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from studycli import config
from studycli.errors import UsageError


def write(home: Path, text: str) -> Path:
    file = home / "config" / "studycli" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    return file


def test_defaults(home: Path) -> None:
    settings = config.load()
    assert (settings.new_per_day, settings.reviews_per_day, settings.day_start_hour) == (20, 200, 4)
    assert (settings.grading, settings.gating, settings.bundled) == ("buttons", True, True)
    assert settings.database == f"sqlite:///{home}/data/studycli/studycli.db"
    assert settings.origins is not None
    assert set(settings.origins.values()) == {"default"}


def test_flag_before_environment_before_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(home, "new_per_day = 1\nreviews_per_day = 1\nday_start_hour = 1\n")
    monkeypatch.setenv("STUDYCLI_NEW_PER_DAY", "2")
    monkeypatch.setenv("STUDYCLI_REVIEWS_PER_DAY", "2")
    settings = config.load({"new_per_day": 3, "reviews_per_day": None})
    assert (settings.new_per_day, settings.reviews_per_day, settings.day_start_hour) == (3, 2, 1)
    assert settings.origins is not None
    assert settings.origins["new_per_day"] == "--new-per-day"
    assert settings.origins["reviews_per_day"] == "STUDYCLI_REVIEWS_PER_DAY"
    assert settings.origins["day_start_hour"] == str(file)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NEW_PER_DAY", "-1"),
        ("NEW_PER_DAY", "many"),
        ("DAY_START_HOUR", "24"),
        ("GRADING", "stars"),
        ("GATING", "maybe"),
    ],
)
def test_a_wrong_value_names_its_origin(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"STUDYCLI_{name}", value)
    with pytest.raises(UsageError) as caught:
        config.load()
    assert caught.value.where == f"STUDYCLI_{name}"
    assert value in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "text", ["new_per_day = ", "colour = 1", "new_per_day = true", "gating = [1]", "database = 3\n[x]\ny=1"]
)
def test_a_wrong_file_is_named(home: Path, text: str) -> None:
    file = write(home, text)
    with pytest.raises(UsageError) as caught:
        config.load()
    assert caught.value.where == str(file)
    assert caught.value.exit_code == 2


def test_a_folder_that_is_none_holds_no_settings(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", "utf-8")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    assert config.load().new_per_day == 20


def test_a_file_that_cannot_be_read_is_named_once(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "studycli" / "config.toml").mkdir(parents=True)
    with pytest.raises(UsageError) as caught:
        config.load()
    assert str(caught.value).count("config.toml") == 1


def test_several_keys_as_a_list_or_as_a_text(home: Path) -> None:
    write(home, '[keys]\nundo = ["u", "backspace"]\nreveal = "space,v"\n')
    assert config.load().keys == {"undo": "u,backspace", "reveal": "space,v"}


@pytest.mark.parametrize(
    ("value", "shown"),
    [("3", "3"), ('""', '""'), ("[]", "[]"), ('["u", 3]', '["u", 3]'), ("2026-03-02", '"2026-03-02"')],
)
def test_only_the_wrong_key_is_named(home: Path, value: str, shown: str) -> None:
    file = write(home, f'[keys]\nreveal = "space"\nundo = {value}\n')
    with pytest.raises(UsageError) as caught:
        config.load()
    assert caught.value.message == f"in keys, undo cannot be {shown}"
    assert caught.value.where == str(file) and '["u", "backspace"]' in (caught.value.hint or "")
