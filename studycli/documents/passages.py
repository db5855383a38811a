"""Where a card comes from: the sections that its source and its concept point to, in lessons and concept maps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import PurePath

from studycli.documents import durations, similarity
from studycli.documents.load import SUFFIXES, Document
from studycli.documents.word_index import Texts, Titles, words
from studycli.model.card import Card
from studycli.model.concept import ConceptMap
from studycli.model.concept_name import split_parentheses
from studycli.model.deck import Deck
from studycli.model.lesson import Section

LIMIT = 5
_LIKE = 0.85  # how alike a source's name and a title must be where neither holds the other
_OF_TITLE = 0.5  # how much of a title a source's name must be
_OF_TITLE_ONE_WORD = 0.4  # and a concept of one word: 'Query' is not what 'Multi-Query Attention' is about
_COMPARED = 50
_SHOWN = 4000  # characters of a section that has its text in subsections
_PARTS = re.compile(r"[,;>|]|(?<=\s)[-–—/](?=\s)|:(?=\s)|\band\b")
_PLACE = re.compile(
    r"^\W*(?P<kind>section|sect?\.?|part|chapter|ch\.|lecture|lesson|unit|module|week|topic|stage|exercise|concept|page|p\.|§)"
    r"\s*#?\s*(?P<number>\d+(?:\.\d+)*)\b\W*",
    re.IGNORECASE,
)
# What '2. Masks' may be called: a lesson or an exercise says so in its heading.
_HEADED = ("section", "sec", "sec.", "sect", "sect.", "part", "chapter", "ch.", "unit", "module", "topic", "§")
_NUMBER = re.compile(r"^\W*(?:(?P<kind>[A-Za-z]+)\s+)?(?P<number>\d+(?:\.\d+)*)(?=[.:)\s])\W*")


class Why(StrEnum):
    """Why a passage was found, the best reason first."""

    SOURCE = "source section"
    TITLE = "concept in the title"
    TEXT = "mentioned"


@dataclass(frozen=True, slots=True)
class Passage:
    """A section of a document. `titles` leads to it from the document's title; `text` is Markdown, `line` 1-based."""

    path: str
    titles: tuple[str, ...]
    text: str
    line: int
    why: Why


@dataclass(frozen=True, slots=True)
class _Entry:
    """A section of a document on the shelf, or a concept's definition; `document` is its number.

    `own_text` is what stands directly under its heading: "" where `text` is that of its subsections.
    """

    document: int
    path: str
    titles: tuple[str, ...]
    text: str
    line: int
    own_text: str
    is_section: bool

    @property
    def title(self) -> str:
        return self.titles[-1]


