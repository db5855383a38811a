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
from studycli.demos import registry


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
    assert [demo["name"] for demo in demos] == list(registry.DEMOS)
    assert {"name", "title", "summary", "concepts", "claims", "parameters", "reads", "text"} <= demos[0].keys()
    assert out.index("From text to vectors") < out.index("tokenization") < out.index("Attention") < out.index("Systems")
    generation = next(demo for demo in demos if demo["name"] == "generation")
    assert {"name", "default", "meaning", "allowed"} == generation["parameters"][0].keys()
    assert "(--set d_k, keys)" in " ".join(out.split()) and "(--layer; --head)" in " ".join(out.split())


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
        (["nothing", "--text", "x"], 2, "there is no demo 'nothing'"),
        (["--set", "d_k=2"], 2, "--set needs the name of a demo"),
        (["--explain", "x"], 2, "--explain needs the name of a demo"),
        (["scaling", "--set", "d_k"], 2, "'d_k' sets nothing"),
        (["scaling", "--set", "=2"], 2, "'=2' sets nothing"),
        (["scaling", "--set", "dk=2"], 2, "did you mean d_k?"),
        (["scaling", "--set", "d_k=two"], 2, "a whole number from"),
        (["scaling", "--text", "x"], 2, "reads no text"),
        (["multi-head", "--head", "4"], 2, "heads count from 0 to 3"),
        (["multi-head", "--head", "-1"], 2, "--head"),
        (["multi-head", "--layer", "0"], 2, "no layers to choose from"),
        (["multi-head", "--step", "99"], 2, "its steps are 0 tokens, 1 embeddings, 2 W_Q, 3 W_K"),
        (["multi-head", "--step", "patern"], 2, "did you mean pattern"),
        (["multi-head", "--explain", "pattern[0,0]"], 2, "3 indices: head 0 to 3, query 0 to 10"),
        (["multi-head", "--explain", "pattern[0,0,99]"], 2, "outside of pattern"),
        (["multi-head", "--explain", "pattern[0,0,0]", "--edit", "z=0"], 2, "don't go together"),
        (["multi-head", "--explain", "pattern[0,0,0]", "--save", "x.svg"], 2, "don't go together"),
        (["induction", "--train", "--edit", "z=0"], 2, "don't go together"),
        (["multi-head", "--edit", "z"], 2, "is no edit"),
        (["multi-head", "--edit", "zz=0"], 2, "there is no value 'zz'"),
        (["multi-head", "--edit", "z[head=9]=0"], 2, "z has no head 9"),
        (["multi-head", "--save", "x.pdf"], 2, "x.svg (a picture of the terminal), x.html (a page), x.png (a picture)"),
        (["multi-head", "--save", "x"], 2, "is no name for a demo's file"),
        (["multi-head", "--save", f"{'a' * 300}.html"], 1, "cannot be written: File name too long"),
        (["multi-head", "--save", "no\nfolder/x.svg"], 1, "no folder/x.svg: its folder does not exist"),
        (["--seed", "4"], 2, "--seed needs the name of a demo"),
        (["--device", "cpu"], 2, "--device needs the name of a demo"),
        (["multi-head", "--step", "nosuch", "--explain", "pattern[0,0,0]"], 2, "and --step don't go together"),
        (["multi-head", "--head", "9", "--explain", "pattern[0,0,0]"], 2, "there is no head 9"),
        (["multi-head", "--step", "3", "--edit", "z=0"], 2, "beside --edit, --step takes a name"),
        (["multi-head", "--save", "/no/such/folder/x.svg"], 1, "its folder does not exist"),
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


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["block", "--layer", "99"], "layers count from 0 to 3"),
        (["masks", "--head", "0"], "no heads to choose from"),
        (["induction", "--train", "--head", "2"], "heads count from 0 to 1"),
        (["multi-head", "--explain", "pattern[0"], "is no cell"),
        (["multi-head", "--edit", "z["], "is no edit"),
        (["multi-head", "--edit", "z[row=1]=0"], "'row=1' is no place"),
    ],
)
def test_what_is_known_to_be_wrong_is_told_before_torch_is_loaded(arguments: list[str], said: str) -> None:
    code = (
        "import sys; from studycli.cli.app import main\n"
        f"try: main({['demo', *arguments]})\nexcept SystemExit as left: assert left.code == 2\n"
        "sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and said in done.stderr


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["multi-head"], "see one step with --step pattern, or all of it in a page with --save page.html"),
        (["positional-encoding"], "all of it in a page with --save page.html"),
        (["multi-head", "--step", "pattern"], "lines: see all of it in a page with --save page.html"),
        (["multi-head", "--step", "tokens"], None),
    ],
)
def test_what_goes_past_the_top_of_a_terminal_is_told(
    arguments: list[str], said: str | None, studycli, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"TERM": "xterm", "COLUMNS": "80", "LINES": "40", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    screen = _Terminal()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", screen)
        code, _, err = studycli("demo", *arguments, "--text", "a b c d e f")
    lines = screen.getvalue().count("\n")
    assert code == 0 and (lines >= 40) == (said is not None)
    assert err == "" if said is None else err.startswith(f"{lines} lines: see ") and said in err
    assert studycli("demo", *arguments, "--text", "a b c d e f")[2] == ""  # no terminal, no word


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
**Concept:** Grading

**FRONT (Question):**
What does a grade change?

**BACK (Answer):**
When the card comes back.

---

### Card 3 | Hard
**Demo:** generation tokens=2 seed=4

**FRONT (Question):**
What comes next?

**BACK (Answer):**
The likeliest.

---

### Card 4 | Hard
**Demo:** generating

**FRONT (Question):**
What comes then?

**BACK (Answer):**
The end.

---

### Card 5 | Hard
**Concept:** Chinchilla

**FRONT (Question):**
How large is the best model?

**BACK (Answer):**
It depends.
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
    assert data["inputs"]["text"] == "What does a grade change?"
    assert "no demo for 'Grading'" in err


def test_a_named_demo_takes_the_text_of_the_card(cards: dict[int, str], studycli) -> None:
    code, out, err = studycli("demo", "multi-head", "--card", cards[2][:8], "--json")
    data = json.loads(out)
    assert (code, err, data["demo"]) == (0, "", "multi-head")
    assert data["inputs"]["text"] == "What does a grade change?"


def test_a_card_names_its_demo_and_options_go_before_it(cards: dict[int, str], studycli) -> None:
    code, out, err = studycli("demo", "--card", cards[3], "--json")
    data = json.loads(out)
    assert (code, err, data["demo"], data["inputs"]["seed"]) == (0, "", "generation", 4)
    again = studycli("demo", "--card", cards[3], "--set", "top_k=2", "--seed", "5", "--json")[1]
    assert json.loads(again)["inputs"]["seed"] == 5
    named = studycli("demo", "generation", "--card", cards[3], "--json")[1]
    assert json.loads(named)["inputs"] == data["inputs"]


def test_a_card_that_names_no_demo_there_is(cards: dict[int, str], studycli) -> None:
    code, out, err = studycli("demo", "--card", cards[4])
    assert (code, out) == (2, "") and "did you mean generation" in err
    line = DECK.split("\n").index("**Demo:** generating") + 1
    assert f"the Demo field of attention:4 (attention.md:{line}): there is no demo 'generating'" in err
    code, out, err = studycli("demo", "multi-head", "--card", cards[4])
    assert (code, out) == (2, "") and f"(attention.md:{line}): there is no demo 'generating'" in err


def test_a_card_whose_demo_reads_no_text(cards: dict[int, str], studycli) -> None:
    code, out, err = studycli("demo", "--card", cards[5], "--json")
    assert (code, err, json.loads(out)["demo"]) == (0, "", "scaling-laws")


def test_one_step_one_head(studycli) -> None:
    code, out, _ = studycli("demo", "multi-head", "--step", "pattern", "--head", "2", "--json")
    (step,) = json.loads(out)["steps"]
    assert code == 0 and step["name"] == "pattern" and step["shape"] == [1, 11, 11]
    assert step["labels"]["head"] == ["2"]
    whole = json.loads(studycli("demo", "multi-head", "--json")[1])
    pattern = next(step for step in whole["steps"] if step["name"] == "pattern")
    assert step["values"][0] == pattern["values"][2]


def test_a_picked_head_is_named_wherever_it_is_shown(studycli, tmp_path: Path) -> None:
    code, out, _ = studycli("demo", "multi-head", "--head", "3", "--step", "pattern")
    assert code == 0 and "head = 3" in out and "Head 3 of 4 alone." in out and "\n  head 3" in out
    page = tmp_path / "demo.html"
    assert studycli("demo", "multi-head", "--head", "3", "--save", str(page))[0] == 0
    assert "<figcaption>head 3</figcaption>" in page.read_text("utf-8")


def test_a_cells_address_does_not_depend_on_the_head_that_is_shown(studycli) -> None:
    plain = studycli("demo", "multi-head", "--explain", "pattern[3,2,1]")
    assert plain[0] == 0 and studycli("demo", "multi-head", "--head", "3", "--explain", "pattern[3,2,1]") == plain
    other = studycli("demo", "multi-head", "--head", "3", "--explain", "pattern[0,2,1]")
    assert other == studycli("demo", "multi-head", "--explain", "pattern[0,2,1]") and other != plain


@pytest.mark.parametrize("head", ["1", "3"])
def test_a_chosen_head_can_be_edited(head: str, studycli) -> None:
    code, out, err = studycli("demo", "multi-head", "--head", head, "--edit", f"z[head={head}]=0")
    assert (code, err) == (0, "") and f"\n  head {head}" in out and f"head = {head}" in out


def test_a_file_name_is_told_on_one_line(studycli, tmp_path: Path) -> None:
    code, _, err = studycli("demo", "scaling", "--save", str(tmp_path / "a\nb.svg"))
    assert code == 0 and "a b.svg" in err and err.count("\n") == 1


def test_settings_change_the_numbers_and_stand_at_the_end(studycli) -> None:
    code, out, _ = studycli("demo", "scaling", "--set", "d_k=64", "--set", "keys=8")
    assert code == 0
    assert "--set keys=32: how many keys a query has; a whole number from 2 to 256" in " ".join(out.split())
    few, many = (json.loads(studycli("demo", "scaling", "--set", f"keys={n}", "--json")[1]) for n in (4, 8))
    assert few["inputs"]["keys"] == 4 and few["steps"] != many["steps"]


def test_the_layers_and_heads_to_look_at_stand_at_the_end(studycli) -> None:
    assert "it can be set:\n  --layer=N: look at this layer; 0 to 3\n" in studycli("demo", "block")[1]
    assert "\n  --head=N: look at this head; 0 to 3\n" in studycli("demo", "multi-head")[1]
    assert "--layer=N: look at this layer; 0 to 11 with the default settings" in studycli("demo", "residual")[1]
    assert "--layer=N: look at this layer; the only one is 0\n" in studycli("demo", "cross-attention")[1]
    assert "it can be set" not in studycli("demo", "masks")[1]


def test_explain(studycli) -> None:
    code, out, err = studycli("demo", "multi-head", "--explain", "pattern[0,2,1]")
    assert (code, err) == (0, "")
    shown = " ".join(out.split())
    assert "pattern[0, 2, 1] = " in shown and "head 0, query 2 'drank', key 1 'cat'" in shown
    assert "softmax" in shown and "scores[0, 2, 1]" in shown and "dot product of q[0, 2, :] and k[0, 1, :]" in shown
    stages = json.loads(studycli("demo", "multi-head", "--explain", "pattern[0,2,1]", "--json")[1])["stages"]
    assert [stage["kind"] for stage in stages] == ["softmax", "ratio", "product"]
    assert stages[0]["value"] == pytest.approx(stages[0]["computed"], abs=1e-5)


def test_edit(studycli) -> None:
    code, out, err = studycli("demo", "multi-head", "--edit", "z[head=1]=0", "--edit", "z[head=2]=0")
    assert (code, err) == (0, "")
    assert "Multi-head attention, edited" in out and "z before" in out and "claims hold" in out
    assert "scores before" not in out


@pytest.mark.parametrize(("suffix", "start"), [("svg", b"<svg"), ("html", b"<!doctype html>"), ("png", b"\x89PNG")])
def test_save(suffix: str, start: bytes, tmp_path: Path, studycli) -> None:
    if suffix == "png":
        pytest.importorskip("matplotlib")
    file = tmp_path / f"demo.{suffix.upper()}"
    code, out, err = studycli("demo", "scaled-dot-product", "--text", "a <b>", "--save", str(file))
    assert (code, out) == (0, "") and f"written to {file}" in err
    assert file.read_bytes().startswith(start)
    code, out, err = studycli("demo", "scaled-dot-product", "--text", "a <b>", "--save", str(file), "--json")
    assert code == 0 and "in place of an earlier file" in err and json.loads(out)["demo"] == "scaled-dot-product"
    assert [found.name for found in tmp_path.iterdir()] == [file.name]


def test_png_without_its_package(studycli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from importlib import util

    monkeypatch.setattr(util, "find_spec", lambda name: None)
    code, out, err = studycli("demo", "multi-head", "--save", str(tmp_path / "x.png"))
    assert (code, out) == (4, "") and "pip install 'studycli[plots]'" in err


GARBAGE = bytes(range(256)) * 8
WRONG = {
    "empty": ["--text", ""],
    "blank": ["--text", " \n\t "],
    "control characters": ["--text", "\x00\x1b\x07"],
    "no step": ["--step", "no-such-step"],
    "no layer": ["--layer", "99"],
    "no head": ["--head", "99"],
    "no parameter": ["--set", "no_such=1"],
    "no cell": ["--explain", "no-such[0,0]"],
    "no edit": ["--edit", "z[head"],
    "an edit of nothing": ["--edit", "no.such.value=0"],
    "no suffix": ["--save", "demo.txt"],
}


@pytest.mark.parametrize("name", registry.DEMOS)
def test_wrong_input_is_told_in_words_by_every_demo(name: str, studycli) -> None:
    for case, arguments in WRONG.items():
        code, out, err = studycli("demo", name, "--device", "cpu", *arguments)
        assert (code, out) == (2, ""), f"{case}: {err}"
        assert err.startswith("error: ") and "Traceback" not in err, f"{case}: {err}"


@pytest.mark.parametrize("name", [demo.name for demo in registry.ALL if demo.reads != "no text"])
def test_strange_texts_end_in_a_result_or_in_words(name: str, studycli, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ("word " * 100_000, "x" * 100_000, "\ud800 \u202e注意 \x1b[2J", "a\x00b", "[bold]x[/bold]", ".")
    for text in (*texts, "-"):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(GARBAGE)))
        code, out, err = studycli("demo", name, "--device", "cpu", "--text", text)
        assert code in (0, 2) and "Traceback" not in err, text[:20]
        assert out if code == 0 else err.startswith("error: "), text[:20]
        assert "\x1b" not in out and "\u202e" not in out + err


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
