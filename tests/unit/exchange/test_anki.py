"""Anki packages, proven by importing them with Anki's own package."""

import io
import re
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest, ImportLogWithChanges
from anki.notes import Note

from studycli.exchange import anki, note
from studycli.model.card import CardPart, Difficulty
from studycli.model.review import StudyCard
from tests.export_cards import study_card

MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
TUESDAY = datetime(2026, 3, 3, 12, tzinfo=UTC)
MUCH_LATER = datetime(2099, 3, 3, 12, tzinfo=UTC)
Importer = Callable[..., ImportLogWithChanges.Log]


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[Collection]:
    opened = Collection(str(tmp_path / "collection.anki2"))
    yield opened
    opened.close()


@pytest.fixture
def import_cards(collection: Collection, tmp_path: Path) -> Importer:
    """Export cards and import the package as Anki does without a change of its settings: newer notes are updated."""

    def run(
        cards: list[StudyCard],
        at: datetime = MONDAY,
        scheduling: bool = False,
        written: dict[str, str] | None = None,
    ) -> ImportLogWithChanges.Log:
        path = tmp_path / "cards.apkg"
        path.write_bytes(anki.package(cards, at, written)[0])
        options = ImportAnkiPackageOptions(with_scheduling=scheduling)
        return collection.import_anki_package(ImportAnkiPackageRequest(package_path=str(path), options=options)).log

    return run


def notes(collection: Collection) -> dict[str, Note]:
    found = [collection.get_note(each) for each in collection.find_notes("")]
    return {each.guid: each for each in found}


def deck_of(collection: Collection, each: Note) -> str:
    return collection.decks.name(each.cards()[0].did)


def test_every_card_becomes_a_note_with_its_fields_tags_and_deck(
    collection: Collection, import_cards: Importer
) -> None:
    cards = [
        study_card(
            "What is `a<b`, \\(x\\)?", "| a |\n|---|\n| **b** |\n\n```\n┌─┐\n```\n[sound:x.mp3]", 1,
            concept="Self-Attention", difficulty=Difficulty.EASY, cognitive_level="Remember", source_section="Part 1",
            parts=(CardPart(title="Mnemonic", text="m", line=1), CardPart(title="Key Insight", text="k", line=2)),
        ),
        study_card("{{c1::x}} {{Front}} <b>", "[latex]x[/latex]", 2, tags=("two words", "b")),
        study_card("other", deck="masks", deck_title="Masks::and more", number=3),
    ]  # fmt: skip
    log = import_cards(cards)
    assert len(log.new) == 3
    found = notes(collection)
    for item, expected in zip(cards, note.from_cards(cards), strict=True):
        assert list(found[item.id].keys()) == list(note.FIELDS)
        assert tuple(found[item.id].fields) == expected.fields
        assert len(found[item.id].cards()) == 1
    assert found[cards[0].id].tags == ["easy::self-attention::attention"]
    assert sorted(found[cards[1].id].tags) == ["b", "two-words"]
    assert [deck_of(collection, found[item.id]) for item in cards] == ["Attention", "Attention", "Masks: and more"]


def test_the_template_shows_the_fields_and_text_runs_nothing(collection: Collection, import_cards: Importer) -> None:
    hostile = "{{c1::x}} {{Back}} [sound:x.mp3] [latex]x[/latex] <script>alert(1)</script>"
    import_cards([study_card(hostile, "*answer*", concept="Softmax", difficulty=Difficulty.HARD, critical=True)])
    card = next(iter(notes(collection).values())).cards()[0]
    question, answer = card.question(), card.answer()
    assert "{{c1::x}} {{Back}} &#91;sound:x.mp3] &#91;latex]x&#91;/latex] &lt;script&gt;" in question
    assert "<em>answer</em>" not in question
    assert '<span class="level Hard">Hard</span>' in question
    assert "Softmax" in question
    assert "Key knowledge" in question
    assert "<em>answer</em>" in answer
    assert "Mnemonic" not in answer  # an empty part leaves no heading
    assert not card.question_av_tags()
    assert ".nightMode" in question
    assert "{{" not in re.sub(r"\{\{(c1::x|Back)\}\}", "", question + answer)


def test_a_learners_note_is_on_the_back_and_runs_nothing(collection: Collection, import_cards: Importer) -> None:
    hostile = "**mine** {{Front}} [sound:x.mp3] <script>alert(1)</script> ![x](http://x/y.png)"
    cards = [study_card(), study_card(number=2)]
    import_cards(cards, written={cards[0].id: hostile})
    found = notes(collection)
    assert list(found[cards[0].id].keys()) == list(note.FIELDS)
    shown = found[cards[0].id].cards()[0]
    question, answer = shown.question(), shown.answer()
    assert "mine" not in question
    assert "<h4>My note</h4><p><strong>mine</strong> {{Front}} &#91;sound:x.mp3] &lt;script&gt;" in answer
    assert "<img" not in answer and "<script" not in answer
    assert not shown.answer_av_tags()
    assert "My note" not in found[cards[1].id].cards()[0].answer()


