"""The hint to take a break, once every so many minutes of review."""

from __future__ import annotations


class Breaks:
    """Counts time that was spent on questions, never the clock on the wall."""

    def __init__(self, minutes: int) -> None:
        """A hint every `minutes`; 0 is never."""
        self._every = minutes * 60.0
        self._next = self._every

    def hint(self, active_seconds: float) -> str | None:
        """What to say after so many seconds of review, if it is time for that."""
        if not self._every or active_seconds < self._next:
            return None
        self._next = (active_seconds // self._every + 1) * self._every
        return f"{int(active_seconds // 60)} minutes of review: a short break helps what you learned to settle"
