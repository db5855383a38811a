"""Whole files: written beside their place and put there in one step, so that none is ever half there."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable
from pathlib import Path

from studycli.errors import EngineError


def write_whole(file: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a new file and put it at `file`; if that fails, the old one stays. Raises EngineError."""
    temporary = file.with_name(f".studycli-{secrets.token_hex(8)}.tmp")
    try:
        write(temporary)
        temporary.replace(file)
    except OSError as error:
        reason = error.strerror or str(error)
        raise EngineError(f"cannot be written: {reason}", where=str(file), hint="choose another place") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
