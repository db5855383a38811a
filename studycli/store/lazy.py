"""A card whose text is read from the database when it is first looked at.

A queue is built from every card, but shows few of them. So a `LazyCard` starts with what a queue needs, and turns
into the whole `Card`, validated, as soon as any other field or all of it (to compare, copy or dump) is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from studycli.errors import StoreError
from studycli.model.card import Card

_BLOCK = 64
_SOURCE = "_source"
_fields = BaseModel.__dict__["__dict__"]
_set = object.__setattr__

Model = TypeVar("Model", bound=BaseModel)


class Payloads:
    """The stored text of the cards of one listing; read in blocks, since a list is mostly walked through in order."""

    def __init__(self, ids: Sequence[str], read: Callable[[Sequence[str]], dict[str, str]]) -> None:
        self._ids = ids
        self._read = read
        self._block: dict[str, str] = {}

    def card(self, place: int) -> Card:
        """The card at this place of the listing. Raises StoreError where the stored text is no card."""
        card_id = self._ids[place]
        if card_id not in self._block:
            self._block = self._read(self._ids[place : place + _BLOCK])
        return parse(card_id, self._block[card_id])


class LazyCard(Card):
    """A `Card` that knows only a few of its fields yet; made by `lazy_card`."""

    def __getattr__(self, name: str) -> object:
        if name in Card.model_fields and type(self) is LazyCard:
            return getattr(_become(self), name)
        raise AttributeError(name)

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
        return _become(self).__dict__

    def __copy__(self) -> Card:  # type: ignore[override]
        return _become(self).__copy__()

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Card:  # type: ignore[override]
        return _become(self).__deepcopy__(memo)

    def __eq__(self, other: object) -> bool:
        return _become(self) == other

    __hash__ = Card.__hash__


def lazy_card(known: dict[str, Any], payloads: Payloads, place: int) -> LazyCard:
    """A card with the `known` fields, whose rest lies at this place of the listing. Takes `known` over."""
    card = LazyCard.__new__(LazyCard)
    known[_SOURCE] = (payloads, place)
    _fields.__set__(card, known)
    return card


def unchecked(kind: type[Model], values: dict[str, Any]) -> Model:
    """A value made of all its fields, without the checks; takes `values` over. Only for what came out of the store."""
    made = kind.__new__(kind)
    _fields.__set__(made, values)
    _set(made, "__pydantic_fields_set__", _names(kind))
    _set(made, "__pydantic_extra__", None)
    _set(made, "__pydantic_private__", None)
    return made


@cache
def _names(kind: type[BaseModel]) -> set[str]:
    return set(kind.model_fields)


def parse(card_id: str, payload: str) -> Card:
    """The card that a stored text holds. Raises StoreError."""
    try:
        return Card.model_validate_json(payload)
    except ValidationError as error:
        raise StoreError(
            "the stored card cannot be read", where=card_id, hint="update studycli, then run: studycli sync"
        ) from error


def _become(card: LazyCard) -> Card:
    """Turn a lazy card into the whole one, in place. Raises StoreError."""
    payloads, place = _fields.__get__(card)[_SOURCE]
    whole = payloads.card(place)
    _fields.__set__(card, whole.__dict__)
    _set(card, "__class__", Card)
    _set(card, "__pydantic_fields_set__", whole.__pydantic_fields_set__)
    _set(card, "__pydantic_extra__", None)
    _set(card, "__pydantic_private__", None)
    return card
