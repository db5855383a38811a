"""--save: a demo's result as a picture or a page, in a file of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from studycli.cli.diagnostics import say
from studycli.demos.echo import brief
from studycli.errors import ExportError, MissingError, UsageError
from studycli.render.safe import one_line

if TYPE_CHECKING:
    from studycli.model.trace import DemoResult

_KINDS = {".svg": "a picture of the terminal", ".html": "a page", ".png": "a picture"}


def check(name: str) -> Path:
    """The path, before anything is computed for it.

    Raises UsageError for a suffix that says nothing of what it shall be, ExportError for a name that no file can have,
    MissingError where PNG lacks its package.
    """
    path = Path(name)
    suffix = path.suffix.lower()
    if suffix not in _KINDS:
        stem = brief(path.stem) or "demo"
        kinds = ", ".join(f"{stem}{suffix} ({kind})" for suffix, kind in _KINDS.items())
        raise UsageError(f"'{brief(name)}' is no name for a demo's file", where="--save", hint=f"it may be {kinds}")
    try:
        path.is_file()
    except OSError as error:
        message = f"'{brief(name)}' cannot be written: {error.strerror or error}"
        raise ExportError(message, where="--save", hint="choose another name") from error
    if suffix == ".png":
        from importlib.util import find_spec

        if find_spec("matplotlib") is None:
            raise MissingError("PNG needs matplotlib", hint="pip install 'studycli[plots]', or save .svg or .html")
    return path


def save(result: DemoResult, path: Path) -> None:
    """Write the file, in one step or not at all, and say so. Raises ExportError."""
    from studycli.exchange import atomic

    replaced = path.is_file()
    atomic.write(path, _encode(result, path.suffix.lower()))
    say(f"{result.title} written to {one_line(str(path))}{', in place of an earlier file' if replaced else ''}")


def _encode(result: DemoResult, suffix: str) -> bytes:
    if suffix == ".svg":
        from studycli.render import trace_svg

        return trace_svg.draw(result)
    if suffix == ".html":
        from studycli.render import trace_html

        return trace_html.draw(result)
    from studycli.render import trace_png

    return trace_png.draw(result)
