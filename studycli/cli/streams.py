"""The standard streams made safe: closed ones, and encodings that lack characters, end no command."""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys

from studycli.errors import StudyError

# What the program itself draws, each in as many terminal cells, so that columns stay in line; the shades of a number
# above and below zero stay apart. The arrow alone is longer, so that it cannot be taken for "greater than".
_STAND_INS = {
    **dict(zip("·░▒▓█≡", ".:oO@*", strict=True)),
    **dict(zip("━─┄│┃▶◀▌…", "=-.||><|~", strict=True)),
    **dict(zip("╭╮╰╯┌┐└┘├┤┬┴┼", "+" * 13, strict=True)),
    **dict(zip("‘’“”–—−•", "''\"\"---*", strict=True)),
    "→": "->",
}
_ERRORS = "studycli.stand_in"
_REFUSALS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)


def prepare() -> None:
    """Open what is closed on nothing, and write what an encoding lacks as a stand-in or as an escape."""
    codecs.register_error(_ERRORS, _stand_in)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - open until the end
        elif mode == "w" and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_ERRORS)


def refused(error: Exception) -> StudyError | None:
    """A failed write in plain words; None for any other error. A stream, unlike a file, has no name in its errors."""
    if isinstance(error, OSError) and error.errno in _REFUSALS and error.filename is None:
        return StudyError(f"cannot write: {os.strerror(error.errno).lower()}")
    return None


def abandon_stdout() -> None:
    """Let what is still unwritten go nowhere: the interpreter flushes once more when it leaves."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _stand_in(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    parts = (_STAND_INS.get(character) or character.encode("ascii", "backslashreplace").decode() for character in text)
    return "".join(parts), error.end
