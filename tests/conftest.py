"""Fixtures for every test: a home of its own, and the real sample documents where they exist."""

from __future__ import annotations

import os
from pathlib import Path

# Tests run side by side, one a core: a second thread in each would only be waited for. torch reads this when imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from hypothesis import settings

# A timing is never a test, and a failure must come back on the next run.
settings.register_profile("studycli", deadline=None, derandomize=True)
settings.load_profile("studycli")


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh home; no setting of the real one reaches a test."""
    folder = tmp_path_factory.mktemp("home")
    for name in [name for name in os.environ if name.startswith("STUDYCLI_") and name != "STUDYCLI_SAMPLE_DOCUMENTS"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("XDG_DATA_HOME", str(folder / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
    return folder


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of the real sample documents (`STUDYCLI_SAMPLE_DOCUMENTS`)."""
    folder = os.environ.get("STUDYCLI_SAMPLE_DOCUMENTS")
    if not folder or not Path(folder).is_dir():
        pytest.skip("STUDYCLI_SAMPLE_DOCUMENTS names no folder of sample documents")
    return Path(folder)
