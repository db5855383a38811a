"""Every problem in a set of documents: each by itself, and the decks against the concept maps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from studycli.documents import deck_check, folder
from studycli.documents.load import Document, load
from studycli.errors import DocumentError
from studycli.model.concept import ConceptMap
from studycli.model.deck import Deck
from studycli.model.problem import Problem, Severity


def read_all(paths: Iterable[Path]) -> Iterator[tuple[str, Document | Problem]]:
    """Each document at the paths, or the problem that kept it from being one; none stops the others."""
    for path in paths:
        listing = folder.documents(path)
        if listing is None:
            error = DocumentError(folder.why_nothing(path), hint="check the path")
            yield str(path), as_problem(error)
            continue
        for refused, why in listing.refused:
            yield str(refused), Problem(severity=Severity.ERROR, line=0, message=f"this cannot be read: {why}")
        for file in listing.files:
            name = _as_given(file, path)
            try:
                yield str(name), load(name)
            except DocumentError as error:
                yield str(name), as_problem(error)


def _as_given(file: Path, path: Path) -> Path:
    """The file's path as the user would write it, below the path that was given."""
    if path.is_file():
        return path
    top = path.resolve()
    return path / file.relative_to(top) if file.is_relative_to(top) else file


def as_problem(error: DocumentError) -> Problem:
    """The error that ended the reading of a document, as a problem of that document."""
    _, _, line = (error.where or "").rpartition(":")
    number = int(line) if line.isdecimal() else 0
    return Problem(severity=Severity.ERROR, line=number, message=error.message, hint=error.hint or "")


def problems_of(document: Document) -> list[Problem]:
    """What reading the document found, and what it declares against what it holds, by line."""
    found = list(document.problems)
    if isinstance(document, Deck):
        found += deck_check.check(document)
    elif isinstance(document, ConceptMap):
        from studycli.documents import map_check

        found += map_check.check(document)
    return sorted(found, key=lambda problem: problem.line)


def unknown_concepts(documents: Sequence[Document], known: Callable[[str], object]) -> list[tuple[str, Problem]]:
    """The concepts of cards for which `known` gives None, each as (path of the deck, problem)."""
    found = []
    for deck in documents:
        for card in deck.cards if isinstance(deck, Deck) else ():
            if card.concept and known(card.concept) is None:
                message = f"no concept map knows '{card.concept}', the concept of card {card.number}"
                hint = "use the map's name for it, or add it to the map"
                problem = Problem(severity=Severity.WARNING, line=card.line, message=message, hint=hint)
                found.append((deck.path, problem))
    return found
