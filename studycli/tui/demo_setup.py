"""The setup of a demo: its text, layer, head, parameters and silenced head, as the learner left them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rich.text import Text

from studycli.demos import narrowing, silencing
from studycli.demos.parameter import Parameter, Value
from studycli.demos.request import DemoRequest
from studycli.errors import UsageError
from studycli.tui import demo_controls
from studycli.tui.demo_controls import Place
from studycli.tui.demo_plan import DemoPlan

if TYPE_CHECKING:
    from studycli.model.trace import DemoResult

_GAP = "   "
_KEYS = {"layer": "[ ]", "head": ", ."}


class DemoSetup:
    """Begins as the card has it. `asked` is what to compute now."""

    def __init__(self, plan: DemoPlan) -> None:
        self.demo = plan.demo
        self._first = plan.request
        self._request = plan.request
        self._silent: tuple[int, int] | None = None
        self._counts = {"layer": plan.demo.layers, "head": plan.demo.heads}
        self._chosen = 0

    @property
    def asked(self) -> DemoRequest:
        """The request for what is set up. With a silenced head, no layer or head is picked out."""
        edit = self._edit()
        return self._request if edit is None else replace(self._request, layer=None, head=None, edits=(edit,))

    @property
    def text(self) -> str:
        """The text that the demo computes on."""
        return self._request.text

    @property
    def silences(self) -> bool:
        """Whether a head is silenced."""
        return self._silent is not None

    @property
    def parameter(self) -> Parameter | None:
        """The parameter that the slider sets."""
        there = self.demo.parameters
        return there[self._chosen % len(there)] if there else None

    @property
    def value(self) -> Value:
        """The value of that parameter."""
        return self._values()[self._chosen][1]

    @property
    def can_silence(self) -> bool:
        """Whether the demo has heads that can be silenced."""
        return self._edit_of(0, 0) is not None

    def read(self, text: str) -> None:
        """Compute on another text."""
        self._request = replace(self._request, text=text)

    def learn(self, result: DemoResult) -> None:
        """Take from a result how many layers and heads there are, where it shows them all."""
        for axis in _KEYS:
            sizes = [step.shape[step.axes.index(axis)] for step in result.steps if axis in step.axes]
            picked = any(narrowing.taken(step, axis) is not None for step in result.steps)
            if sizes and not picked and self._counts[axis]:
                self._counts[axis] = max(sizes)

    def move(self, axis: str, by: int) -> None:
        """Turn to the next layer or head. Raises UsageError where there are none."""
        place = next((place for place in self.places() if place.axis == axis), None)
        if place is None:
            raise UsageError(f"this demo has no {axis}s to choose from")
        found = place.moved(by)
        if self._silent is None:
            layer, head = self._request.layer, self._request.head
            layer, head = (found, head) if axis == "layer" else (layer, found)
            self._request = replace(self._request, layer=layer, head=head)
        else:
            silent_layer, silent_head = self._silent
            self._silent = (found or 0, silent_head) if axis == "layer" else (silent_layer, found or 0)

    def silence(self) -> None:
        """Silence the head that is looked at, or let it be again. Raises UsageError where there is none."""
        if self._silent is not None:
            self._silent = None
            return
        if not self.can_silence:
            raise UsageError("this demo has no head to silence")
        open_ = [place for place in self.places() if place.index is None and place.count > 1]
        if open_:
            axes, keys = (" and ".join(each) for each in zip(*((f"a {p.axis}", p.keys) for p in open_), strict=True))
            raise UsageError(f"choose {axes} first: {keys}")
        self._silent = (self._request.layer or 0, self._request.head or 0)

    def choose(self) -> None:
        """Let the slider set the next parameter. Raises UsageError where there is none."""
        if not self.demo.parameters:
            raise UsageError("this demo has nothing to set")
        self._chosen = (self._chosen + 1) % len(self.demo.parameters)

    def slide(self, by: int) -> None:
        """Move the slider. Raises UsageError where there is none."""
        parameter = self.parameter
        if parameter is None:
            raise UsageError("this demo has nothing to set")
        if not demo_controls.stops(parameter):
            raise UsageError(f"{parameter.name} has no bounds to slide between", hint="= types a value")
        self.type(demo_controls.shown(demo_controls.moved(parameter, self.value, by)))

    def type(self, text: str) -> None:
        """Set the parameter of the slider to what a text means. Raises UsageError for what it may not be."""
        parameter = self.parameter
        if parameter is not None:
            self._request = self._request.setting(parameter.name, text)

    def reset(self) -> None:
        """Everything as the card has it."""
        self._request, self._silent = self._first, None

    def places(self) -> list[Place]:
        """The layer and the head, where the demo has any."""
        looked_at = {"layer": self._request.layer, "head": self._request.head}
        if self._silent is not None:
            looked_at = dict(zip(looked_at, self._silent, strict=True))
        return [
            Place(axis, looked_at[axis], count, _KEYS[axis], silenced=self.silences)
            for axis, count in self._counts.items()
            if count
        ]

    def controls(self, width: int) -> Text:
        """The controls in lines of `width` terminal cells; nothing where there are none."""
        said = demo_controls.packed([place.text for place in self.places()], width, _GAP)
        parameter = self.parameter
        if parameter is None:
            return said
        settings = demo_controls.packed(demo_controls.settings(self._values(), self._chosen), width, _GAP)
        slider = demo_controls.slider(parameter, self.value, width)
        return Text("\n").join([*([said] if said else []), settings, slider])

    def _values(self) -> list[tuple[str, Value]]:
        given = dict(self._request.parameters)
        return [(parameter.name, given.get(parameter.name, parameter.default)) for parameter in self.demo.parameters]

    def _edit(self) -> str | None:
        return self._edit_of(*self._silent) if self._silent is not None else None

    def _edit_of(self, layer: int, head: int) -> str | None:
        return silencing.edit(self.demo.name, dict(self._request.parameters), layer, head)