class Shelf:
    """Documents indexed once, for the passages of many cards. Of decks only the sections without cards count."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._documents = list(documents)
        self._entries = [
            entry for number, document in enumerate(self._documents) for entry in _entries(number, document)
        ]

    def passages(self, card: Card, *, near: Sequence[str] = (), limit: int = LIMIT) -> tuple[Passage, ...]:
        """The passages for a card, the best first; none where nothing is found.

        `near` names documents that count before others: what the card's deck comes from, and the deck's own name.
        First the sections that the card's source names, then those with its concept or a related one in their titles
        (a map's definition counts as such), then those that mention the concept, by how much of them that is.
        """
        preferred = self._named_documents([*near, card.source_section or ""])
        found: dict[object, Passage] = {}
        for why, entry in self._found(card, preferred):
            found.setdefault(entry.text.strip(), Passage(entry.path, entry.titles, entry.text, entry.line, why))
            if len(found) >= limit:
                break
        return tuple(found.values())

    def _found(self, card: Card, preferred: set[int]) -> Iterator[tuple[Why, _Entry]]:
        ranked = self._by_source(card.source_section or "", preferred)
        yield from ((Why.SOURCE, entry) for entry in self._best(ranked, preferred))
        forms = self._forms(card.concept or "")
        related = [form for name in card.related_concepts for form in self._forms(name)]
        shortened = [form[:-1] for form in forms if len(form) > 2]
        for phrases in (forms, shortened, related):
            scores = _scores(self._titles, phrases, one_word=_OF_TITLE_ONE_WORD)
            yield from ((Why.TITLE, entry) for entry in self._best(scores, preferred))
        for phrases in (forms, related):
            yield from ((Why.TEXT, entry) for entry in self._best(_scores(self._texts, phrases), preferred))

    @cached_property
    def _titles(self) -> Titles:
        return Titles(_bare(entry.title) for entry in self._entries)

    @cached_property
    def _texts(self) -> Texts:
        return Texts(entry.own_text for entry in self._entries)

    @cached_property
    def _names(self) -> list[tuple[list[str], list[str]]]:
        """The words of each document's title, and of its file's name."""
        return [(words(_bare(document.title)), words(PurePath(document.path).stem)) for document in self._documents]

    @cached_property
    def _aliases(self) -> dict[str, set[str]]:
        """The other names that the maps have for a concept."""
        found: dict[str, set[str]] = {}
        for document in self._documents:
            for concept in document.concepts if isinstance(document, ConceptMap) else ():
                names = {concept.name, *concept.aliases}
                for name in names:
                    found.setdefault(" ".join(words(name)), set()).update(names)
        return found

    def _forms(self, concept: str) -> list[list[str]]:
        """The names of a concept as words, the one that the card has first."""
        names = [concept, *(split_parentheses(concept) or ())]
        aliases = sorted(alias for name in names for alias in self._aliases.get(" ".join(words(name)), ()))
        forms = {tuple(words(name)): None for name in [*names, *aliases]}
        return [list(form) for form in forms if "".join(form)]

    def _named_documents(self, sources: Sequence[str]) -> set[int]:
        """The documents that sources name, by title or by file."""
        wanted = []
        for part in [part for source in sources for part in _PARTS.split(source)]:
            name = part.strip(" `*\"'")
            is_file = name.lower().endswith(SUFFIXES)
            wanted.append(words(PurePath(name.replace("\\", "/")).stem if is_file else _bare(name)))
            wanted.append(words(name))
        return {number for number, names in enumerate(self._names) if any(name and name in names for name in wanted)}

    def _by_source(self, source: str, preferred: set[int]) -> dict[int, float]:
        """The sections that a source names, with how sure that is, 0 to 1."""
        scores: dict[int, float] = {}
        parts = [part.strip(" `*\"'") for part in _PARTS.split(source)]
        for part in parts:
            named = words(_bare(part))
            place = _PLACE.match(part)
            found = self._titled(named) if named else {}
            if place and not found:
                found = self._numbered(place["kind"].casefold(), place["number"], preferred)
            for number, score in found.items():
                if not self._entries[number].is_section:
                    continue
                scores[number] = max(scores.get(number, 0.0), score)
        around = [words(_bare(part)) for part in parts]
        for number in scores:  # 'Attention - Masks': a section of that name below one of the other name
            above = [words(_bare(title)) for title in self._entries[number].titles[:-1]]
            scores[number] += 0.5 * any(name and name in above for name in around)
        inner = {number: score for number, score in scores.items() if len(self._entries[number].titles) > 1}
        return inner or scores  # a document's title names the document, where a section in it is named as well

    def _titled(self, name: Sequence[str]) -> dict[int, float]:
        """The sections whose title is this name, or holds it, or is much like it."""
        least = _OF_TITLE if len(name) > 1 else 1.0
        holding = {number: share for number, share in self._titles.holding(name).items() if share >= least}
        if holding:
            return holding
        wanted = " ".join(name)
        shared = self._titles.sharing(name)
        nearest = sorted(shared, key=lambda number: -shared[number])[:_COMPARED]
        scores = {n: similarity.ratio(wanted, " ".join(words(_bare(self._entries[n].title)))) for n in nearest}
        return {number: score for number, score in scores.items() if score >= _LIKE}

    def _numbered(self, kind: str, number: str, preferred: set[int]) -> dict[int, float]:
        """The section with this number, where only one in the documents that may be meant has it."""
        found = []
        for place, entry in enumerate(self._entries):
            match = _NUMBER.match(entry.title) if not preferred or entry.document in preferred else None
            own_kind = (match["kind"] or "").casefold() if match else ""
            if match and match["number"] == number and (own_kind == kind or (not own_kind and kind in _HEADED)):
                found.append(place)
        return {found[0]: 1.0} if len(found) == 1 else {}

    def _best(self, scores: dict[int, float], preferred: set[int]) -> Iterator[_Entry]:
        """The sections in the order of their scores, those of preferred documents first."""
        for number in sorted(scores, key=lambda n: (self._entries[n].document not in preferred, -scores[n], n)):
            yield self._entries[number]


def passages(card: Card, documents: Sequence[Document], *, limit: int = LIMIT) -> tuple[Passage, ...]:
    """The passages for one card; a `Shelf` is faster for many."""
    return Shelf(documents).passages(card, limit=limit)


def _scores(index: Titles | Texts, phrases: Sequence[Sequence[str]], *, one_word: float = 0.0) -> dict[int, float]:
    """The texts that hold one of the phrases; one of a single word must be at least that share of the text."""
    scores: dict[int, float] = {}
    for phrase in phrases:
        for number, share in index.holding(phrase).items():
            if len(phrase) > 1 or share >= one_word:
                scores[number] = max(scores.get(number, 0.0), share)
    return scores


def _bare(title: str) -> str:
    """A title without its number, the minutes it takes, and the word for what it is: '2. Masks (10 min)' -> 'Masks'."""
    name = durations.without(title)
    return _NUMBER.sub("", _PLACE.sub("", name))


def _entries(number: int, document: Document) -> Iterator[_Entry]:
    if isinstance(document, ConceptMap):
        for concept in document.concepts:
            if text := concept.definition:
                leading = (document.title, concept.name)
                yield _Entry(number, document.path, leading, text, concept.definition_line, text, False)
    sections = document.other_sections if isinstance(document, (Deck, ConceptMap)) else document.sections
    for place, section in enumerate(sections):
        shown = section.text or _below(sections, place)
        if shown and section.title:
            above = section.path or tuple({document.title} - {section.title})
            titles = (*above, section.title)
            yield _Entry(number, document.path, titles, shown, section.line, section.text, True)


def _below(sections: Sequence[Section], place: int) -> str:
    """The beginning of what stands in the subsections of a section without text of its own."""
    parts: list[str] = []
    size = 0
    for section in sections[place + 1 :]:
        if section.level <= sections[place].level or size > _SHOWN:
            break
        parts += [f"{'#' * section.level} {section.title}", section.text]
        size += len(section.text)
    return "\n\n".join(filter(None, parts))
