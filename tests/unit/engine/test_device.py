"""Which device computes, and what is said where it is not there."""

from __future__ import annotations

import pytest
import torch

from studycli.engine import device
from studycli.errors import MissingError, UsageError


@pytest.mark.parametrize(
    ("name", "there", "expected"), [("auto", True, "cuda"), ("auto", False, "cpu"), ("cpu", True, "cpu")]
)
def test_choice(name: str, there: bool, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
    assert device.choose(name).type == expected


@pytest.mark.parametrize(("built", "reason"), [(None, "without CUDA"), ("13.0", "nvidia-smi")])
def test_a_gpu_that_is_not_there_is_an_error(built: str | None, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.version, "cuda", built)
    with pytest.raises(MissingError) as caught:
        device.choose("cuda")
    assert caught.value.exit_code == 4
    assert reason in str(caught.value.hint)


def test_an_unknown_name_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="there is no device 'tpu'"):
        device.choose("tpu")
