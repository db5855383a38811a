"""A file's content changed as a whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path


def replace_file(target: Path, data: bytes) -> None:
    """Put `data` at `target`: into a new file beside it, onto the disk, and then under its name in one step.

    Whatever fails, the old file stays as it was and nothing is left beside it; its permissions are kept. `target` is no
    link. Raises OSError.
    """
    temporary = target.parent / f".studycli-{secrets.token_hex(8)}.tmp"
    # Unlike a file from `tempfile`, one that is opened so gets the permissions that the learner's umask gives.
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
