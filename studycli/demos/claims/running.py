"""Running: the claims of cards measured, each demo once for the same inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studycli.demos import card_inputs, registry
from studycli.demos.claims import naming
from studycli.demos.inputs import Inputs
from studycli.demos.quantities import stated
from studycli.errors import StudyError, UsageError
from studycli.model.trace import Claim

if TYPE_CHECKING:
    from studycli.demos.demo import Demo
    from studycli.model.card import Card
    from studycli.model.concept import ConceptMap

Made = dict[str, Claim]
"""The claims that one run of a demo made, by name."""


@dataclass(frozen=True)
class Outcome:
    """What became of one claim: what was measured, or the error that kept it from being measured."""

    claim: Claim
    error: StudyError | None = None


class Runner:
    """Runs the claims of cards. Every demo runs once for the same inputs, whatever came of it."""

    def __init__(self, maps: Callable[[], Sequence[ConceptMap]] = tuple) -> None:
        """`maps` gives the concept maps through which a card without a `Demo` field finds its demo."""
        self._maps = maps
        self._known_maps: Sequence[ConceptMap] | None = None
        self._runs: dict[tuple[object, ...], Made | StudyError] = {}

    def run(self, card: Card) -> Iterator[Outcome]:
        """Each claim of the card, in order. One that cannot be measured does not hold, and stops no other."""
        own: card_inputs.Choice | None = None
        for entry in card.claims:
            try:
                if naming.is_name(entry):
                    own = own or card_inputs.choose(card, self._nearby(card))
                    yield Outcome(self._named(card, own, entry))
                else:
                    yield Outcome(_measured(entry))
            except StudyError as error:
                yield Outcome(_unmeasured(entry, error), error)

    def _nearby(self, card: Card) -> Sequence[ConceptMap]:
        """The concept maps, read when the first card needs them."""
        if card.demo is not None:
            return ()
        if self._known_maps is None:
            self._known_maps = self._maps()
        return self._known_maps

    def _named(self, card: Card, own: card_inputs.Choice, name: str) -> Claim:
        """A claim by its name: made by the card's own demo, else by the first that makes it, on its own text."""
        if name in own.demo.claims:
            demo, inputs = own.demo, card_inputs.inputs_for(card, own)
        else:
            demo = naming.maker(name)
            inputs = Inputs(demo.text, parameters=demo.settings({}))
        made = self._made(demo, inputs)
        if name not in made:
            raise UsageError(f"the demo '{demo.name}' makes no claim '{name}' here", hint=_wanting(demo, inputs))
        return made[name]

    def _made(self, demo: Demo, inputs: Inputs) -> Made:
        settings = tuple(sorted(inputs.parameters.items()))
        place = (demo.name, inputs.text, inputs.device, inputs.seed, inputs.layer, inputs.head, settings)
        if place not in self._runs:
            self._runs[place] = _run(demo, inputs)
        made = self._runs[place]
        if isinstance(made, StudyError):
            raise made
        return made


def _wanting(demo: Demo, inputs: Inputs) -> str:
    """What differs from the demo's own example, on which it makes all of its claims."""
    usual = demo.settings({})
    changed = [name for name, value in inputs.parameters.items() if value != usual.get(name)]
    if changed:
        settings = ", ".join(f"{name}={usual[name]} (here {inputs.parameters[name]})" for name in changed)
        return f"it makes it with its own settings: {settings}"
    if demo.reads != "no text" and inputs.text != demo.text:
        return "it makes it on its own example; this text has too little to compare"
    return f"studycli demo {demo.name}"


def _run(demo: Demo, inputs: Inputs) -> Made | StudyError:
    try:
        return {claim.name: claim for claim in registry.run(demo.name, inputs).claims}
    except StudyError as error:
        return error
    except Exception as error:  # a demo that breaks is told, and the other claims are still measured
        return StudyError(f"the demo '{demo.name}' failed: {str(error) or type(error).__name__}")


def _measured(entry: str) -> Claim:
    statement = stated.parse(entry)
    try:
        return statement.measure()
    except StudyError:
        raise
    except Exception as error:  # as above
        raise StudyError(f"'{entry}' failed: {str(error) or type(error).__name__}") from error


def _unmeasured(entry: str, error: StudyError) -> Claim:
    return Claim(name=entry, statement=entry, measured=f"not measured: {error.message}", holds=False)
