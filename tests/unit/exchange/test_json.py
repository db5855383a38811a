"""JSON: out and back in."""

import json as stdlib_json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studycli.errors import ExportError
from studycli.exchange import json
from studycli.model.card import Card, CardPart, Difficulty
from studycli.model.note import Note
from studycli.model.review import CardState, Review, ReviewKind, StudyCard
from tests.export_cards import study_card

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
INSTANTS = st.datetimes(timezones=st.just(UTC))
EASE = st.floats(1.3, 10)
COUNT = st.integers(0, 40_000)
STATES = st.builds(
    CardState, repetitions=COUNT, interval_days=COUNT, ease_factor=EASE, due=st.none() | st.dates(), lapses=COUNT
)
PARTS = st.lists(st.builds(CardPart, title=TEXT, text=TEXT, line=COUNT), max_size=2).map(tuple)
CARDS = st.builds(
    Card, number=COUNT, title=TEXT, difficulty=st.none() | st.sampled_from(Difficulty), concept=st.none() | TEXT,
    front=TEXT, back=TEXT, parts=PARTS, critical=st.booleans(), brief_front=st.none() | TEXT,
    tags=st.lists(TEXT, max_size=2).map(tuple), initial_ease=EASE, after=st.lists(COUNT, max_size=2).map(tuple),
    fields=st.dictionaries(TEXT, TEXT, max_size=2), explicit_id=st.none() | TEXT,
)  # fmt: skip
STUDY_CARDS = st.builds(
    StudyCard, id=st.uuids().map(str), deck=TEXT, deck_title=TEXT, path=TEXT, card=CARDS, state=STATES,
    suspended=st.booleans(), archived=st.booleans(), pending_repeat=st.booleans(), answered_well=st.booleans(),
    flagged=st.booleans(), buried=st.booleans(),
)  # fmt: skip
REVIEWS = st.builds(
    Review, id=st.none() | COUNT, card_id=TEXT, kind=st.sampled_from(ReviewKind), reviewed_at=INSTANTS,
    study_day=st.dates(), quality=st.none() | st.integers(0, 5), seconds=st.floats(0, 1e6), before=STATES,
    after=STATES, undoes=st.none() | COUNT,
)  # fmt: skip
NOTES = st.builds(Note, text=TEXT, created_at=INSTANTS, updated_at=INSTANTS)


@given(
    st.lists(st.tuples(STUDY_CARDS, st.lists(REVIEWS, max_size=2)), max_size=3, unique_by=lambda row: row[0].id),
    st.lists(NOTES, max_size=3),
    st.lists(st.tuples(TEXT, NOTES), max_size=2),
    INSTANTS,
)
def test_what_is_written_is_read_back(
    rows: list[tuple[StudyCard, list[Review]]],
    on_cards: list[Note],
    on_concepts: list[tuple[str, Note]],
    at: datetime,
) -> None:
    history = {
        item.id: tuple(review.model_copy(update={"card_id": item.id}) for review in reviews)
        for item, reviews in rows
        if reviews
    }
    noted = zip(rows, on_cards, strict=False)
    notes = {item.id: note.model_copy(update={"card_id": item.id}) for (item, _), note in noted}
    concepts = tuple(note.model_copy(update={"concept": name}) for name, note in on_concepts)
    data = json.write([item for item, _ in rows], at, history, [*notes.values(), *concepts])
    cards = tuple(item for item, _ in rows)
    assert json.read(data) == json.Exported(
        exported_at=at, cards=cards, history=history, notes=notes, concept_notes=concepts
    )


def test_a_card_has_the_keys_of_the_cards_command() -> None:
    state = CardState(repetitions=1, interval_days=1, due=date(2026, 3, 3))
    item = study_card("F", "B", state=state, difficulty=Difficulty.EASY)
    review = Review(
        card_id=item.id, reviewed_at=AT, study_day=date(2026, 3, 2), quality=4, before=CardState(), after=state
    )
    document = stdlib_json.loads(json.write([item], AT, {item.id: [review]}))
    card = document["cards"][0]
    assert (document["format"], document["version"]) == ("studycli", 2)
    assert (card["id"], card["deck"], card["number"], card["front"]) == (item.id, "attention", 1, "F")
    assert card["initial_interval_days"] == 1
    assert card["state"] == {
        "repetitions": 1, "interval_days": 1, "ease_factor": 2.5, "due": "2026-03-03", "lapses": 0, "status": "review"
    }  # fmt: skip
    assert [(row["quality"], row["after"]["due"]) for row in card["history"]] == [(4, "2026-03-03")]
    assert (card["note"], card["flagged"], document["concept_notes"]) == (None, False, [])


