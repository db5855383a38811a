"""A card's demo: which one it is, and what it computes on."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studycli.demos import card_text, narrowing, registry
from studycli.demos.computed import filling
from studycli.demos.demo import Demo
from studycli.demos.echo import brief
from studycli.demos.inputs import Inputs
from studycli.demos.words import has_words
from studycli.errors import UsageError

if TYPE_CHECKING:
    from studycli.model.card import Card
    from studycli.model.concept import ConceptMap


@dataclass(frozen=True)
class Named:
    """What a `Demo` field says: the demo, its parameters as written, and a text or seed or place to look at."""

    demo: Demo
    parameters: dict[str, str]
    text: str | None = None
    seed: int | None = None
    layer: int | None = None
    head: int | None = None


@dataclass(frozen=True)
class Choice:
    """The demo for a card, and why it is that one where the card doesn't name it and its concept has none."""

    demo: Demo
    named: Named | None = None
    reason: str | None = None


def parse_field(text: str) -> Named:
    """What a `Demo` field means, such as `kv-cache tokens=4096` or `tokenization text="unbelievable"`.

    Raises UsageError for an unknown demo, parameter or value.
    """
    try:
        name, *settings = shlex.split(text.replace("`", " ")) or [""]
    except ValueError as error:
        raise UsageError(f"'{brief(text)}' has an open quotation mark", hint='write text="a b c"') from error
    demo = registry.find(name)
    given: dict[str, str] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not key:
            raise UsageError(
                f"'{brief(setting)}' is no setting", where=brief(text), hint="write NAME=VALUE after the demo's name"
            )
        given[key] = value
    own = {parameter.name for parameter in demo.parameters}
    common = {key: given.pop(key) for key in ("text", "seed", "layer", "head") if key in given and key not in own}
    demo.settings(given)
    if "text" in common and demo.reads == "no text":
        raise UsageError(f"the demo '{name}' reads no text", where=brief(text), hint="leave text= out")
    places = {key: _count(key, value) for key, value in common.items() if key != "text"}
    return Named(demo, given, common.get("text"), **places)


def check_place(choice: Choice) -> None:
    """Raise UsageError where a card's field looks at a layer or head that its demo is known not to have."""
    named = choice.named
    if named is not None:
        narrowing.check(choice.demo, choice.demo.settings(named.parameters), named.layer, named.head)


def _count(key: str, value: str) -> int:
    if not value.isdecimal() or len(value) > 9:
        raise UsageError(f"{key} cannot be '{brief(value)}'", hint="it is a whole number from 0 up")
    return int(value)


def for_demo(card: Card, demo: Demo) -> Choice:
    """A demo that the learner chose for a card, with the settings of the card's own field where it names this demo.

    Raises UsageError where that field is wrong.
    """
    named = parse_field(card.demo) if card.demo is not None else None
    return Choice(demo, named if named is not None and named.demo == demo else None)


def choose(card: Card, maps: Sequence[ConceptMap] = ()) -> Choice:
    """The demo of a card: the one it names, that of its concept, that of the nearest concept of a map, or attention.

    Raises UsageError where the card's own `Demo` field is wrong.
    """
    if card.demo is not None:
        named = parse_field(card.demo)
        return Choice(named.demo, named)
    concept = card.concept or ""
    if (name := registry.serving(concept)) is not None:
        return Choice(registry.DEMOS[name])
    if (near := _nearest(concept, maps)) is not None:
        name, neighbour = near
        reason = f"There is no demo for '{concept}': this is the one for '{neighbour}', the nearest on the concept map."
        return Choice(registry.DEMOS[name], reason=reason if neighbour is not None else None)
    why = f"There is no demo for '{concept}'" if concept else "The card names no concept"
    return Choice(registry.DEMOS[registry.FALLBACK], reason=f"{why}: this is attention over its own text.")


def _nearest(concept: str, maps: Sequence[ConceptMap]) -> tuple[str, str | None] | None:
    """A demo and the nearest concept that has it by relations; None where that is the card's own by another name."""
    from studycli.knowledge.aliases import concept_lookup
    from studycli.knowledge.graph import nearby

    found = concept_lookup(maps)(concept) if concept else None
    if found is None:
        return None
    concept_map, start = found
    names = {item.id: (item.name, *item.aliases) for item in concept_map.concepts}
    for near in nearby(concept_map, start):
        if (name := _first_served(names[near])) is not None:
            return name, names[near][0] if near != start else None
    return None


def _first_served(names: Iterable[str]) -> str | None:
    return next((demo for name in names if (demo := registry.serving(name)) is not None), None)


def inputs_for(card: Card, choice: Choice, device: str = "auto", seed: int = 0) -> Inputs:
    """What the demo of a card computes on: the text that its field gives, else its own words where the demo reads any.

    Its own words are what a reader sees of its question; where that has none, of its answer, title or concept.
    """
    named, demo = choice.named, choice.demo
    text = demo.text
    if named is not None and named.text is not None:
        text = named.text
    elif demo.reads == "any text":
        shown = filling.example(card)
        candidates = map(card_text.seen, (shown.front, shown.back, shown.title, shown.concept or ""))
        text = next((words for words in candidates if has_words(words)), "")
    if named is None:
        return Inputs(text, device, seed, parameters=demo.settings({}))
    return Inputs(
        text,
        device,
        seed if named.seed is None else named.seed,
        named.layer,
        named.head,
        demo.settings(named.parameters),
    )
