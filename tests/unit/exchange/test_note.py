"""Cards as Anki notes: fields, tags, deck names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studycli.exchange import note
from studycli.exchange.form import Form
from studycli.model.card import CardPart, Difficulty
from tests.export_cards import study_card


def fields(item) -> dict[str, str]:
    return dict(zip(note.FIELDS, note.from_cards([item])[0].fields, strict=True))


def test_the_fields_of_the_note_type_never_change() -> None:
    assert note.FIELDS[:7] == ("Front", "Back", "Concept", "Difficulty", "Cognitive Level", "Source", "Mnemonic")
    assert note.FIELDS[7:12] == ("Notes", "Critical", "Related Concepts", "Document", "Card ID")
    assert note.FIELDS[12:] == ("Spare 1", "Spare 2", "Spare 3", "Spare 4", "Spare 5", "Spare 6")


def test_each_field_holds_its_part_of_the_card() -> None:
    item = study_card(
        "*Q*", "A", concept="Q<K", difficulty=Difficulty.HARD, cognitive_level="Apply", source_section="Part 1",
        parts=(CardPart(title="Mnemonic", text="**m**", line=1), CardPart(title="Key <Insight>", text="k", line=2)),
        critical=True, related_concepts=("a", "b"),
    )  # fmt: skip
    found = {name: value for name, value in fields(item).items() if value}
    assert found == {
        "Front": "<p><em>Q</em></p>",
        "Back": "<p>A</p>",
        "Concept": "Q&lt;K",
        "Difficulty": "Hard",
        "Cognitive Level": "Apply",
        "Source": "Part 1",
        "Mnemonic": "<p><strong>m</strong></p>",
        "Notes": "<h4>Key &lt;Insight&gt;</h4>\n<p>k</p>",
        "Critical": "Yes",
        "Related Concepts": "a, b",
        "Document": "Attention",
        "Card ID": item.id,
    }


def test_the_guid_is_the_card_id_whatever_its_text() -> None:
    one, other = note.from_cards([study_card("a")])[0], note.from_cards([study_card("b", "c", concept="d")])[0]
    assert one.guid == other.guid == study_card().id


def test_a_card_without_a_question_has_no_note() -> None:
    cards = [
        study_card(""),
        study_card(" \n"),
        study_card("<!-- nothing -->"),
        study_card("[x]: https://e.org"),
        study_card("Q", number=2),
    ]
    assert [each.guid for each in note.from_cards(cards)] == [cards[-1].id]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"tags": ("easy::attention::transformer", "b")}, ("easy::attention::transformer", "b")),
        ({"tags": ("two words", 'a"b', "::a::::b::", "=1+1", "c\u3000d")}, ("two-words", "a-b", "a::b", "1+1", "c-d")),
        ({"difficulty": Difficulty.EASY, "concept": "Self (scaled)"}, ("easy::self-scaled::attention",)),
        ({"concept": "Größe"}, ("größe::attention",)),
        ({"difficulty": Difficulty.HARD}, ("hard::attention",)),
        ({"tags": (" ", "::")}, ("attention",)),
    ],
)  # fmt: skip
def test_tags(values: dict, expected: tuple[str, ...]) -> None:
    assert note.tags(study_card(**values)) == expected


@given(st.lists(st.text(max_size=12), max_size=4), st.text(max_size=12), st.text(max_size=8))
def test_no_tag_holds_what_anki_refuses(tags: list[str], concept: str, deck: str) -> None:
    for tag in note.tags(study_card(tags=tuple(tags), concept=concept, deck=deck)):
        assert tag
        assert not any(c.isspace() or c == '"' for c in tag)
        assert "::::" not in tag
        assert tag[0] not in "=+-@:"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Attention: the basics", "Attention: the basics"),
        ("Part 1::Part 2", "Part 1: Part 2"),
        ("  =1+1\n ", "1+1"),
        ('The "best"', "The 'best'"),
        ("2026", "Deck 2026"),
        ("", "attention"),
        ("::", "attention"),
    ],
)
def test_deck_names(title: str, name: str) -> None:
    assert note.deck_names([study_card(deck_title=title)]) == {"attention": name}


def test_two_decks_with_one_title_stay_two() -> None:
    cards = [
        study_card(deck="a", deck_title="Title"),
        study_card(deck="b", deck_title="title"),
        study_card(deck="c", deck_title="C"),
    ]
    assert note.deck_names(cards) == {"a": "Title (a)", "b": "title (b)", "c": "C"}


def test_the_brief_form_replaces_both_sides_where_there_is_one() -> None:
    cards = [study_card("F", "B", 1, brief_front="f", brief_back="b"), study_card("F", "B", 2, brief_front="f")]
    found = [each.fields[:2] for each in note.from_cards(cards, Form.BRIEF)]
    assert found == [("<p>f</p>", "<p>b</p>"), ("<p>F</p>", "<p>B</p>")]
