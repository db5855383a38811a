"""Parameter: a number or word that a demo lets the learner set, with its bounds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from studycli.demos.echo import brief
from studycli.errors import UsageError

Value = int | float | str
_LONGEST = 80


@dataclass(frozen=True)
class Parameter:
    """A parameter by name. The default's type is its type; numbers lie in `least` to `most`, words in `choices`."""

    name: str
    default: Value
    meaning: str
    least: float = -math.inf
    most: float = math.inf
    choices: tuple[str, ...] = ()

    @property
    def allowed(self) -> str:
        """What it may be, in words."""
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        if isinstance(self.default, str):
            return "a text"
        kind = "a whole number" if isinstance(self.default, int) else "a number"
        if math.isinf(self.most):
            return kind if math.isinf(self.least) else f"{kind} from {self.least:g} up"
        return f"{kind} from {self.least:g} to {self.most:g}"

    def read(self, text: str) -> Value:
        """The value that a text means. Raises UsageError for one that it may not have."""
        value = self._value(text.strip())
        if value is None:
            raise UsageError(f"{self.name} cannot be '{brief(text)}'", hint=f"it is {self.allowed}: {self.meaning}")
        return value

    def _value(self, text: str) -> Value | None:
        if isinstance(self.default, str):
            return text if not self.choices or text in self.choices else None
        try:
            value = int(text) if isinstance(self.default, int) else float(text)
        except ValueError:
            return None
        return value if math.isfinite(value) and self.least <= value <= self.most else None


def parse(owner: str, parameters: Sequence[Parameter], given: Mapping[str, str]) -> dict[str, Value]:
    """The value of each parameter of `owner`: as given, else its default. Raises UsageError for an unknown name."""
    known = {parameter.name: parameter for parameter in parameters}
    for name in given:
        if name not in known:
            raise _unknown(owner, name, list(known))
    return {name: known[name].read(given[name]) if name in given else known[name].default for name in known}


def _unknown(owner: str, name: str, known: list[str]) -> UsageError:
    close = get_close_matches(name[:_LONGEST], known, n=2, cutoff=0.5)
    names = f"it has {', '.join(known)}" if known else "nothing can be set there; leave it out"
    hint = f"did you mean {' or '.join(close)}?" if close else names
    return UsageError(f"'{owner}' has no parameter '{brief(name)}'", hint=hint)
