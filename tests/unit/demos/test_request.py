"""Demo requests: built from a card or a demo, and checked before anything is computed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studycli.demos import card_inputs, checked_request, registry
from studycli.demos.request import DemoRequest
from studycli.errors import UsageError
from studycli.model.card import Card


def test_a_card_gives_its_demo_text_and_settings() -> None:
    card = Card(number=1, front="Why is it scaled?", back="b", demo="grouped-query groups=4 head=1 seed=7")
    request = DemoRequest.for_card(card, card_inputs.choose(card))
    assert (request.name, request.text, request.seed, request.head) == ("grouped-query", "Why is it scaled?", 7, 1)
    assert dict(request.parameters)["groups"] == 4
    given = card_inputs.inputs_for(card, card_inputs.choose(card))
    assert checked_request.inputs(request) == given


@pytest.mark.parametrize("name", registry.DEMOS)
def test_every_demo_can_be_asked_for_as_it_is(name: str) -> None:
    request = DemoRequest.for_demo(registry.find(name))
    assert checked_request.inputs(request).parameters == registry.find(name).settings({})
    assert {request: 1}[DemoRequest.for_demo(registry.find(name))] == 1


def test_a_setting_is_read_and_checked() -> None:
    request = DemoRequest.for_demo(registry.find("generation"))
    set_ = request.setting("temperature", "0.1")
    assert dict(set_.parameters) == dict(request.parameters) | {"temperature": 0.1}
    assert set_.setting("temperature", "1") == request
    with pytest.raises(UsageError, match="beams cannot be 'many'"):
        request.setting("beams", "many")
    with pytest.raises(UsageError, match="no parameter"):
        request.setting("nothing", "1")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": "multihead"}, "there is no demo 'multihead'"),
        ({"seed": -1}, "seed cannot be -1"),
        ({"seed": 2**63}, "seed cannot be"),
        ({"head": -1}, "head cannot be -1"),
        ({"layer": -1}, "layer cannot be -1"),
        ({"head": 99}, "there is no head 99"),
        ({"text": " \t"}, "the text has no words"),
        ({"parameters": (("groups", 0.5),)}, "groups cannot be '0.5'"),
        ({"parameters": (("nothing", 1),)}, "no parameter 'nothing'"),
        ({"edits": ("z",)}, "'z' is no edit"),
        ({"edits": ("z=0",), "whole": True}, "an edited number follows from no others"),
    ],
)
def test_what_cannot_be_computed_is_told(changes: dict[str, object], told: str) -> None:
    request = replace(DemoRequest.for_demo(registry.find("grouped-query")), **changes)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=told):
        checked_request.inputs(request)
