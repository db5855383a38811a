"""Which card of a document is which known card, so that an edit never loses a card's history.

In order: an explicit id > same content > same document and front > same document and a back that only this card has >
same document and number with a similar front > same document with a similar front. A similar front counts for nothing
where other cards of the document are about as similar. What is ambiguous is reported and starts anew.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from studycli.documents import similarity
from studycli.documents.identity import Arriving, Known, new_id

SIMILAR_AT_NUMBER = 0.6
"""How alike two fronts must be (0 to 1) at the same number of the same document."""
SIMILAR = 0.75
"""How alike they must be at another number."""
MARGIN = 0.1
"""How much more alike than the second best a match must be."""
SIMILAR_WITH_BACK = 0.5
"""How alike they must be where the same short back speaks for them too."""
TELLING = 7
"""The letters and digits from which a back says by itself which card it is; '7' or 'True' don't."""


class How(StrEnum):
    """By what a card was recognised."""

    EXPLICIT = "explicit id"
    CONTENT = "same content"
    FRONT = "same front"
    BACK = "same back"
    SIMILAR = "similar front"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Match:
    """The id of one arriving card, and how it was found. `candidates` are ids that it may be instead, `reason` why."""

    id: str
    how: How
    candidates: tuple[str, ...] = ()
    reason: str = ""


def match(known: Sequence[Known], cards: Sequence[Arriving], taken: Collection[str] = ()) -> list[Match]:
    """The identity of each arriving card, in their order; one-to-one, and no id twice.

    `known` are the cards that may have changed or left: those of the documents that were read again, and archived ones.
    `taken` are the ids and explicit keys of all other cards, which are where they were.
    """
    matching = _Matching(known, cards, frozenset(taken))
    matching.by_explicit_id()
    matching.by_content()
    matching.follow_renamed_documents()
    matching.by_front()
    matching.by_back()
    matching.by_similar_front()
    matching.start_anew()
    return matching.result()


