"""What a fresh interpreter imports: heavy packages only where the work needs them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import studycli

HEAVY = ("torch", "sqlalchemy", "alembic", "textual", "numpy", "genanki", "markdown_it", "ftfy")


def loaded_after(code: str) -> set[str]:
    """The top-level packages in `sys.modules` after running the code in a fresh interpreter."""
    script = f"""
import sys
try:
    {code}
except SystemExit as leaving:
    assert not leaving.code, leaving.code
print("\\n" + " ".join({{name.partition(".")[0] for name in sys.modules}}))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


ENGINE = [
    ["engine", command, "--help"] for command in ("info", "run", "generate", "tokenize", "verify", "models", "train")
]


@pytest.mark.parametrize(
    "arguments",
    [["--version"], ["--help"], ["review", "--help"], ["demo", "--help"], ["engine", "--help"], *ENGINE],
)
def test_help_and_version_import_nothing_heavy(arguments: list[str]) -> None:
    loaded = loaded_after(f"from studycli.cli.app import main; main({arguments!r})")
    assert "typer" in loaded
    assert not loaded.intersection(HEAVY)


@pytest.mark.parametrize(
    "arguments",
    [
        ["demo"],
        ["cards"],
        ["due"],
        ["decks"],
        ["check", "decks"],
        ["claims", "--list"],
        ["engine", "models"],
        ["engine", "models", "syntax"],
    ],
)
def test_everyday_commands_import_no_torch(arguments: list[str]) -> None:
    loaded = loaded_after(f"from studycli.cli.app import main; main({arguments!r})")
    assert not loaded.intersection({"torch", "textual", "genanki"})


@pytest.mark.parametrize(
    "module", ["documents.load", "scheduler.queue", "knowledge.graph", "render.card", "exchange.csv", "demos.registry"]
)
def test_rooms_without_a_store_import_no_sqlalchemy(module: str) -> None:
    loaded = loaded_after(f"import studycli.{module}")
    assert not loaded.intersection({"sqlalchemy", "alembic", "torch", "typer", "textual"})


@pytest.mark.parametrize("module", ["store.glance", "render.card_head", "render.markdown", "documents.dialect"])
def test_what_paints_the_first_question_imports_no_models_and_no_store(module: str) -> None:
    loaded = loaded_after(f"import studycli.{module}")
    assert not loaded.intersection({"sqlalchemy", "alembic", "pydantic", "torch", "textual", "pygments"})


def test_the_workspace_paints_before_anything_heavy_is_imported() -> None:
    loaded = loaded_after("import studycli.cli.app, studycli.tui.app, studycli.tui.review_screen")
    assert "textual" in loaded
    heavy = {"sqlalchemy", "alembic", "pydantic", "numpy", "torch", "pygments", "pylatexenc", "ftfy"}
    assert not loaded.intersection(heavy)


def test_only_the_workspace_imports_textual() -> None:
    package = Path(studycli.__file__).parent
    others = [file for file in package.rglob("*.py") if "tui" not in file.relative_to(package).parts]
    for file in others:
        assert not re.search(r"^\s*(import|from) textual", file.read_text("utf-8"), re.MULTILINE), file


def test_the_engine_imports_torch_and_nothing_of_the_interface() -> None:
    loaded = loaded_after("import studycli.engine.attention")
    assert "torch" in loaded
    assert not loaded.intersection({"typer", "rich", "sqlalchemy", "textual"})
