"""Cloze and reversed cards in an Anki package, proven by importing them with Anki's own package."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest
from anki.notes import Note

from studycli.documents import variants
from studycli.exchange import anki, cloze, note
from studycli.model.card import Card
from studycli.model.review import StudyCard
from tests.export_cards import study_card

MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
TUESDAY = datetime(2026, 3, 3, 12, tzinfo=UTC)
Importer = Callable[..., dict[str, Note]]
SENTENCE = "The {{c1::query}} meets the {{c2::key::with q}}."


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[Collection]:
    opened = Collection(str(tmp_path / "collection.anki2"))
    yield opened
    opened.close()


@pytest.fixture
def notes_after(collection: Collection, tmp_path: Path) -> Importer:
    """Export cards, import the package as Anki does by itself, and give all notes by their GUID."""

    def run(cards: list[StudyCard], at: datetime = MONDAY, scheduling: bool = False) -> dict[str, Note]:
        path = tmp_path / "cards.apkg"
        path.write_bytes(anki.package(cards, at)[0])
        options = ImportAnkiPackageOptions(with_scheduling=scheduling)
        collection.import_anki_package(ImportAnkiPackageRequest(package_path=str(path), options=options))
        found = [collection.get_note(each) for each in collection.find_notes("")]
        return {each.guid: each for each in found}

    return run


def asked(front: str, back: str = "", number: int = 1, **values: object) -> list[StudyCard]:
    """The study cards of one card of a document; the first has the id that a plain card of this number has."""
    first = study_card(number=number)
    own = {key: values.pop(key) for key in tuple(values) if key in StudyCard.model_fields}
    card = Card(number=number, front=front, back=back, line=number * 10, **values)
    ids = [first.id, *(f"{first.id[:-2]}{place:02d}" for place in range(1, 60))]
    return [
        first.model_copy(update={"id": card_id, "card": each, **own})
        for card_id, each in zip(ids, variants.expand(card), strict=False)
    ]


def questions(each: Note) -> list[str]:
    return [card.question() for card in each.cards()]


def test_a_cloze_card_becomes_one_note_with_a_card_of_each_number(
    collection: Collection, notes_after: Importer
) -> None:
    cards = asked(SENTENCE, "A *dot* product.", concept="Attention")
    found = notes_after([*cards, study_card(number=2)])
    assert sorted(found) == sorted([cloze.guid(cards[0].id), study_card(number=2).id])
    only = found[cloze.guid(cards[0].id)]
    kind = only.note_type()
    assert kind is not None
    assert (kind["id"], kind["name"], kind["type"]) == (anki.CLOZE_TYPE_ID, "studycli cloze", 1)
    assert list(only.keys()) == list(note.FIELDS)
    assert only["Front"] == "<p>The {{c1::query}} meets the {{c2::key::with q}}.</p>"
    assert only["Back"] == "<p>A <em>dot</em> product.</p>"
    assert only["Concept"] == "Attention"
    assert only["Card ID"] == cards[0].id
    assert [card.ord for card in only.cards()] == [0, 1]
    first, second = questions(only)
    assert ">[...]</span> meets the <span" in first
    assert ">key</span>" in first
    assert ">query</span>" in second
    assert ">[with q]</span>" in second
    assert "dot" not in first + second
    answer = only.cards()[0].answer()
    assert ">query</span>" in answer
    assert "<em>dot</em>" in answer


@pytest.mark.parametrize(
    ("front", "field", "hidden"),
    [
        ("`{{c1::code}}` {{c2::x}}", "<code>&#123;&#123;c1&#58;&#58;code&#125;&#125;</code> {{c2::x}}", ["x"]),
        ("{{c1::`std::sort`}}", "{{c1::<code>std&#58;&#58;sort</code>}}", ["std"]),
        (r"\({{c1::\frac{a}{b}}}\)", r"\({{c1::\frac{a}{b&#125;}}\)", ["frac"]),
        (r"{{c1::\(\frac{a}{\sqrt{b}}\)}}", r"{{c1::\(\frac{a}{\sqrt{b&#125;&#125;\)}}", ["frac"]),
        ("$x = \\text{a:{{c1::b}}}$", r"\(x = \text{a:{{c1::b}}}\)", ["b"]),
        ("{{c1::a {{c2::b}} c}}", "{{c1::a {{c2::b}} c}}", ["a ", "b"]),
        ("{{c1::**x** <i>}}", "{{c1::<strong>x</strong> &lt;i&gt;}}", ["<strong>"]),
        ("{{c0::no}} {{c3::yes}}", "&#123;&#123;c0&#58;&#58;no&#125;&#125; {{c3::yes}}", ["yes"]),
    ],
)
def test_the_text_keeps_its_clozes_and_gains_none(
    notes_after: Importer, front: str, field: str, hidden: list[str]
) -> None:
    cards = asked(front)
    (only,) = notes_after(cards).values()
    assert only["Front"] == f"<p>{field}</p>"
    assert [card.ord + 1 for card in only.cards()] == [variants.number_of(item.card) for item in cards]
    for question, word in zip(questions(only), hidden, strict=True):
        shown = question.split('<div class="side">')[1]
        assert "[...]" in shown
        assert word not in shown.replace('data-cloze="', "").split("[...]")[1]


def test_signs_beside_the_marks_are_not_taken_for_them() -> None:
    assert cloze.field("{ {{{c1::x:::}}}") == "<p>{ &#123;{{c1::x::&#58;}}}</p>"


def test_an_edit_keeps_the_progress_and_another_cloze_adds_a_card(
    collection: Collection, notes_after: Importer
) -> None:
    cards = asked(SENTENCE)
    notes_after(cards)
    collection.decks.select(collection.decks.id_for_name("Attention"))
    studied = collection.sched.getCard()
    assert studied is not None
    collection.sched.answerCard(studied, 4)
    edited = asked("Each {{c1::query}} meets every {{c2::key}}, and takes its {{c3::value}}.")
    (only,) = notes_after(edited, TUESDAY).values()
    assert only["Front"].startswith("<p>Each {{c1::query}}")
    assert [card.ord for card in only.cards()] == [0, 1, 2]
    assert [card.reps for card in only.cards()] == [1, 0, 0]
    assert only.cards()[0].id == studied.id


def test_a_plain_card_that_gets_clozes_leaves_its_note_and_brings_a_new_one(
    collection: Collection, notes_after: Importer
) -> None:
    plain = study_card("What meets the key?", "The query.")
    notes_after([plain])
    collection.decks.select(collection.decks.id_for_name("Attention"))
    studied = collection.sched.getCard()
    assert studied is not None
    collection.sched.answerCard(studied, 4)
    cards = asked(SENTENCE)
    assert cards[0].id == plain.id
    found = notes_after(cards, TUESDAY)
    assert [card.reps for card in found[plain.id].cards()] == [1]
    assert len(found[cloze.guid(plain.id)].cards()) == 2


def test_under_the_old_guid_anki_would_leave_the_clozes_out(
    collection: Collection, notes_after: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloze, "guid", lambda card_id: card_id)
    notes_after([study_card("What meets the key?", "The query.")])
    found = notes_after(asked(SENTENCE), TUESDAY)
    assert [each["Front"] for each in found.values()] == ["<p>What meets the key?</p>"]


def test_a_reversed_card_is_two_notes_and_the_first_is_the_plain_cards(
    collection: Collection, notes_after: Importer
) -> None:
    plain = study_card("query", "looks")
    notes_after([plain])
    collection.decks.select(collection.decks.id_for_name("Attention"))
    studied = collection.sched.getCard()
    assert studied is not None
    collection.sched.answerCard(studied, 4)
    both = asked("query", "looks", reversed=True, concept="Query")
    found = notes_after(both, TUESDAY)
    forward, reverse = (found[item.id] for item in both)
    assert (forward.id, forward.cards()[0].reps) == (studied.nid, 1)
    assert (reverse["Front"], reverse["Back"], reverse["Concept"]) == ("<p>looks</p>", "<p>query</p>", "")
    assert reverse.cards()[0].reps == 0


def test_each_cloze_is_suspended_and_flagged_by_itself(notes_after: Importer) -> None:
    first, second = asked(SENTENCE)
    second = second.model_copy(update={"suspended": True, "flagged": True})
    (only,) = notes_after([first, second], scheduling=True).values()
    assert [card.queue for card in only.cards()] == [0, -1]
    assert [card.flags for card in only.cards()] == [0, 1]


def test_the_type_is_stable_for_ever() -> None:
    assert anki.CLOZE_TYPE_ID == 1_754_023_906_418
    assert cloze.guid("00000000-0000-0000-0000-000000000001") == "7babe0a6-ea8a-547f-b4f6-843e0061030a"
