"""One problem found in a document, with its place and the next step."""

from __future__ import annotations

from enum import StrEnum

from studycli.model.value import Value


class Severity(StrEnum):
    """How bad it is: an error loses something, a warning may mislead, info is good to know."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Problem(Value):
    """What is wrong at a line (1-based; 0 when the whole document is meant)."""

    severity: Severity
    line: int
    message: str
    hint: str = ""
