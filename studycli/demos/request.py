"""Demo request: which demo to compute, and on what, as a value that can be compared, kept and sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from studycli.demos import registry
from studycli.demos.demo import DEFAULT_TEXT, Demo
from studycli.demos.parameter import Value

if TYPE_CHECKING:
    from studycli.demos.card_inputs import Choice
    from studycli.model.card import Card


@dataclass(frozen=True)
class DemoRequest:
    """A demo by name, with what it is given: text, seed, device, and what the learner chose.

    `layer` and `head` count from 0. `parameters` are pairs of a name and its value; those that are missing get their
    defaults. `edits` are texts such as `z[head=1]=0`. `whole` asks for all layers and heads, out of which a cell can
    be explained, and goes without edits. `dataclasses.replace` makes another.
    """

    name: str
    text: str = DEFAULT_TEXT
    seed: int = 0
    device: str = "auto"
    layer: int | None = None
    head: int | None = None
    parameters: tuple[tuple[str, Value], ...] = ()
    edits: tuple[str, ...] = ()
    whole: bool = False

    @classmethod
    def for_demo(cls, demo: Demo, device: str = "auto", seed: int = 0) -> DemoRequest:
        """The demo on its own text, with its default settings."""
        return cls(demo.name, demo.text, seed, device, parameters=tuple(demo.settings({}).items()))

    @classmethod
    def for_card(cls, card: Card, choice: Choice, device: str = "auto", seed: int = 0) -> DemoRequest:
        """The demo that was chosen for a card, on what the card gives it. Raises UsageError for a wrong setting."""
        from studycli.demos.card_inputs import inputs_for

        given = inputs_for(card, choice, device, seed)
        parameters = tuple(given.parameters.items())
        return cls(choice.demo.name, given.text, given.seed, given.device, given.layer, given.head, parameters)

    def setting(self, name: str, text: str) -> DemoRequest:
        """The same with one parameter set to what a text means. Raises UsageError for one that may not be."""
        given = {key: str(value) for key, value in self.parameters} | {name: text}
        return replace(self, parameters=tuple(registry.find(self.name).settings(given).items()))
