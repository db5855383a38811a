"""The plan of a demo: which one a card gets, on what and why; made ahead, so that the demo's key finds it computed."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studycli.demos import card_inputs
from studycli.demos.demo import Demo
from studycli.demos.request import DemoRequest
from studycli.errors import StudyError, UsageError

if TYPE_CHECKING:
    from studycli.model.card import Card
    from studycli.model.concept import ConceptMap
    from studycli.tui.engine_process import EngineProcess

_KEPT = 8
_WORD = re.compile(r"[^\W_]{3,}")


@dataclass(frozen=True)
class DemoPlan:
    """A card's demo, the request for it, and why it is that one where it is another concept's."""

    demo: Demo
    request: DemoRequest
    reason: str | None = None


class DemoPlans:
    """The plans of the last cards. Maps are read only for a card that needs them, in a thread."""

    def __init__(self, engine: EngineProcess, maps: Callable[[], Sequence[ConceptMap]]) -> None:
        self._engine = engine
        self._maps = maps
        self._kept: OrderedDict[tuple[str | None, ...], DemoPlan] = OrderedDict()
        self._preparing: asyncio.Task[None] | None = None

    def known(self, card: Card) -> DemoPlan | None:
        """The plan of a card, if it was made already."""
        return self._kept.get(_key(card))

    async def plan(self, card: Card) -> DemoPlan:
        """The plan of a card. Raises UsageError where its `Demo` field is wrong."""
        if (known := self.known(card)) is not None:
            return known
        found = await asyncio.to_thread(_planned, card, self._maps)
        self._kept[_key(card)] = found
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return found

    def prepare(self, card: Card) -> None:
        """Plan a card's demo and have it computed when nothing else is; what is wrong with it is told by `plan`."""
        if self._preparing is not None:
            self._preparing.cancel()
        self._preparing = asyncio.get_running_loop().create_task(self._prepare(card), name="prepare a demo")

    async def _prepare(self, card: Card) -> None:
        try:
            found = await self.plan(card)
        except StudyError:
            return
        self._engine.prefetch(found.request)


def harmless(text: str, card: Card) -> bool:
    """Whether a text has no word of a card's answer that its question lacks."""
    told = _words(card.back) - _words(card.front)
    return not told & _words(text)


def _planned(card: Card, maps: Callable[[], Sequence[ConceptMap]]) -> DemoPlan:
    try:
        choice = card_inputs.choose(card)
        if choice.reason is not None and card.concept:
            choice = card_inputs.choose(card, maps())
        card_inputs.check_place(choice)
        return DemoPlan(choice.demo, DemoRequest.for_card(card, choice), choice.reason)
    except UsageError as error:
        raise UsageError(error.message, where="the card's Demo field", hint=error.hint) from error


def _words(text: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in _WORD.findall(text))


def _key(card: Card) -> tuple[str | None, ...]:
    return card.demo, card.concept, card.title, card.front, card.back
