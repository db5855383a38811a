"""`studycli.engine` gives its names when they are asked for, and imports nothing before."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import studycli.engine

NAMES = [
    "NO_TRACE", "Cache", "Config", "MultiHeadAttention", "Tokenizer", "Trace", "Transformer", "attend", "generate",
    "load_pretrained",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_public_names(name: str) -> None:
    assert callable(getattr(studycli.engine, name)) or name == "NO_TRACE"


def test_names_stay_what_they_are_when_their_modules_are_imported() -> None:
    code = (
        "import studycli.engine.generation, studycli.engine.trace, studycli.engine as engine\n"
        f"assert all(type(getattr(engine, name)).__name__ != 'module' for name in {NAMES})"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_signatures_that_others_build_on() -> None:
    load = inspect.signature(studycli.engine.load_pretrained)
    assert [(name, p.default) for name, p in load.parameters.items()][1:] == [("device", "cpu"), ("dtype", None)]
    generate = inspect.signature(studycli.engine.generate).parameters
    assert [(name, p.default) for name, p in generate.items()][2:10] == [
        ("max_new_tokens", 50),
        ("temperature", 0.0),
        ("top_k", None),
        ("top_p", None),
        ("num_beams", 1),
        ("use_cache", True),
        ("seed", None),
        ("stop", ()),
    ]


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        studycli.engine.Nothing  # noqa: B018


def test_the_package_and_trace_import_no_torch() -> None:
    code = "import sys, studycli.engine; studycli.engine.Trace; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