def test_notes_are_with_their_cards_and_concepts() -> None:
    item = study_card()
    times = {"created_at": AT, "updated_at": AT}
    notes = [
        Note(id=3, card_id=item.id, text="**mine**", **times),
        Note(id=4, card_id="of a card that is not exported", text="x", **times),
        Note(id=5, concept="Self-Attention", text="=1+1", **times),
    ]
    document = stdlib_json.loads(json.write([item], AT, notes=notes))
    moment = {"created_at": "2026-03-02T12:00:00Z", "updated_at": "2026-03-02T12:00:00Z"}
    assert document["cards"][0]["note"] == {"text": "**mine**", **moment}
    assert document["concept_notes"] == [{"concept": "Self-Attention", "text": "=1+1", **moment}]
    assert "not exported" not in str(document)


def test_an_export_of_the_first_version_is_read() -> None:
    document = stdlib_json.loads(json.write([study_card()], AT))
    del document["concept_notes"]
    for key in ("note", "flagged", "buried"):
        del document["cards"][0][key]
    found = json.read(stdlib_json.dumps(document | {"version": 1}))
    assert found == json.Exported(exported_at=AT, cards=(study_card(),))


def test_no_key_of_a_card_hides_one_of_its_study_state() -> None:
    assert not set(Card.model_fields) & (set(StudyCard.model_fields) | {"history", "note"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "file.json:1:1: this is not JSON"),
        ('{\n "a": ]', "file.json:2:7: this is not JSON"),
        ("[" * 100_000, "file.json: this cannot be read as JSON"),
        (b"\xff\xfe\xfa", "file.json: this cannot be read as JSON"),
        ("9" * 10_000, "file.json: this cannot be read as JSON"),
        ("[]", "file.json: this is no export of studycli"),
        ('{"format": "anki", "version": 1}', "file.json: this is no export of studycli"),
        ('{"format": "studycli", "version": 3}', "file.json: this export has version 3"),
        ('{"format": "studycli", "version": 0}', "file.json: this export has version 0"),
        ('{"format": "studycli", "version": true}', "file.json: this export has version True"),
        ('{"format": "studycli"}', "file.json: this export has version None"),
        ('{"format": "studycli", "version": 1}', "exported_at: "),
        ('{"format": "studycli", "version": 1, "exported_at": "2026-03-02T12:00:00Z"}', "cards: "),
        ('{"format": "studycli", "version": 1, "exported_at": "2026-03-02T12:00:00Z", "cards": [1]}', "cards.0: "),
        ('{"format": "studycli", "version": 1, "exported_at": "2026-03-02T12:00:00Z", "cards": [{}]}', "cards.0.id: "),
    ],
)
def test_a_bad_file_is_an_error_with_its_place(text: str | bytes, message: str) -> None:
    with pytest.raises(ExportError) as caught:
        json.read(text, "file.json")
    assert message in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda card: card.pop("front"), "cards.0.card.front"),
        (lambda card: card.update(surprise=1), "cards.0.surprise"),
        (lambda card: card["state"].update(lapses="many"), "cards.0.state.lapses"),
        (lambda card: card.update(history=[{}]), "history."),
        (lambda card: card.update(note="mine"), "notes."),
        (lambda card: card.update(note={"text": "mine"}), "notes.*created_at"),
        (lambda card: card.update(state=3), "cards.0.state"),
    ],
)
def test_a_changed_card_is_an_error_that_names_the_field(change, place: str) -> None:
    document = stdlib_json.loads(json.write([study_card()], AT))
    change(document["cards"][0])
    with pytest.raises(ExportError, match=place):
        json.read(stdlib_json.dumps(document))
