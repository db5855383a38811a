"""Which device computes."""

from __future__ import annotations

import torch

from studycli.errors import MissingError, UsageError

NAMES = ("auto", "cpu", "cuda")


def choose(name: str = "auto") -> torch.device:
    """The device of a name: `cpu`, `cuda`, or `auto` for a GPU where there is one.

    Raises MissingError where no GPU can be used, UsageError for another name.
    """
    if name not in NAMES:
        raise UsageError(f"there is no device '{name}'", hint=f"the devices are {', '.join(NAMES)}")
    available = name != "cpu" and torch.cuda.is_available()
    if name == "cuda" and not available:
        built = torch.version.cuda is not None
        reason = "torch finds none; see nvidia-smi" if built else f"torch {torch.__version__} is built without CUDA"
        raise MissingError("there is no CUDA GPU here", hint=f"{reason}; --device cpu works everywhere")
    return torch.device("cuda" if available else "cpu")
