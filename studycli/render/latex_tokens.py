"""The tokens of LaTeX mathematics, taken one after the other."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|:=|\d+(?:,\d{3}(?!\d))*(?:\.\d+)?|\s+|.", re.DOTALL)


class UnreadableError(Exception):
    """Mathematics that is not well formed, or nested deeper than any formula."""


class Tokens:
    """Commands, numbers, blanks and single signs; "" stands behind the last one. A line's end is a blank."""

    def __init__(self, source: str) -> None:
        self._tokens: list[str] = _TOKEN.findall(" ".join(source.splitlines()))
        self._position = 0

    def peek(self, ahead: int = 0) -> str:
        """The token that comes next, or `ahead` ones later."""
        place = self._position + ahead
        return self._tokens[place] if place < len(self._tokens) else ""

    def take(self) -> str:
        """The token that comes next, which is gone then."""
        token = self.peek()
        self._position += 1
        return token

    def put_back(self, rest: str) -> None:
        """Let the rest of the token that was taken come next."""
        self._position -= 1
        self._tokens[self._position] = rest

    def skip_space_before(self, wanted: Sequence[str] | None) -> None:
        """Go past blanks, where one of the `wanted` tokens follows them (None: any)."""
        if self.peek().isspace() and (wanted is None or self.peek(1) in wanted):
            self._position += 1

    def raw_group(self, opening: str = "{", closing: str = "}") -> str:
        """What stands between brackets, as it was written, with them. Raises UnreadableError where there is none."""
        if self.peek() != opening:
            raise UnreadableError
        parts: list[str] = []
        depth = 0
        while token := self.take():
            depth += (token == opening) - (token == closing)
            parts.append(token)
            if not depth:
                return "".join(parts)
        raise UnreadableError