class _Matching:
    """One run of `match`: the passes take cards from both sides until nothing more can be said."""

    def __init__(self, known: Sequence[Known], cards: Sequence[Arriving], taken: frozenset[str]) -> None:
        self._cards = cards
        self._taken = taken
        self._known = {card.id: card for card in sorted(known, key=lambda card: (card.document, card.number, card.id))}
        self._left_known = dict(self._known)
        self._left = dict(enumerate(cards))
        self._matches: dict[int, Match] = {}
        self._doubts: dict[int, tuple[tuple[str, ...], str]] = {}
        self._successors: dict[str, str] = {}

    def result(self) -> list[Match]:
        return [self._matches[place] for place in range(len(self._cards))]

    def by_explicit_id(self) -> None:
        """A document's own word counts first; the same id twice goes to the card that it fits best."""
        owners = {card.explicit: card for card in self._known.values() if card.explicit}
        claims: dict[str, list[int]] = defaultdict(list)
        for place, card in self._left.items():
            if card.explicit:
                claims[card.explicit].append(place)
        for key, places in claims.items():
            owner = owners.get(key) or self._left_known.get(key)
            best = min(places, key=lambda place: (self._unlikeness(place, owner), place))
            for place in places:
                if place != best:
                    self._doubts[place] = ((owner.id if owner else key,), "another card has the same explicit id")
            if owner is not None and owner.id in self._left_known:
                self._take(best, owner.id, How.EXPLICIT)
            elif key in self._taken:
                self._doubts[best] = ((key,), "a card of another document has the same explicit id")

    def by_content(self) -> None:
        """Same front and back: at the same number, else in the same document, else wherever it was."""
        for archived in (False, True):
            self._pair(lambda card: (card.document, card.number, card.content), archived, How.CONTENT)
            self._pair(lambda card: (card.document, card.content), archived, How.CONTENT)
        for archived in (False, True):
            self._pair(lambda card: card.content, archived, How.CONTENT, self._in_several_documents)

    def follow_renamed_documents(self) -> None:
        """A document that is gone goes on as the new one that its cards came to, or that has its file name."""
        gone = {card.document: card.slug for card in self._known.values() if card.gone}
        had = {card.document for card in self._known.values()}
        new = {card.document: card.slug for card in self._cards if card.document not in had}
        went: dict[str, set[str]] = defaultdict(set)
        for place, found in self._matches.items():
            if self._cards[place].document in new:
                went[self._known[found.id].document].add(self._cards[place].document)
        for old, slug in gone.items():
            heirs = went[old] or {document for document in new if new[document] == slug}
            if len(heirs) == 1:
                self._successors[old] = next(iter(heirs))

    def by_front(self) -> None:
        """The front as it was and the back edited; also for a card that comes back to its document."""
        for archived in (False, True):
            self._pair(lambda card: (self._home(card), card.number, card.front), archived, How.FRONT, _several)
            self._pair(lambda card: (self._home(card), card.front), archived, How.FRONT, _several)

    def by_back(self) -> None:
        """The front reworded: the back is as it was, and no other card of the document has or had it."""
        olds = _grouped(
            (card.id, (self._home(card), card.back)) for card in self._known.values() if not card.archived and card.back
        )
        news = _grouped((place, (card.document, card.back)) for place, card in enumerate(self._cards))
        for value, places in news.items():
            ids = olds.get(value, [])
            if len(ids) == len(places) == 1 and self._free(places[0], ids[0]) and self._back_tells(places[0], ids[0]):
                self._take(places[0], ids[0], How.BACK)

    def by_similar_front(self) -> None:
        """The front edited: at the same number first, then anywhere in the document; then of cards that come back."""
        for archived in (False, True):
            homes: dict[str, tuple[dict[str, str], dict[int, str]]] = defaultdict(lambda: ({}, {}))
            for place, card in self._left.items():
                homes[card.document][1][place] = card.front
            for known in self._left_known.values():
                if known.archived == archived and self._home(known) in homes:
                    homes[self._home(known)][0][known.id] = known.front
            for olds, news in homes.values():
                if olds:
                    self._by_score(olds, news)

    def start_anew(self) -> None:
        """An id for every card that is left: its explicit one, else derived from its document and front."""
        used = set(self._taken) | set(self._known)
        seen: Counter[tuple[str, str]] = Counter()
        for place, card in enumerate(self._cards):
            occurrence = seen[card.document, card.front]
            seen[card.document, card.front] += 1
            if place in self._matches:
                continue
            if card.explicit and card.explicit not in used:
                fresh = card.explicit
            else:
                while (fresh := new_id(card.slug, card.front, occurrence, card.variant)) in used:
                    occurrence += 1
            used.add(fresh)
            candidates, reason = self._doubts.get(place, ((), ""))
            self._matches[place] = Match(fresh, How.NEW, candidates, reason)

    def _pair(
        self,
        key: Callable[[Known | Arriving], Hashable],
        archived: bool,
        how: How,
        doubtful: Callable[[Sequence[str], Sequence[int]], bool] | None = None,
    ) -> None:
        """Match cards with equal keys in their order, unless that is doubtful."""
        for claims in (True, False):
            # A card with an explicit id is not the one that a document called by another.
            olds = _grouped(
                (card_id, key(card))
                for card_id, card in self._left_known.items()
                if card.archived == archived and not (claims and card.explicit)
            )
            news = _grouped((place, key(card)) for place, card in self._left.items() if bool(card.explicit) == claims)
            for value, places in news.items():
                ids = olds.get(value, [])
                if ids and doubtful and doubtful(ids, places):
                    self._doubt(places, ids, how)
                    continue
                for place, card_id in zip(places, ids, strict=False):
                    self._take(place, card_id, how)

    def _by_score(self, olds: dict[str, str], news: dict[int, str]) -> None:
        level = self._at_same_number(olds, news)
        found = similarity.closest(olds, news, SIMILAR_AT_NUMBER)
        for place, card_id in level:
            found[place].setdefault(card_id, similarity.ratio(news[place], olds[card_id]))
        scores = _Scores(
            {
                (place, card_id): score
                for place, closest in found.items()
                for card_id, score in closest.items()
                if not (self._cards[place].explicit and self._known[card_id].explicit)
            }
        )
        siblings = self._siblings(news)
        unclear = {pair for pair, score in scores.pairs.items() if self._like_siblings(*pair, score, siblings[pair[0]])}
        for place, card_id in level:
            score = scores.pairs.get((place, card_id), 0.0)
            certain = score >= SIMILAR_AT_NUMBER and (place, card_id) not in unclear
            if certain and scores.rival(place, card_id) <= score + MARGIN:
                self._take(place, card_id, How.SIMILAR)
        scores = _Scores(
            {pair: score for pair, score in scores.pairs.items() if score >= SIMILAR and self._free(*pair)}
        )
        for (place, card_id), score in scores.pairs.items():
            if (place, card_id) not in unclear and scores.rival(place, card_id) <= score - MARGIN:
                self._take(place, card_id, How.SIMILAR)
        doubts = _grouped((card_id, place) for place, card_id in scores.pairs if self._free(place, card_id))
        for place, ids in doubts.items():
            self._doubt([place], ids, How.SIMILAR)
        for place, card_id in level:
            if (place, card_id) in unclear and self._free(place, card_id):
                self._doubt([place], [card_id], How.SIMILAR)

    def _siblings(self, news: Mapping[int, str]) -> dict[int, dict[str, float]]:
        """The stored cards of its document that each new card is similar to, taken or not."""
        homes: dict[str, dict[int, str]] = defaultdict(dict)
        for place, front in news.items():
            homes[self._cards[place].document][place] = front
        stored = [card for card in self._known.values() if not card.archived]
        found: dict[int, dict[str, float]] = {}
        for home, fronts in homes.items():
            olds = {card.id: card.front for card in stored if self._home(card) == home}
            found |= similarity.closest(olds, fronts, SIMILAR_AT_NUMBER)
        return found

    def _like_siblings(self, place: int, card_id: str, score: float, siblings: Mapping[str, float]) -> bool:
        """True where the new card is about as similar to another stored card, and no word or back tells them apart.

        A front that keeps every word of the old one only says more.
        """
        new, old = self._cards[place], self._known[card_id]
        words = similarity.shared_words(new.front, old.front)
        if new.back == old.back or words == similarity.shared_words(old.front, old.front):
            return False
        return any(
            other != card_id
            and like >= score - MARGIN
            and similarity.shared_words(new.front, self._known[other].front) >= words
            and self._known[other].back != old.back
            for other, like in siblings.items()
        )

    def _back_tells(self, place: int, card_id: str) -> bool:
        new, old = self._cards[place], self._known[card_id]
        if new.explicit and old.explicit:
            return False
        if sum(character.isalnum() for character in new.back) >= TELLING:
            return True
        return similarity.ratio(new.front, old.front) >= SIMILAR_WITH_BACK

    def _free(self, place: int, card_id: str) -> bool:
        return place in self._left and card_id in self._left_known

    def _at_same_number(self, olds: Iterable[str], news: Iterable[int]) -> list[tuple[int, str]]:
        """The pairs of a new and an old card that are alone at their number."""
        ids = _grouped((card_id, self._known[card_id].number) for card_id in olds)
        places = _grouped((place, self._cards[place].number) for place in news)
        return [
            (found[0], ids[number][0])
            for number, found in places.items()
            if len(found) == 1 and len(ids.get(number, ())) == 1
        ]

    def _in_several_documents(self, ids: Sequence[str], places: Sequence[int]) -> bool:
        sides = {self._known[card_id].document for card_id in ids}, {self._cards[place].document for place in places}
        return any(len(documents) > 1 for documents in sides)

    def _home(self, card: Known | Arriving) -> str:
        return self._successors.get(card.document, card.document)

    def _unlikeness(self, place: int, owner: Known | None) -> tuple[bool, bool]:
        card = self._cards[place]
        if owner is None:
            return (False, False)
        return (card.content != owner.content, (card.document, card.number) != (owner.document, owner.number))

    def _take(self, place: int, card_id: str, how: How) -> None:
        del self._left[place]
        del self._left_known[card_id]
        self._matches[place] = Match(card_id, how)

    def _doubt(self, places: Iterable[int], ids: Iterable[str], how: How) -> None:
        for place in places:
            self._doubts.setdefault(place, (tuple(ids), f"{how.value} as more than one card"))


class _Scores:
    """The scores of pairs of a place and a known card, and the best of what else either side is in."""

    def __init__(self, pairs: Mapping[tuple[int, str], float]) -> None:
        self.pairs = pairs
        self._best: dict[int | str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for pair, score in pairs.items():
            for side in pair:
                self._best[side] = sorted((*self._best[side], score), reverse=True)[:2]

    def rival(self, place: int, card_id: str) -> float:
        """The best score that either side of a pair has with anything else."""
        score = self.pairs[place, card_id]
        return max(best[1] if best[0] == score else best[0] for best in (self._best[place], self._best[card_id]))


def _several(ids: Sequence[str], places: Sequence[int]) -> bool:
    return len(ids) > 1 or len(places) > 1


Item = TypeVar("Item")
Key = TypeVar("Key", bound=Hashable)


def _grouped(pairs: Iterable[tuple[Item, Key]]) -> dict[Key, list[Item]]:
    groups: dict[Key, list[Item]] = defaultdict(list)
    for item, key in pairs:
        groups[key].append(item)
    return groups
