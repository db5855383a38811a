"""The end of a run: what went wrong is told on stderr, and becomes the exit code."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from studycli.cli import diagnostics, streams
from studycli.errors import StudyError


@contextmanager
def ending(*, debug: bool) -> Iterator[None]:
    """Exit as the body ends: 0 done, 1 failed, 2 usage, 3 documents, 4 missing, 130 interrupted; `debug` raises."""
    try:
        try:
            yield
        except SystemExit:
            sys.stdout.flush()  # here, where a failure is told, rather than when the interpreter leaves
            raise
    except StudyError as error:
        if debug:
            raise
        sys.exit(diagnostics.report(error))
    except KeyboardInterrupt:
        diagnostics.say("interrupted")
        sys.exit(130)
    except BrokenPipeError:
        streams.abandon_stdout()
        sys.exit(1)
    except Exception as error:
        if debug:
            raise
        if (refused := streams.refused(error)) is not None:
            streams.abandon_stdout()
            sys.exit(diagnostics.report(refused))
        message = f"something unexpected went wrong ({type(error).__name__}: {error})"
        sys.exit(diagnostics.report(StudyError(message, hint="run it again with --debug and report what it shows")))
