"""The export command, run on a real collection."""

import csv
import json
import stat
from pathlib import Path

import pytest

from studycli.cli.app import main
from studycli.exchange import json as exchange_json

DECK = """# Flashcard Set: Masks

**Total Cards:** 2

## Flashcards

### Card 1 | Easy
**Cognitive Level:** Remember
**Concept:** Causal Mask

**FRONT (Question):**
Which scores does a causal mask hide?

**BACK (Answer):**
Those of **later** tokens.

---

### Card 2 | Hard
**Cognitive Level:** Apply
**Concept:** Padding Mask

**FRONT (Question):**
- Why are padding tokens masked?

**BACK (Answer):**
They stand for nothing.

---

## Export Formats

### CSV Format
```csv
"Front","Back","Difficulty","Concept","Cognitive_Level"
"Which scores does a causal mask hide?","=later ones","Easy","Mask","Remember"
```
"""


@pytest.fixture
def run(capsysbinary: pytest.CaptureFixture[bytes]):
    """Run the program; its exit code, stdout and stderr."""

    def call(*arguments: object) -> tuple[int, bytes, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(each) for each in arguments])
        out, err = capsysbinary.readouterr()
        return int(ended.value.code or 0), out, err.decode()

    return call


@pytest.fixture
def deck(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A document of two cards, the first with a brief form, as the only source."""
    folder = tmp_path / "documents"
    folder.mkdir()
    path = folder / "masks.md"
    path.write_text(DECK, "utf-8")
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    monkeypatch.setenv("STUDYCLI_NOW", "2026-03-02T12:00:00Z")
    monkeypatch.chdir(tmp_path)
    assert run("add", path)[0] == 0
    return path


def test_csv_goes_to_stdout(deck: Path, run) -> None:
    code, out, err = run("export", "csv", deck)
    assert (code, err) == (0, "2 cards\n")
    assert out == (
        b'"Front","Back","Difficulty","Concept","Cognitive_Level","Note"\r\n'
        b'"Which scores does a causal mask hide?","Those of **later** tokens.","Easy","Causal Mask","Remember",""\r\n'
        b'"\'- Why are padding tokens masked?","They stand for nothing.","Hard","Padding Mask","Apply",""\r\n'
    )  # fmt: skip


def test_brief_form_says_how_many_cards_have_none(deck: Path, run) -> None:
    code, out, err = run("export", "csv", deck, "--form", "brief", "-o", "-")
    assert code == 0
    assert err == "1 card without a brief form: taken in full\n2 cards\n"
    assert [row[1] for row in csv.reader(out.decode().splitlines())] == [
        "Back",
        "'=later ones",
        "They stand for nothing.",
    ]


def test_tsv_to_a_file(deck: Path, run, tmp_path: Path) -> None:
    code, out, err = run("export", "tsv", deck, "-o", "notes.txt")
    assert (code, out, err) == (0, b"", "2 notes written to notes.txt\n")
    lines = (tmp_path / "notes.txt").read_text("utf-8").splitlines()
    assert lines[0] == "#separator:tab"
    assert len(lines) == 7 + 2


def test_anki_to_a_file_named_after_the_deck(deck: Path, run, tmp_path: Path) -> None:
    code, out, err = run("export", "anki", deck)
    assert (code, out, err) == (0, b"", "2 notes written to masks.apkg\n")
    assert run("export", "anki", deck)[2] == "2 notes written to masks.apkg, in place of an earlier file\n"
    first = (tmp_path / "masks.apkg").read_bytes()
    assert first.startswith(b"PK")
    assert run("export", "anki", "masks", "--output=again.apkg")[0] == 0
    assert (tmp_path / "again.apkg").read_bytes() == first


def test_decks_of_a_package_are_named(deck: Path, run) -> None:
    other = deck.with_name("gates.md")
    other.write_text(DECK.replace("scores", "gates").replace("tokens", "steps"), "utf-8")
    run("add", other)
    code, _, err = run("export", "anki")
    assert (code, err) == (0, "4 notes of masks, gates written to studycli.apkg\n")


def test_json_holds_states_and_history_and_is_read_back(deck: Path, run) -> None:
    code, out, err = run("export", "json", deck)
    assert (code, err) == (0, "2 cards\n")
    card_id = json.loads(out)["cards"][0]["id"]
    assert run("grade", card_id, "5")[0] == 0
    found = exchange_json.read(run("export", "json", deck)[1])
    assert [item.card.number for item in found.cards] == [1, 2]
    assert found.cards[0].state.repetitions == 1
    assert [review.quality for review in found.history[card_id]] == [5]
    assert list(found.history) == [card_id]


def test_notes_are_in_every_export(deck: Path, run) -> None:
    import csv
    import io
    import zipfile

    run("add", deck)
    assert run("note", "masks:1", "*mine* =1+1")[0] == 0
    assert run("note", "masks:2", "=1+1")[0] == 0
    run("flag", "masks:2")
    found = exchange_json.read(run("export", "json", "masks")[1])
    assert [found.notes[item.id].text for item in found.cards] == ["*mine* =1+1", "=1+1"]
    assert [item.flagged for item in found.cards] == [False, True]
    rows = list(csv.DictReader(io.StringIO(run("export", "csv", "masks")[1].decode())))
    assert [row["Note"] for row in rows] == ["*mine* =1+1", "'=1+1"]
    text = run("export", "tsv", "masks")[1].decode()
    assert [line.split("\t")[-1] for line in text.splitlines()[7:]] == ["<p><em>mine</em> =1+1</p>", "<p>=1+1</p>"]
    run("export", "anki", "masks", "-o", "notes.apkg")
    with zipfile.ZipFile("notes.apkg") as package:
        assert b"<p><em>mine</em> =1+1</p>" in package.read("collection.anki2")


def test_an_old_file_is_replaced(deck: Path, run, tmp_path: Path) -> None:
    old = tmp_path / "cards.json"
    old.write_text("old")
    old.chmod(0o640)
    assert run("export", "json", deck, "-o", old)[0] == 0
    assert json.loads(old.read_bytes())["format"] == "studycli"
    assert stat.S_IMODE(old.stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["anki", "-o", "-"], 2, "an Anki package is no text for stdout"),
        (["anki", "--form", "brief"], 2, "--form means nothing to anki"),
        (["json", "--form", "full"], 2, "--form means nothing to json"),
        (["csv", "-o", ""], 2, "-o needs the name of a file"),
        (["csv", "-o", "missing/cards.csv"], 1, "missing/cards.csv: its folder does not exist"),
        (["csv", "-o", "documents"], 1, "documents: this is a folder"),
        (["csv", "no-such-deck"], 2, "no-such-deck"),
        (["xlsx"], 2, "cards cannot be written as 'xlsx'\n  hint: studycli export FORMAT [DECK]... [-o FILE], where"),
        ([], 2, "where FORMAT is anki, csv, tsv or json"),
        (["anki", "-o", "deck.txt"], 2, "-o: deck.txt is no name for an Anki package\n  hint: -o deck.apkg\n"),
        (["anki", "-o", "deck"], 2, "hint: -o deck.apkg"),
        (["csv", "-o", "deck.APKG"], 2, "deck.APKG is no name for CSV\n  hint: -o deck.csv, or studycli export anki"),
        (["tsv", "-o", "deck.csv"], 2, "hint: -o deck.tsv, or studycli export csv"),
        (["csv", "--form", "long"], 2, "'long'"),
    ],
)
def test_what_cannot_be_done_is_said_with_a_code(
    deck: Path, run, arguments: list[str], code: int, message: str
) -> None:
    found, out, err = run("export", *arguments)
    assert (found, out) == (code, b"")
    assert message in err
    assert "Traceback" not in err


def test_no_cards_is_an_error_with_a_next_step(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    code, out, err = run("export", "csv")
    assert (code, out) == (1, b"")
    assert "there are no cards to export" in err
    assert "studycli add PATH" in err


def test_bundled_decks_arrive_in_anki(run, tmp_path: Path) -> None:
    from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest

    cards = exchange_json.read(run("export", "json")[1]).cards
    package = tmp_path / "all.apkg"
    assert run("export", "anki", "-o", package)[0] == 0
    collection = Collection(str(tmp_path / "collection.anki2"))
    try:
        options = ImportAnkiPackageOptions()
        collection.import_anki_package(ImportAnkiPackageRequest(package_path=str(package), options=options))
        notes = [collection.get_note(each) for each in collection.find_notes("")]
    finally:
        collection.close()
    assert cards
    assert {each.guid for each in notes} == {item.id for item in cards}
    assert all(each["Front"] and each["Back"] and each.tags for each in notes)
