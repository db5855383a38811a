"""A file written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from studycli.documents.atomic import replace_file
from studycli.errors import ExportError

_HINT = "choose another place"


def write(path: Path, data: bytes) -> None:
    """Put `data` at `path`: into a new file beside it, onto the disk, and then under its name in one step.

    Whatever fails, the old file stays as it was and nothing is left beside it. A link stays a link, and its target is
    replaced; the permissions of an old file are kept. A pipe or a device is written to directly. Raises ExportError.
    """
    target = Path(os.path.realpath(path))
    try:
        if target.is_dir():
            raise ExportError("this is a folder", where=str(path), hint="give the name of a file in it")
        if target.exists() and not target.is_file():
            target.write_bytes(data)
        else:
            replace_file(target, data)
    except FileNotFoundError as error:
        raise ExportError("its folder does not exist", where=str(path), hint=f"make it first, or {_HINT}") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise ExportError(f"cannot be written: {reason}", where=str(path), hint=_HINT) from error
