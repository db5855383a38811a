"""Search in a real database: what is found, in which order, and an index that follows every change."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studycli.errors import MissingError, UsageError
from studycli.model.card import Card, CardPart, Difficulty
from studycli.model.concept import Concept, ConceptMap
from studycli.model.review import CardState, Review
from studycli.review.search_query import parse
from studycli.store import connect, migrations
from studycli.store.conditions import Names
from studycli.store.repository import Repository
from tests.search_index import difference, rows
from tests.store_cards import document, update

DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CARDS = [
    Card(
        number=1, front="What does the softmax do?", back="Turns scores into weights.", concept="Softmax",
        difficulty=Difficulty.EASY, cognitive_level="Remember", tags=("easy::x",), demo="softmax",
    ),
    Card(
        number=2, front="What is a mask?", back="Minus infinity before the softmax.", concept="Additive Mask",
        difficulty=Difficulty.HARD, cognitive_level="Apply", critical=True, claims=("sums-to-one",),
        parts=(CardPart(title="Mnemonic", text="A **stencil**.", line=3),),
    ),
    Card(number=3, title="Café", front="Third?", back="Nothing of it.", initial_ease=1.9, difficulty=Difficulty.HARD),
]  # fmt: skip
MAP = ConceptMap(
    path="/x/map.md",
    slug="map",
    title="Map",
    concepts=(
        Concept(id="softmax", name="Softmax", aliases=("normalized exponential",), definition="Weights that sum to 1."),
        Concept(id="mask", name="Mask", definition=None),
    ),
)


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    """Cards 'c1' to 'c3' in 'deck', 'd1' in 'other', and a map."""
    with Repository.open(str(tmp_path / "study.db")) as opened:
        fill(opened)
        yield opened


def fill(repository: Repository) -> None:
    with repository.library() as library:
        library.save_document(document("/x/deck.md"))
        library.save_document(document("/x/map.md", "map"))
        library.save_document(document("/x/other.md", "other"))
        library.save_cards([update(f"c{card.number}", place, card) for place, card in enumerate(CARDS)])
        library.save_cards([update("d1", 0, Card(number=1, front="Elsewhere", back="softmax"), "/x/other.md")])
        library.save_concepts("/x/map.md", MAP)


def found(repository: Repository, text: str, *, limit: int = 50, offset: int = 0, partial: bool = False) -> list[str]:
    """The ids of what is found, in order: cards by id, notes as 'note:TEXT', concepts as 'map/slug'."""
    query = parse(text, partial=partial)
    names = Names(decks={"deck": ("deck",)})
    hits, total = repository.search(query, names, today=DAY, limit=limit, offset=offset)
    if limit == 50 and not offset:
        assert total == len(hits)
    return [
        f"note:{hit.note.text}" if hit.note
        else f"{hit.concept.map}/{hit.concept.slug}" if hit.concept
        else hit.card.id if hit.card else ""
        for hit in hits
    ]  # fmt: skip


def grade(repository: Repository, card_id: str, after: CardState) -> None:
    before = repository.card(card_id, DAY).state
    repository.record(Review(card_id=card_id, reviewed_at=NOW, study_day=DAY, quality=4, before=before, after=after))


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", ["c1", "c2", "c3", "d1"]),
        ("SOFTMAX", ["map/softmax", "c1", "d1", "c2"]),
        ("softmax scores", ["c1"]),
        ('"what is"', ["c2"]),
        ("softmax -minus in:cards", ["c1", "d1"]),
        ("-softmax", ["c3"]),
        ("stencil", ["c2"]),
        ("cafe", ["c3"]),
        ("exponential", ["map/softmax"]),
        ("sum in:concepts", ["map/softmax"]),
        ("in:concepts", ["map/softmax", "map/mask"]),
        ("softmax deck:deck", ["c1", "c2"]),
        ("-deck:deck", ["d1"]),
        ("concept:softmax", ["c1"]),
        ("concept:add", ["c2"]),
        ("tag:easy", ["c1"]),
        ("difficulty:hard", ["c2", "c3"]),
        ("level:apply", ["c2"]),
        ("is:critical", ["c2"]),
        ("-is:critical difficulty:hard", ["c3"]),
        ("has:demo", ["c1"]),
        ("has:claim", ["c2"]),
        ("is:new", ["c1", "c2", "c3", "d1"]),
        ("ease<2", ["c3"]),
        ("reps=0 interval=0 lapses<1", ["c1", "c2", "c3", "d1"]),
        ("is:due", []),
        ("stencil or is:critical or third", ["c2", "c3"]),
        ("scores or stencil", ["c1", "c2"]),
        ("->", []),
        ("softmax ->", ["map/softmax", "c1", "d1", "c2"]),
        ("sof", []),
    ],
)
def test_what_is_found(repository: Repository, text: str, ids: list[str]) -> None:
    assert sorted(found(repository, text)) == sorted(ids)


def test_the_best_come_first(repository: Repository) -> None:
    assert found(repository, "softmax")[0] == "c1"


def test_a_card_that_asks_about_a_thing_comes_before_its_name_on_a_map(repository: Repository) -> None:
    filler = "It takes the scores of each query and gives weights that are positive, however large or small they are. "
    with repository.library() as library:
        cards = [
            Card(number=1, front="What does the normalizer do to scores?", back=filler),
            Card(number=2, front="What comes after the scores?", back=f"{filler}Then the normalizer."),
        ]
        library.save_cards([update(f"n{card.number}", 9 + card.number, card) for card in cards])
        concepts = (*MAP.concepts, Concept(id="n", name="Normalizer", definition="It makes weights of scores."))
        library.save_concepts("/x/map.md", MAP.model_copy(update={"concepts": concepts}))
    assert found(repository, "normalizer") == found(repository, "normalizer", partial=True) == ["n1", "map/n", "n2"]


def save_map(repository: Repository, slug: str, *concepts: Concept) -> None:
    path = f"/x/maps/{slug}.md"
    with repository.library() as library:
        library.save_document(replace(document(path, slug), kind="concept_map"))
        library.save_concepts(path, ConceptMap(path=path, slug=slug, title=slug, concepts=concepts))


def mask(name: str = "Mask", definition: str | None = "Hides what comes.") -> Concept:
    return Concept(id="mask", name=name, definition=definition)


def test_a_concept_of_several_maps_is_found_once(repository: Repository) -> None:
    def others() -> list[tuple[str, int]]:
        hits, total = repository.search(parse("mask in:concepts"), Names(), today=DAY, limit=9)
        assert total == len(hits)
        return sorted((f"{hit.concept.map}/{hit.concept.name}", hit.concept.other_maps) for hit in hits if hit.concept)

    assert others() == [("map/Mask", 0)]
    save_map(repository, "overview", mask(), *(Concept(id=f"c{n}", name=f"Thing {n}") for n in range(9)))
    assert others() == [("overview/Mask", 1)]  # it has a definition
    save_map(repository, "small", mask("MASK"), Concept(id="x", name="Mask Size"))
    assert others() == [("small/MASK", 2), ("small/Mask Size", 0)]  # the smaller map
    save_map(repository, "deck", mask("mask"), *(Concept(id=f"c{n}", name=f"Other {n}") for n in range(20)))
    assert others() == [("deck/mask", 3), ("small/Mask Size", 0)]  # the map of a deck
    with repository.library() as library:
        library.mark_gone(["/x/maps/deck.md", "/x/maps/small.md"], NOW)
    assert others() == [("overview/Mask", 1)]
    assert sorted(found(repository, "in:concepts is:archived")) == [
        *sorted(f"deck/c{n}" for n in range(20)), "deck/mask", "small/x"
    ]  # fmt: skip


def test_pages_of_concepts_of_several_maps(repository: Repository) -> None:
    for number in range(30):
        of_all = mask("Mask" if number % 2 else "masks"), Concept(id="s", name="Softmax")
        save_map(repository, f"m{number}", *of_all, Concept(id="own", name=f"Own {number}"))
    counts = {"in:concepts": 32, "mask or masks or own or softmax": 35, "in:concepts -own": 2, "in:cards or own": 34}
    for text, count in counts.items():
        whole = found(repository, text)
        assert len(whole) == len(set(whole)) == count
        for size in (1, 4, 7):
            pages = [found(repository, text, limit=size, offset=at) for at in range(0, count + size, size)]
            assert [name for page in pages for name in page] == whole


def test_filters_alone_find_in_document_order(repository: Repository) -> None:
    assert found(repository, "") == ["c1", "c2", "c3", "d1"]
    assert found(repository, "-is:critical") == ["c1", "c3", "d1"]
    assert found(repository, "in:concepts") == ["map/softmax", "map/mask"]


def test_the_last_word_may_go_on(repository: Repository) -> None:
    assert found(repository, "third", partial=True) == found(repository, "thi", partial=True) == ["c3"]


def test_pages(repository: Repository) -> None:
    for text in ("", "softmax", "in:concepts", "difficulty:hard"):
        whole = found(repository, text)
        paged = [name for at in range(len(whole)) for name in found(repository, text, limit=1, offset=at)]
        assert paged == whole
        assert found(repository, text, limit=2, offset=len(whole)) == []
        assert found(repository, text, limit=2, offset=1) == whole[1:3]


def test_where_a_card_stands(repository: Repository) -> None:
    grade(repository, "c1", CardState(repetitions=2, interval_days=30, ease_factor=1.8, due=date(2026, 4, 1), lapses=4))
    grade(repository, "c2", CardState(repetitions=0, interval_days=1, ease_factor=2.5, due=DAY, lapses=1))
    told = {
        text: found(repository, text)
        for text in ("is:new", "is:due", "is:learning", "is:review", "ease<2", "interval>=21", "lapses>3", "due<=30",
                     "due<2026-03-03", "due=0", "reps>0", "-due<=7")
    }  # fmt: skip
    assert told == {
        "is:new": ["c3", "d1"],
        "is:due": ["c2"],
        "is:learning": ["c2"],
        "is:review": ["c1"],
        "ease<2": ["c1", "c3"],
        "interval>=21": ["c1"],
        "lapses>3": ["c1"],
        "due<=30": ["c1", "c2"],
        "due<2026-03-03": ["c2"],
        "due=0": ["c2"],
        "reps>0": ["c1"],
        "-due<=7": ["c1", "c3", "d1"],
    }


def test_a_grade_leaves_the_index_alone(repository: Repository) -> None:
    before = rows(repository.path, "SELECT id, block FROM search_data ORDER BY id")
    grade(repository, "c1", CardState(repetitions=1, interval_days=1, due=DAY))
    assert rows(repository.path, "SELECT id, block FROM search_data ORDER BY id") == before


def test_set_aside_flagged_and_archived(repository: Repository) -> None:
    repository.suspend("c1")
    repository.bury("c2", DAY)
    repository.flag("c3")
    with repository.library() as library:
        library.mark_gone(["/x/other.md"], NOW)
    told = {
        name: found(repository, f"is:{name}") for name in ("suspended", "buried", "flagged", "archived", "new", "due")
    }
    assert told == {
        "suspended": ["c1"],
        "buried": ["c2"],
        "flagged": ["c3"],
        "archived": ["d1"],
        "new": ["c3"],
        "due": [],
    }
    assert found(repository, "") == ["c1", "c2", "c3"]
    assert found(repository, "elsewhere") == []
    assert found(repository, "elsewhere is:archived") == ["d1"]
    with repository.library() as library:
        library.archive(["c3"], NOW)
        library.mark_gone(["/x/map.md"], NOW)
    assert found(repository, "") == ["c1", "c2"]
    assert found(repository, "is:archived") == ["c3", "d1"]
    assert found(repository, "in:concepts") == []


def test_what_is_set_aside_is_not_due(repository: Repository) -> None:
    for card_id in ("c1", "c2", "c3"):
        grade(repository, card_id, CardState(repetitions=1, interval_days=1, due=DAY))
    repository.suspend("c1")
    repository.bury("c2", DAY)
    assert found(repository, "is:due") == found(repository, "is:review") == ["c3"]


def test_notes(repository: Repository) -> None:
    repository.save_note("Remember the *turnstile*.", card_id="c2", at=NOW)
    repository.save_note("A turnstile again", concept="Softmax", at=NOW)
    assert sorted(found(repository, "turnstile")) == ["note:A turnstile again", "note:Remember the *turnstile*."]
    assert found(repository, "turnstile difficulty:hard") == ["note:Remember the *turnstile*."]
    assert found(repository, "in:notes") == ["note:Remember the *turnstile*.", "note:A turnstile again"]
    assert found(repository, "has:note") == ["c2"]
    assert found(repository, "turnstile in:cards") == []
    repository.save_note("Something else", card_id="c2", at=NOW)
    assert found(repository, "turnstile") == ["note:A turnstile again"]
    repository.save_note("", concept="Softmax", at=NOW)
    assert found(repository, "turnstile") == []
    assert found(repository, "else") == ["note:Something else"]
    assert difference(repository.path) == set()


def test_the_index_follows_every_change(repository: Repository) -> None:
    assert difference(repository.path) == set()
    edited = CARDS[0].model_copy(update={"back": "A gate.", "difficulty": Difficulty.HARD})
    with repository.library() as library:
        library.save_cards([update("c1", 5, edited), update("n1", 6, Card(number=9, front="New gate", back="x"))])
    assert found(repository, "scores") == []
    assert sorted(found(repository, "gate")) == ["c1", "n1"]
    assert found(repository, "difficulty:hard") == ["c2", "c3", "c1"]
    with repository.library() as library:
        library.save_cards([update("c1", 0, edited, "/x/other.md")])
        library.save_document(document("/x/deck.md", "renamed"))
    assert found(repository, "renamed", limit=9) == found(repository, "renamed") != []
    assert "c1" not in found(repository, "renamed")
    with repository.library() as library:
        library.save_concepts("/x/map.md", MAP.model_copy(update={"concepts": MAP.concepts[1:]}))
    assert found(repository, "in:concepts") == ["map/mask"]
    with repository.library() as library:
        library.save_concepts("/x/map.md", None)
    assert found(repository, "in:concepts") == []
    rows(repository.path, "DELETE FROM cards WHERE id = 'n1'")
    rows(repository.path, "DELETE FROM states")
    assert found(repository, "gate") == ["c1"]
    assert difference(repository.path) == set()


def test_what_is_rolled_back_leaves_nothing(repository: Repository) -> None:
    with repository.library(keep=False) as library:
        library.save_cards([update("n1", 6, Card(number=9, front="Phantom", back="x"))])
    assert found(repository, "phantom") == []
    assert difference(repository.path) == set()


def test_an_older_database_is_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "study.db"
    with Repository.open(str(path)) as repository:
        fill(repository)
        grade(repository, "c1", CardState(repetitions=1, interval_days=6, ease_factor=1.5, due=DAY, lapses=2))
        repository.save_note("turnstile", card_id="c2", at=NOW)
    _undo_search(path)
    with Repository.open(str(path)) as repository:
        assert sorted(found(repository, "softmax")) == ["c1", "c2", "d1"]
        assert found(repository, "turnstile deck:deck") == ["note:turnstile"]
        assert found(repository, "is:due ease<2 lapses=2") == ["c1"]
        assert difference(path) == set()
        with repository.shelf() as library:
            readers = {row.slug: row.reader for row in library.documents()}
    assert readers == {"deck": "0", "other": "0", "map": ""}


def _undo_search(path: Path) -> None:
    """Take the database back to the revision before search; its documents are called what they were."""
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE documents SET kind = 'concept_map' WHERE slug = 'map'")
        names = connection.execute("SELECT type, name FROM sqlite_master WHERE name LIKE 'search%'").fetchall()
        for kind in ("trigger", "view"):
            for name in [name for found_kind, name in names if found_kind == kind]:
                connection.execute(f"DROP {kind} {name}")
        for table in ("search", "search_entries", "concepts"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("DROP INDEX ix_cards_place")
        connection.execute("CREATE INDEX ix_cards_document_id ON cards (document_id)")
        before = migrations.REVISIONS[migrations.REVISIONS.index("0003") - 1]
        connection.execute("UPDATE alembic_version SET version_num = ?", (before,))
    connection.close()


def test_long_pages_are_read(tmp_path: Path) -> None:
    with Repository.open(str(tmp_path / "a.db")) as repository:
        with repository.library() as library:
            library.save_document(document("/x/deck.md"))
            cards = [Card(number=number, front=f"f{number}", back="same") for number in range(1, 1203)]
            library.save_cards([update(f"{card.number:04}", place, card) for place, card in enumerate(cards)])
        hits, total = repository.search(parse("same"), Names(), today=DAY, limit=10**6)
        assert (len(hits), total) == (1202, 1202)
        assert {hit.card.id for hit in hits if hit.card} == {f"{card.number:04}" for card in cards}


def test_a_missing_text_index_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="FTS5") as caught, connect.explained(tmp_path / "a.db"):
        raise sqlite3.OperationalError("no such module: fts5")
    assert caught.value.hint


_PIECES = st.sampled_from(
    ['"', "-", "or", "AND", "NEAR(", ")", "*", "^", "softmax", "is:due", "-in:notes", "ease<2", "due>1", "concept:",
     "tag:x", "title:", "has:note", "level:apply", "{", "+", "'", ";", "\\", "\0", "\ud800", "é", "变", "ſ", "𝔸", "-\""]
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(st.text(max_size=40) | st.lists(_PIECES, max_size=12).map(" ".join) | st.lists(_PIECES, max_size=6).map("".join))
def test_no_text_is_an_error_of_the_index(repository: Repository, text: str) -> None:
    for partial in (False, True):
        try:
            query = parse(text, partial=partial)
        except UsageError:
            continue
        hits, total = repository.search(query, Names(), today=DAY, limit=3)
        assert len(hits) == min(total, 3)
