"""Which device computes, and what is said when its memory runs out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from studycli.errors import EngineError, MissingError, UsageError

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


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Compute with so many CPU threads, and then with as many as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def memory_errors(where: str) -> Iterator[None]:
    """Turn torch's errors for memory that ran out, on a GPU or on the CPU, into an EngineError."""
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise _out_of_memory(where) from error
    except RuntimeError as error:
        if "can't allocate memory" not in str(error) and "not enough memory" not in str(error):
            raise
        raise _out_of_memory(where) from error


def _out_of_memory(where: str) -> EngineError:
    hint = "try fewer tokens or rows, a smaller model, dtype bfloat16, or a trace of fewer values (only=...)"
    return EngineError("the memory is not enough", where=where, hint=hint)
