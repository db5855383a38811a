"""What changed on disk: the files of all sources against what the store saw last."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from studycli import __version__, paths
from studycli.documents import folder
from studycli.documents.check import as_problem
from studycli.documents.load import Document, kind_of
from studycli.errors import DocumentError
from studycli.model.deck import Deck
from studycli.model.library import SourceProblem
from studycli.model.problem import Problem, Severity
from studycli.store.library import DocumentRow

BUNDLED = "bundled"
UNREADABLE = "unreadable"
Loader = Callable[[Path], Document]

_SETTLED_NS = 2_000_000_000
"""A file that was read so soon after it changed may have changed again within the same time stamp."""
_KEPT = "its cards stay as they are until then"


def places_of(source: str) -> tuple[Path, ...]:
    """The folders, or the file, that a source's name stands for."""
    return paths.bundled_folders() if source == BUNDLED else (Path(source),)


@dataclass
class Survey:
    """The files of all sources, each with its source; `held` are known documents that can't be looked at now."""

    files: dict[str, str] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    problems: list[SourceProblem] = field(default_factory=list)


@dataclass(frozen=True)
class Reading:
    """A document that is not as the store knows it; `document` is None where it failed, or only its row changed."""

    row: DocumentRow
    document: Document | None = None
    problem: Problem | None = None


def survey(sources: Sequence[str], rows: Mapping[str, DocumentRow]) -> Survey:
    """Look through the sources; `rows` are the known documents by path."""
    found = Survey()
    for source in sources:
        for place in places_of(source):
            listing = folder.documents(place)
            if listing is None:
                _missing(found, source, place, rows)
                continue
            for file in listing.files:
                found.files.setdefault(str(file), source)
            for refused, reason in listing.refused:
                found.held.update(_within(refused, rows))
                found.problems.append(
                    _warning(refused, f"this cannot be read: {reason[:1].lower()}{reason[1:]}", _KEPT)
                )
    return found


def read(path: str, source: str, row: DocumentRow | None, load: Loader) -> Reading | None:
    """The document at `path`, or None where it is as the store knows it in `row`."""
    known = row if row is not None and not row.gone and row.reader == __version__ else None
    try:
        status = Path(path).stat()
        if known and _looks_unchanged(known, status):
            return None if known.source == source else Reading(replace(known, source=source))
        read_at = time.time_ns()
        with Path(path).open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        failure = DocumentError(f"it cannot be read: {error.strerror or error}", where=path, hint="check the file")
        return _failed(_to_retry(replace(row or _blank(path, source), source=source)), as_problem(failure))
    seen = replace(
        row or _blank(path, source),
        source=source,
        sha256=sha256,
        size=status.st_size,
        mtime_ns=status.st_mtime_ns,
        read_at_ns=read_at,
        reader=__version__,
    )
    if known and known.sha256 == sha256:
        same = replace(seen, read_at_ns=known.read_at_ns) == known
        return None if same and read_at - status.st_mtime_ns <= _SETTLED_NS else Reading(seen)
    return _understand(seen, load)


def _looks_unchanged(row: DocumentRow, status: os.stat_result) -> bool:
    same = (row.size, row.mtime_ns) == (status.st_size, status.st_mtime_ns)
    return same and row.read_at_ns - row.mtime_ns > _SETTLED_NS


def problem_of(row: DocumentRow) -> SourceProblem | None:
    """Why a document could not be read the last time."""
    if row.problem is None:
        return None
    return SourceProblem(path=row.path, problem=Problem.model_validate_json(row.problem))


def _understand(row: DocumentRow, load: Loader) -> Reading:
    try:
        document = load(Path(row.path))
    except DocumentError as error:
        return _failed(row, as_problem(error))
    except Exception as error:  # one document must never stop the others, not even by a mistake of ours
        message = f"reading it failed: {type(error).__name__}: {error}"
        hint = f"studycli --debug inspect '{row.path}' shows where; please report it"
        return _failed(_to_retry(row), Problem(severity=Severity.ERROR, line=0, message=message, hint=hint))
    slug = document.slug if isinstance(document, Deck) else row.slug
    return Reading(replace(row, slug=slug, title=document.title, kind=kind_of(document), problem=None), document)


def _failed(row: DocumentRow, problem: Problem) -> Reading:
    return Reading(replace(row, problem=problem.model_dump_json()), problem=problem)


def _to_retry(row: DocumentRow) -> DocumentRow:
    """The row of a document that must be read again next time, whatever its file looks like then."""
    return replace(row, sha256="", mtime_ns=-1)


def _blank(path: str, source: str) -> DocumentRow:
    stem = Path(path).stem
    return DocumentRow(path, source, stem, stem, UNREADABLE, sha256="", size=0, mtime_ns=-1, read_at_ns=0, reader="")


def _missing(found: Survey, source: str, place: Path, rows: Mapping[str, DocumentRow]) -> None:
    if source == BUNDLED:
        found.problems.append(_warning(place, "the bundled documents are not there", "install studycli again"))
    elif str(place) in rows and place.parent.is_dir():
        # One document was deleted or renamed. A folder that is missing may be an unplugged disk instead.
        hint = f"studycli remove '{place}', if that is meant"
        found.problems.append(_warning(place, "this document is no longer there", hint))
        return
    else:
        hint = f"its cards stay as they are; studycli remove '{place}' takes it out"
        found.problems.append(_warning(place, "this source is not there now", hint))
    found.held.update(_within(place, rows))


def _within(place: Path, rows: Mapping[str, DocumentRow]) -> list[str]:
    return [path for path in rows if Path(path).is_relative_to(place)]


def _warning(path: Path, message: str, hint: str) -> SourceProblem:
    return SourceProblem(path=str(path), problem=Problem(severity=Severity.WARNING, line=0, message=message, hint=hint))
