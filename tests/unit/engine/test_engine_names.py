"""`studycli.engine` gives its names when they are asked for, and imports nothing before."""

from __future__ import annotations

import subprocess
import sys

import pytest

import studycli.engine


@pytest.mark.parametrize("name", ["NO_TRACE", "Trace", "attend", "MultiHeadAttention"])
def test_public_names(name: str) -> None:
    assert getattr(studycli.engine, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        studycli.engine.Nothing  # noqa: B018


def test_the_package_and_trace_import_no_torch() -> None:
    code = "import sys, studycli.engine; studycli.engine.Trace; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