def test_a_note_that_is_new_changed_or_gone_updates_ankis(collection: Collection, import_cards: Importer) -> None:
    item = study_card()
    import_cards([item])
    for day, (written, field) in enumerate([({item.id: "a"}, "<p>a</p>"), ({item.id: "b"}, "<p>b</p>"), ({}, "")]):
        log = import_cards([item], TUESDAY + timedelta(days=day), written=written)
        assert (len(log.new), len(log.updated)) == (0, 1)
        assert notes(collection)[item.id]["Spare 1"] == field


def test_flagged_cards_arrive_with_a_red_flag_with_progress(collection: Collection, import_cards: Importer) -> None:
    cards = [study_card(flagged=True), study_card(number=2)]
    import_cards(cards, scheduling=True)
    flags = {guid: each.cards()[0].user_flag() for guid, each in notes(collection).items()}
    assert flags == {cards[0].id: 1, cards[1].id: 0}


def test_an_edited_card_updates_its_note_and_keeps_its_progress(collection: Collection, import_cards: Importer) -> None:
    import_cards([study_card("old front", "old back"), study_card("other", number=2)])
    collection.decks.select(collection.decks.id_for_name("Attention"))
    studied = collection.sched.getCard()
    collection.sched.answerCard(studied, 4)
    before = collection.get_card(studied.id)
    assert (before.reps, before.type, before.queue) == (1, 2, 2)

    log = import_cards([study_card("new front", "new back", concept="New"), study_card("other", number=2)], TUESDAY)
    assert (len(log.new), len(log.updated)) == (0, 2)
    found = notes(collection)
    assert len(found) == 2
    assert found[study_card().id]["Front"] == "<p>new front</p>"
    assert found[study_card().id]["Back"] == "<p>new back</p>"
    assert found[study_card().id]["Concept"] == "New"
    after = collection.get_card(studied.id)
    assert after.nid == found[study_card().id].id
    for name in ("reps", "type", "queue", "ivl", "factor", "due", "did"):
        assert getattr(after, name) == getattr(before, name)


def test_a_new_title_moves_no_note_that_anki_has(collection: Collection, import_cards: Importer) -> None:
    import_cards([study_card(deck_title="Old")])
    import_cards([study_card("edited", deck_title="New")], TUESDAY)
    only = notes(collection)[study_card().id]
    assert only["Front"] == "<p>edited</p>"
    assert deck_of(collection, only) == "Old"


def test_an_earlier_export_changes_nothing(collection: Collection, import_cards: Importer) -> None:
    import_cards([study_card("new")], TUESDAY)
    log = import_cards([study_card("old")], MONDAY)
    assert (len(log.updated), len(log.duplicate)) == (0, 1)
    assert notes(collection)[study_card().id]["Front"] == "<p>new</p>"


def test_a_learners_own_style_stays(collection: Collection, import_cards: Importer) -> None:
    import_cards([study_card()])
    kind = collection.models.get(anki.NOTE_TYPE_ID)
    assert (kind["name"], kind["id"]) == ("studycli", 1_754_023_906_417)
    kind["css"] = ".card { color: red }"
    collection.models.update_dict(kind)
    import_cards([study_card("edited")], MUCH_LATER)
    assert collection.models.get(anki.NOTE_TYPE_ID)["css"] == ".card { color: red }"
    assert notes(collection)[study_card().id]["Front"] == "<p>edited</p>"
    assert len(collection.models.all_names_and_ids()) == len(
        {each.name for each in collection.models.all_names_and_ids()}
    )


def test_new_cards_come_in_the_order_of_the_document(collection: Collection, import_cards: Importer) -> None:
    cards = [study_card(f"card {number}", number=number) for number in (3, 1, 2)]
    import_cards(cards)
    positions = {guid: each.cards()[0].due for guid, each in notes(collection).items()}
    assert [positions[item.id] for item in cards] == [1, 2, 3]


def test_suspended_cards_arrive_suspended_with_progress(collection: Collection, import_cards: Importer) -> None:
    import_cards([study_card(suspended=True), study_card(number=2)], scheduling=True)
    assert {guid: each.cards()[0].queue for guid, each in notes(collection).items()} == {
        study_card().id: -1,
        study_card(number=2).id: 0,
    }


def test_ids_are_stable_for_ever() -> None:
    assert anki.NOTE_TYPE_ID == 1_754_023_906_417
    assert anki.deck_id("transformers") == 1_243_076_337_505
    assert anki.deck_id("attention") == 1_636_997_245_824


def test_deck_ids_look_like_past_milliseconds_and_do_not_meet() -> None:
    ids = {anki.deck_id(f"lesson-{number}") for number in range(10_000)}
    assert len(ids) == 10_000
    assert min(ids) >= 1 << 40
    assert max(ids) < 1_700_000_000_000


def test_the_package_holds_the_deck_id_of_the_slug(tmp_path: Path) -> None:
    data, count = anki.package([study_card(), study_card("")], MONDAY)
    assert count == 1
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert sorted(archive.namelist()) == ["collection.anki2", "media"]
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        archive.extract("collection.anki2", tmp_path)
    connection = sqlite3.connect(tmp_path / "collection.anki2")
    assert {row[0] for row in connection.execute("select did from cards")} == {anki.deck_id("attention")}
    connection.close()


def test_equal_cards_at_one_time_give_equal_bytes() -> None:
    assert anki.package([study_card()], MONDAY) == anki.package([study_card()], MONDAY)
    assert anki.package([study_card()], MONDAY) != anki.package([study_card()], TUESDAY)
