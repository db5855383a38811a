"""The composition root: opens the store, keeps it up to date with the documents, and builds sessions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from studycli import clock
from studycli.collection import naming
from studycli.collection.survey import BUNDLED, Loader, places_of
from studycli.collection.sync import sync as sync_library
from studycli.config import Settings
from studycli.documents import folder
from studycli.documents.load import Document
from studycli.documents.load import load as load_document
from studycli.errors import DocumentError, UsageError
from studycli.model.concept import ConceptMap
from studycli.model.deck import Deck
from studycli.model.lesson import Lesson
from studycli.model.library import DeckSummary, Source, SourceProblem, SyncReport
from studycli.model.problem import Problem, Severity
from studycli.model.review import StudyCard
from studycli.review.session import Session
from studycli.scheduler import queue, sm2
from studycli.store.library import DocumentRow
from studycli.store.repository import Repository

if TYPE_CHECKING:
    from studycli.model.search import SearchResult
    from studycli.model.statistics import Statistics


class Collection:
    """Everything the learner studies. Use it as a context manager.

    `problems` are those of the last sync, `changes` is what it changed; both are empty before the first.
    """

    def __init__(
        self,
        settings: Settings,
        repository: Repository,
        *,
        today: date | None = None,
        load: Loader = load_document,
        tell: Callable[[SourceProblem], None] | None = None,
    ) -> None:
        """`today` is a study day, `load` reads a document, `tell` hears of each problem as it is found."""
        self.settings = settings
        self.repository = repository
        self.today = today or clock.study_day(clock.now(), settings.day_start_hour)
        self.problems: list[SourceProblem] = []
        self.changes = SyncReport()
        self._load = load
        self._tell = tell

    @classmethod
    def open(
        cls,
        settings: Settings,
        *,
        today: date | None = None,
        sync: bool = True,
        load: Loader = load_document,
        tell: Callable[[SourceProblem], None] | None = None,
    ) -> Self:
        """Open the store of `settings` and bring it up to date. Raises UsageError and StoreError."""
        collection = cls(settings, Repository.open(settings.database), today=today, load=load, tell=tell)
        try:
            if sync:
                collection.sync()
        except BaseException:
            collection.close()
            raise
        return collection

    def close(self) -> None:
        """Close the store."""
        self.repository.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def sync(self, dry_run: bool = False) -> SyncReport:
        """Bring changed documents of all sources into the store, or only tell what would change."""
        report = sync_library(
            self.repository, self._load, now=clock.now(), bundled=self.settings.bundled, dry_run=dry_run
        )
        self.problems = []
        self.changes = report
        for problem in report.problems:
            self._report(problem)
        return report

    def sources(self) -> list[Source]:
        """The learner's sources, in the order they were added, with what they hold."""
        with self.repository.shelf() as library:
            listed, rows, counts = library.sources(), library.documents(), library.counts()
        sources = []
        for name in listed:
            paths = [row.path for row in rows if row.source == name and not row.gone]
            sources.append(
                Source(
                    name=name,
                    documents=len(paths),
                    cards=sum(counts.get(path, 0) for path in paths),
                    available=self._is_on(name) and any(place.exists() for place in places_of(name)),
                    switched_off=not self._is_on(name),
                )
            )
        return sources

    def source_paths(self) -> list[Path]:
        """The folders and files of all sources."""
        with self.repository.shelf() as library:
            return [place for name in library.sources() if self._is_on(name) for place in places_of(name)]

    def add(self, name: str) -> SyncReport:
        """Make a folder, a document or 'bundled' a source, and read it. Raises UsageError and DocumentError."""
        source = _source_name(name)
        if source != BUNDLED and Path(source).is_file():
            self._load(Path(source))
        self._add_source(source)
        return self.sync()

    def remove(self, name: str) -> SyncReport:
        """Take a source away; its cards are archived, and come back with it. Raises UsageError."""
        with self.repository.library() as library:
            listed = library.sources()
            source = next((known for known in (name, _source_name(name, must_exist=False)) if known in listed), None)
            if source is None:
                hint = f"they are {', '.join(listed)}" if listed else "there are none; see: studycli add"
                raise UsageError(f"'{name}' is none of the sources", hint=hint)
            library.remove_source(source)
        return self.sync()

    def decks(self) -> list[DeckSummary]:
        """Every deck with its counts for today, in document order."""
        return self.repository.decks(self.today)

    def select(self, names: Sequence[str] = (), *, archived: bool = False) -> list[StudyCard]:
        """The cards of these decks, or of all: by slug, title, the start of either, or the path in a source.

        With `archived` those cards are there too. Raises UsageError for a name that nothing has.
        """
        return self.repository.cards(today=self.today, decks=self._chosen(names), archived=archived)

    def statistics(self, names: Sequence[str] = ()) -> Statistics:
        """What the log and the cards of these decks, or of all, say today; decks as in `select`. Raises UsageError."""
        from studycli.review import statistics

        facts = self.repository.study_facts(statistics.first_day(self.today), self._chosen(names))
        return statistics.statistics(facts, self.today)

    def card(self, text: str) -> StudyCard:
        """The card with this id, or a start of it (four characters or more), or at this `deck:number`.

        Of a card that is asked in several ways `deck:number` is the first, `deck:number/c2` another.
        Raises UsageError when there is none, or more than one.
        """
        if naming.looks_like_id(text):
            ids = self.repository.ids(text)
            if len(ids) > 1:
                raise naming.ambiguous_card(text, ids)
            if ids:
                return self.repository.card(ids[0], self.today)
        deck, colon, number = text.rpartition(":")
        if colon and (place := naming.card_place(number)) is not None:
            return self._card_at(text, deck, *place)
        if naming.looks_like_short_id(text):
            hint = "give at least 4 characters of the id, or deck:number; studycli cards lists them"
            raise UsageError(f"'{text}' is too short for a card's id", hint=hint)
        raise UsageError(
            f"there is no card '{text}'", hint="give the start of its id, or deck:number; studycli cards lists them"
        )

    def search(self, text: str = "", *, limit: int = 50, offset: int = 0, partial: bool = False) -> SearchResult:
        """A page of the cards, notes and concepts that a query finds: the best first, filters alone in document order.

        `partial`: it is still being typed, so its last word may go on. Raises UsageError for a query that is none.
        """
        from studycli.collection.searching import search

        decks = self._decks() if "deck" in text.casefold() else []
        return search(self.repository, decks, text, today=self.today, limit=limit, offset=offset, partial=partial)

    def answers(self, card_id: str) -> int:
        """How many answers of a card stand, extra passes among them; those that were taken back don't count."""
        rows = self.repository.history(card_id)
        undone = {row.undoes for row in rows}
        return sum(row.quality is not None and row.id not in undone for row in rows)

    def document_deck(self, slug: str) -> Deck:
        """The deck as its document states it now. Raises UsageError and DocumentError."""
        row = next((row for row in self._decks() if row.slug == slug), None)
        if row is None:
            raise naming.no_such_deck(slug, self._decks())
        document = self._load(Path(row.path))
        if not isinstance(document, Deck):
            raise DocumentError("this is no deck any more", where=row.path, hint="studycli sync takes note of that")
        return document

    def maps(self) -> list[ConceptMap]:
        """Every concept map of the sources, read now. One that can't be read is noted in `problems`."""
        return [document for document in self._documents("concept_map") if isinstance(document, ConceptMap)]

    def lessons(self) -> list[Lesson]:
        """Every lesson of the sources, read now. One that can't be read is noted in `problems`."""
        return [document for document in self._documents("lesson") if isinstance(document, Lesson)]

    def session(
        self,
        names: Sequence[str] = (),
        *,
        limit: int | None = None,
        new: int | None = None,
        ahead: int = 0,
        cram: bool = False,
        gating: bool | None = None,
        adopt: bool = True,
    ) -> Session:
        """A review of these decks, or of all. `new` is a number of new cards beyond what the daily limit leaves.

        With `adopt` a path that is in none of the sources becomes one. Raises UsageError and DocumentError.
        """
        cards = self.repository.cards(today=self.today, decks=self._chosen(names, adopt=adopt))
        done = self.repository.counts_on(self.today)
        return Session(
            cards,
            self.repository,
            today=self.today,
            study_day=lambda instant: clock.study_day(instant, self.settings.day_start_hour),
            new_left=max(0, self.settings.new_per_day - done.new) if new is None else new,
            reviews_left=max(0, self.settings.reviews_per_day - done.reviews),
            ahead=ahead,
            cram=cram,
            gating=self.settings.gating if gating is None else gating,
            limit=limit,
        )

    def held_back(self, names: Sequence[str]) -> int:
        """How many new cards of these decks wait today for nothing but the day's limit of new cards."""
        cards = self.select(names)
        left = max(0, self.settings.new_per_day - self.repository.counts_on(self.today).new)
        asked, open_ = (
            queue.build(cards, self.today, new_left=new, reviews_left=len(cards), gating=self.settings.gating)
            for new in (left, len(cards))
        )
        return len(open_.new) - len(asked.new)

    def verify(self) -> list[str]:
        """The ids of cards whose stored state is not what replaying their log gives: none in a sound store."""
        wrong = []
        for card_id in self.repository.reviewed_ids():
            stored = self.repository.card(card_id, self.today).state
            replayed = sm2.replay(self.repository.history(card_id))
            # A card that is new again starts as its document says now, whatever it said at its first grade.
            if stored != replayed and not (stored.due is None and replayed.due is None):
                wrong.append(card_id)
        return wrong

    def _documents(self, kind: str) -> Iterator[Document]:
        for row in self._rows(kind):
            try:
                yield self._load(Path(row.path))
            except DocumentError as error:
                self._note(row.path, Severity.ERROR, error.message, error.hint or "")

    def _rows(self, kind: str) -> list[DocumentRow]:
        with self.repository.shelf() as library:
            return [row for row in library.documents() if row.kind == kind and not row.gone]

    def _decks(self) -> list[DocumentRow]:
        return self._rows("flashcards")

    def _chosen(self, names: Sequence[str], *, adopt: bool = False) -> list[str] | None:
        """The slugs of the decks that are named, or None for all of them."""
        return list(dict.fromkeys(slug for name in names for slug in self._slugs(name, adopt))) if names else None

    def _slugs(self, name: str, adopt: bool) -> list[str]:
        decks = self._decks()
        if not naming.looks_like_path(name) and (deck := naming.find_deck(name, decks)) is not None:
            return [deck.slug]
        path = Path(name).expanduser()
        if not path.exists():
            raise naming.no_such_deck(name, decks)
        found = self._at(path, decks)
        if not found and adopt:
            found = self._adopt(path)
        elif not found and not any(path.resolve().is_relative_to(place) for place in self.source_paths()):
            raise naming.no_source(name)
        if not found:
            raise UsageError("there are no cards in it", where=name, hint=f"studycli inspect '{name}' shows what it is")
        return [deck.slug for deck in found]

    def _adopt(self, path: Path) -> list[DocumentRow]:
        """Make a path that the learner named one of the sources."""
        folder.require_source(str(path))
        name = str(path.resolve())
        # Named by the learner, so what is wrong with it ends the command instead of being noted.
        if path.is_file() and not isinstance(self._load(path.resolve()), Deck):
            return []
        self._add_source(name)
        self.sync()
        found = self._at(path, self._decks())
        self._note(name, Severity.INFO, "this is one of your sources now", f"studycli remove '{name}' takes it out")
        return found

    def _at(self, path: Path, decks: Sequence[DocumentRow]) -> list[DocumentRow]:
        place = path.resolve()
        return [deck for deck in decks if Path(deck.path).is_relative_to(place)]

    def _card_at(self, text: str, deck: str, number: int, variant: str | None) -> StudyCard:
        at_number = [card for card in self.select([deck]) if card.card.number == number]
        found = naming.asked_so(at_number, variant)
        if len(found) > 1:
            raise naming.ambiguous_card(text, [card.id for card in found])
        if not found:
            asked = f" that is asked as {variant}" if variant and at_number else ""
            raise UsageError(f"'{deck}' has no card {number}{asked}", hint=f"studycli cards '{deck}' lists them")
        return found[0]

    def _add_source(self, name: str) -> None:
        if not self._is_on(name):
            origin = (self.settings.origins or {}).get("bundled")
            raise UsageError("the bundled documents are switched off", where=origin, hint="set 'bundled' to true")
        with self.repository.library() as library:
            library.add_source(name)

    def _is_on(self, source: str) -> bool:
        return source != BUNDLED or self.settings.bundled

    def _note(self, path: str, severity: Severity, message: str, hint: str) -> None:
        problem = Problem(severity=severity, line=0, message=message, hint=hint)
        self._report(SourceProblem(path=path, problem=problem))

    def _report(self, problem: SourceProblem) -> None:
        self.problems.append(problem)
        if self._tell is not None:
            self._tell(problem)


def _source_name(name: str, *, must_exist: bool = True) -> str:
    """The name under which a source is kept. Raises UsageError where there is no such file or folder."""
    if name == BUNDLED:
        return name
    path = Path(name).expanduser()
    if must_exist or not name.strip():
        folder.require_source(name)
    return str(path.resolve())
