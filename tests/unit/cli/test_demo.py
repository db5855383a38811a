"""`studycli demo`: the list, a demo by name or for a card, its JSON, and what it says to bad input."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from studycli.cli.app import main


@pytest.fixture
def studycli(capsys: pytest.CaptureFixture[str]):
    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            main(list(arguments))
            code = 0
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else 0
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_list(studycli) -> None:
    code, out, err = studycli("demo")
    assert code == 0 and "scaled-dot-product" in out and "multi-head" in out
    assert "studycli demo NAME" in err
    demos = json.loads(studycli("demo", "--json")[1])
    assert [demo["name"] for demo in demos] == ["scaled-dot-product", "multi-head", "induction"]
    assert demos[0].keys() == {"name", "title", "summary", "concepts"}


def test_listing_imports_no_torch() -> None:
    code = (
        "import sys; from studycli.cli.app import main\n"
        "try: main(['demo'])\nexcept SystemExit: pass\nsys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("name", ["scaled-dot-product", "multi-head"])
def test_json(name: str, studycli) -> None:
    code, out, err = studycli("demo", name, "--text", "the cat sat", "--json")
    assert (code, err) == (0, "")
    data = json.loads(out, parse_constant=pytest.fail)
    assert data["demo"] == name and data["inputs"]["text"] == "the cat sat"
    steps = {step["name"]: step for step in data["steps"]}
    assert {"tokens", "q", "k", "v", "scores", "scaled", "pattern", "z"} <= steps.keys()
    assert all({"name", "shape", "values", "note"} <= step.keys() for step in data["steps"])
    assert all(claim.keys() == {"name", "statement", "measured", "holds"} for claim in data["claims"])
    assert steps["pattern"]["shape"][-2:] == [3, 3]


def test_text_for_a_reader(studycli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    code, out, err = studycli("demo", "scaled-dot-product")
    assert (code, err) == (0, "")
    assert (
        "thirsty" in out
        and "pattern  (11, 11)  query x key" in out
        and "8 of 8 claims hold" in out.partition("tokens  (11,)")[0]
    )
    assert max(map(len, out.split("\n"))) <= 100 and "\x1b" not in out


def test_seed_and_text_decide_the_numbers(studycli) -> None:
    plain = studycli("demo", "multi-head", "--json")
    assert studycli("demo", "multi-head", "--seed", "0", "--json") == plain
    assert studycli("demo", "multi-head", "--seed", "1", "--json") != plain


def test_text_alone_runs_attention_and_dash_reads_standard_input(studycli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xffbytes \x00in\xc3\xa4")))
    data = json.loads(studycli("demo", "--text", "-", "--json")[1])
    assert data["demo"] == "scaled-dot-product" and data["inputs"]["text"] == "bytes inä"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["multi"], 2, "did you mean multi-head?"),
        (["multi-head", "--train"], 2, "trains nothing"),
        (["--train"], 2, "--train needs the name of a demo"),
        (["nothing", "--card", "x"], 2, "there is no demo 'nothing'"),
        (["multi-head", "--text", ""], 2, "no words to compute on"),
        (["multi-head", "--text", "\x00\x1b\x07"], 2, "no words to compute on"),
        (["--card", "x", "--text", "y"], 2, "two texts"),
        (["--device", "tpu"], 2, "tpu"),
        (["multi-head", "--seed", "-1"], 2, "--seed"),
        (["multi-head", "--seed", str(2**63)], 2, "--seed"),
    ],
)
def test_bad_input(arguments: list[str], code: int, said: str, studycli) -> None:
    found, out, err = studycli("demo", *arguments)
    assert (found, out) == (code, "") and said in err and "Traceback" not in err


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA GPU here")
def test_a_gpu_that_is_not_there(studycli) -> None:
    code, out, err = studycli("demo", "multi-head", "--device", "cuda")
    assert (code, out) == (4, "") and "there is no CUDA GPU here" in err and "--device cpu" in err


def test_a_hundred_thousand_words(studycli) -> None:
    code, out, _ = studycli("demo", "scaled-dot-product", "--text", "word " * 100_000)
    assert code == 0
    assert "the first 32 of about 100,000; the other 99,968 are left out" in " ".join(out.split())


DECK = """# Flashcard Set: Attention

### Card 1 | Easy
**Concept:** Multi-Head Attention

**FRONT (Question):**
Why are there *several* heads?

**BACK (Answer):**
Each may look elsewhere.

---

### Card 2 | Hard
**Concept:** Retrieval

**FRONT (Question):**
What does re-ranking read?

**BACK (Answer):**
Both texts at once.
"""


@pytest.fixture
def cards(tmp_path: Path, studycli) -> dict[int, str]:
    """The ids of the cards of a learner's own deck, by number."""
    (tmp_path / "attention.md").write_text(DECK, "utf-8")
    assert studycli("add", str(tmp_path / "attention.md"))[0] == 0
    code, out, _ = studycli("cards", "attention", "--json")
    assert code == 0
    return {card["number"]: card["id"] for card in json.loads(out)}


def test_a_card_chooses_its_demo_and_gives_its_text(cards: dict[int, str], studycli) -> None:
    code, out, err = studycli("demo", "--card", cards[1], "--json")
    data = json.loads(out)
    assert (code, err, data["demo"]) == (0, "", "multi-head")
    assert data["inputs"]["text"] == "Why are there several heads?"


def test_a_concept_without_a_demo_gets_attention_and_is_told(cards: dict[int, str], studycli) -> None:
    code, out, err = studycli("demo", "--card", cards[2], "--json")
    data = json.loads(out)
    assert (code, data["demo"]) == (0, "scaled-dot-product")
    assert data["inputs"]["text"] == "What does re-ranking read?"
    assert "no demo for 'Retrieval' yet" in err


def test_a_named_demo_takes_the_text_of_the_card(cards: dict[int, str], studycli) -> None:
    code, out, err = studycli("demo", "multi-head", "--card", cards[2][:8], "--json")
    data = json.loads(out)
    assert (code, err, data["demo"]) == (0, "", "multi-head")
    assert data["inputs"]["text"] == "What does re-ranking read?"


def test_a_card_that_is_not_there(cards: dict[int, str], studycli) -> None:
    code, out, err = studycli("demo", "--card", "nothing-like-it")
    assert (code, out) == (2, "") and "nothing-like-it" in err


def test_a_terminal_is_told_that_it_computes_until_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    from studycli.cli import diagnostics

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", Terminal())
    with diagnostics.waiting("computing …"):
        assert sys.stderr.getvalue() == "computing …"
    assert sys.stderr.getvalue() == "computing …\r\x1b[K"
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr(sys, "stderr", Terminal())
    with diagnostics.waiting("computing …"):
        pass
    assert sys.stderr.getvalue() == ""
