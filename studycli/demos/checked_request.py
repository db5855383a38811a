"""Checked request: the inputs that a demo request means, or why it means none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studycli.demos import edits, narrowing, registry, words
from studycli.demos.inputs import Inputs
from studycli.errors import UsageError

if TYPE_CHECKING:
    from studycli.demos.request import DemoRequest

_LARGEST_SEED = 2**63 - 1


def inputs(request: DemoRequest) -> Inputs:
    """The inputs of a request. Raises UsageError for what cannot be computed on."""
    demo = registry.find(request.name)
    settings = demo.settings({name: str(value) for name, value in request.parameters})
    _check_range("seed", request.seed)
    _check_range("layer", request.layer)
    _check_range("head", request.head)
    narrowing.check(demo, settings, request.layer, request.head)
    if request.text != demo.text and demo.reads != "no text":
        words.split(request.text, 1)  # a demo of several texts would take its own where one is empty
    if request.whole and request.edits:
        raise UsageError("an edited number follows from no others", hint="explain it without the edit")
    parsed = [edits.parse(text) for text in request.edits]
    return Inputs(
        request.text,
        request.device,
        request.seed,
        request.layer,
        request.head,
        settings,
        edits.Edits(parsed) if parsed else None,
    )


def _check_range(what: str, number: int | None) -> None:
    if number is not None and not 0 <= number <= _LARGEST_SEED:
        raise UsageError(f"{what} cannot be {number}", hint="it is a whole number from 0 up")
