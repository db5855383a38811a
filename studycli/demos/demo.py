"""Demo: what is known of a demo before it runs, without torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from studycli.demos.parameter import Parameter, Value, parse

DEFAULT_TEXT = "The cat drank the milk because the cat was thirsty."


@dataclass(frozen=True)
class Demo:
    """A demo: `target` is the `module:function` that computes it, `concepts` the names of what it shows.

    `claims` are the names of the claims that it can make. `reads` says which texts it computes on: any, such as a
    card's question; those in the words of its `model`, else its own `text`; or none. `chooses` names what the function
    itself does with `layer` and `head`; of what it doesn't, a layer or head is picked out of its steps afterwards.
    `layers` and `heads` count those that can be looked at with the default settings; 0 where there are none.
    `training` is the `module:function` that trains the demo's model first, for those that can.
    """

    name: str
    title: str
    summary: str
    target: str
    concepts: tuple[str, ...]
    claims: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    reads: Literal["any text", "its words", "no text"] = "any text"
    text: str = DEFAULT_TEXT
    chooses: tuple[Literal["layer", "head"], ...] = ()
    layers: int = 0
    heads: int = 0
    training: str | None = None

    def settings(self, given: Mapping[str, str]) -> dict[str, Value]:
        """The value of each parameter: as given, checked, or its default. Raises UsageError."""
        return parse(self.name, self.parameters, given)
