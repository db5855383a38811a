"""`studycli engine models` and `engine train`: the list, a card, verification, and a training from its seed."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from studycli.cli.app import main
from studycli.engine.miniatures import catalogue, induction, model_card
from studycli.engine.miniatures.recipe import Progress, Trained
from studycli.errors import MissingError

Run = Callable[..., tuple[int, str, str]]
NAMES = ["induction", "syntax", "extrapolation", "tasks", "study-lm", "retrieval"]


@pytest.fixture
def studycli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            main(["engine", *arguments])
            code = 0
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else 0
        out, err = capsys.readouterr()
        assert "Traceback" not in err and "\x1b" not in out + err
        return code, out, err

    return run


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The weights of induction in a folder of their own, which stands for the bundled one."""
    shutil.copytree(catalogue.WEIGHTS / "induction", tmp_path / "induction")
    monkeypatch.setattr(catalogue, "WEIGHTS", tmp_path)
    return tmp_path


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """induction, trained for sixty steps."""
    monkeypatch.setattr(induction, "STEPS", 60)


def words(text: str) -> str:
    return " ".join(text.split())


def test_the_list(studycli: Run) -> None:
    code, out, err = studycli("models")
    assert code == 0 and max(map(len, out.split("\n"))) <= 80
    assert [line.split()[0] for line in out.splitlines() if line[0] != " "] == ["Model", *NAMES]
    assert "39,360" in out and "engine models NAME" in err
    cards = json.loads(studycli("models", "--json")[1])
    assert [card["name"] for card in cards] == NAMES
    for card in cards:
        assert card["bytes"] > 10_000 and {"task", "data", "training", "checkpoints", "metrics", "gates"} <= card.keys()
        for checkpoint in card["checkpoints"].values():
            assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in checkpoint["files"].values())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", ["80", "120"])
def test_a_card_has_everything_a_learner_may_ask(name: str, width: str, studycli: Run, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", width)
    code, out, _ = studycli("models", name)
    card = model_card.read(name)
    assert code == 0 and max(map(len, out.split("\n"))) <= int(width)
    shown = words(out)
    assert out.startswith(f"{name}\n") and words(card.task) in shown and f"studycli engine train {name}" in shown
    assert all(metric in out for metric in card.metrics)
    assert all(checkpoint in out for checkpoint in card.checkpoints)
    assert all(f"above {gate.above:g}" in shown for gate in card.gates.values())
    assert json.loads(studycli("models", name, "--json")[1])["metrics"] == dict(card.metrics)


def test_verifying_holds_and_notices_a_changed_byte(studycli: Run, copied: Path) -> None:
    code, out, _ = studycli("models", "induction", "--verify", "--quick")
    assert code == 0 and out.startswith("induction\n5 of 5 claims hold")
    weights = copied / "induction" / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    code, out, _ = studycli("models", "induction", "--verify")
    assert code == 1 and "induction/model.safetensors was changed or damaged" in words(out)
    code, out, _ = studycli("models", "induction", "--verify", "--json")
    (found,) = json.loads(out)
    assert code == 1 and not found["holds"] and found["claims"][0]["name"] == "files"


def test_what_cannot_be_measured_is_no_success(studycli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(loaded: object) -> dict[str, float]:
        raise MissingError("there is no faiss", hint="pip install 'studycli[retrieval]'")

    recipe = catalogue.recipe("induction")
    broken = replace(recipe, measurements=(replace(recipe.measurements[0], measure=missing),))
    monkeypatch.setattr(catalogue, "recipe", lambda name: broken)
    code, out, _ = studycli("models", "induction", "--verify")
    assert code == 1 and "pip install 'studycli[retrieval]'" in words(out)


def test_training_shows_its_metrics_beside_the_card(studycli: Run, quick: None) -> None:
    code, out, err = studycli("train", "induction", "--device", "cpu")
    assert code == 0 and "copy_accuracy" in out and "above 0.95" in out and "others than those of the program" in err
    facts = json.loads(studycli("train", "induction", "--device", "cpu", "--json")[1])
    assert facts.keys() == {"name", "seconds", "same_bits", "metrics"}
    assert facts["metrics"]["copy_accuracy"] < 0.5 and not facts["same_bits"]


def test_a_model_that_is_kept_can_be_run_and_kept_again(studycli: Run, quick: None, tmp_path: Path) -> None:
    code, _, err = studycli("train", "induction", "-o", str(tmp_path), "--device", "cpu")
    assert code == 0 and f"Kept in {tmp_path / 'induction'}" in words(err)
    assert model_card.read("induction", tmp_path).metrics["copy_accuracy"] < 0.5
    code, out, _ = studycli("run", "--weights", str(tmp_path / "induction"), "--text", "ba be", "--json")
    assert code == 0 and [token["token"] for token in json.loads(out)["tokens"]] == ["<s>", "ba", "be"]
    assert studycli("train", "induction", "-o", str(tmp_path), "--device", "cpu")[0] == 0


def test_the_bundled_weights_are_known_by_their_bits(studycli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from studycli.engine.miniatures import bundle

    def given(training) -> Trained:
        training.report(Progress("induction", 1, 1, 0.1, {}))
        return Trained(bundle.load("induction").model)

    recipe = replace(catalogue.recipe("induction"), train=given)
    monkeypatch.setattr(catalogue, "recipe", lambda name: recipe)
    _, _, err = studycli("train", "induction", "--device", "cpu")
    assert "bit for bit those of the program" in words(err)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["models", "inductoin"], 2, "did you mean induction?"),
        (["train", "zzz"], 2, "the models are induction, syntax"),
        (["train"], 2, "NAME"),
        (["models", "--quick"], 2, "--quick belongs to --verify"),
        (["train", "induction", "--device", "tpu"], 2, "tpu"),
    ],
)
def test_bad_input(arguments: list[str], code: int, said: str, studycli: Run) -> None:
    found, out, err = studycli(*arguments)
    assert (found, out) == (code, "") and said in words(err)


def test_a_folder_that_holds_something_else_is_refused_before_the_training(studycli: Run, tmp_path: Path) -> None:
    (tmp_path / "induction").mkdir()
    (tmp_path / "induction" / "thesis.md").write_text("mine")
    code, out, err = studycli("train", "induction", "-o", str(tmp_path))
    assert (code, out) == (1, "") and "holds something else" in err


def test_a_bundled_model_runs_by_its_name(studycli: Run) -> None:
    code, out, _ = studycli("run", "--weights", "induction", "--text", "ba bo di ba bo", "--json", "--device", "cpu")
    assert code == 0 and json.loads(out)["next"][0]["token"] == "di"
    code, out, _ = studycli("generate", "--weights", "tasks/decoder", "--text", "47+38=", "--json", "--device", "cpu")
    assert code == 0 and json.loads(out)["new_text"].startswith("85")


def test_classes_have_their_names(studycli: Run) -> None:
    arguments = ["run", "--weights", "tasks/encoder", "--text", "nobody can work", "--device", "cpu"]
    facts = json.loads(studycli(*arguments, "--json")[1])
    assert facts["labels"] == ["low", "normal", "high"] and len(facts["classes"]) == 3
    assert [line.split()[0] for line in studycli(*arguments)[1].splitlines()[-3:]] == ["low", "normal", "high"]


def test_a_single_output_is_a_score_and_no_probability(studycli: Run) -> None:
    arguments = ["run", "--weights", "retrieval/cross-encoder", "--text", "who has boots", "--device", "cpu"]
    facts = json.loads(studycli(*arguments, "--json")[1])
    assert isinstance(facts["score"], float) and "classes" not in facts
    assert f"score: {facts['score']:.3f} (a single output, no probability)" in studycli(*arguments)[1]
    assert "a single score" in words(studycli("info", "--weights", "retrieval/cross-encoder")[1])


@pytest.mark.parametrize(
    ("weights", "text", "said"),
    [
        ("syntax", "the zebra near the girls <mask>", "1 of 6 tokens are words that this model doesn't know"),
        ("syntax", "the king near the girls smiles", "No word is hidden: put <mask> in the place of one"),
        ("syntax", "the " * 33 + "<mask>", "The model was made for 32 tokens; of 34 it may say little."),
        ("syntax", "the king near the girls <mask>", ""),
        ("study-lm", "anything at all", ""),
    ],
)
def test_what_a_reader_should_know_of_a_text(weights: str, text: str, said: str, studycli: Run) -> None:
    _, out, err = studycli("run", "--weights", weights, "--text", text, "--top", "1", "--device", "cpu")
    assert out and (said in words(err) if said else err == "")


def test_a_word_that_a_model_cannot_read_is_named(studycli: Run) -> None:
    code, out, err = studycli("run", "--weights", "tasks/encoder-decoder", "--text", "the man hums", "--device", "cpu")
    assert (code, out) == (1, "") and "'hums' is not in the model's vocabulary" in err


def test_a_text_ends_without_its_end_token(studycli: Run) -> None:
    arguments = ["generate", "--weights", "tasks/decoder", "--text", "47+38=", "--device", "cpu"]
    code, out, err = studycli(*arguments)
    assert code == 0 and out == "85\n" and err.startswith("3 tokens, ")
    assert json.loads(studycli(*arguments, "--json")[1])["new_text"] == "85;"


def test_one_card_that_cannot_be_read_hides_no_other(studycli: Run, tmp_path: Path, monkeypatch) -> None:
    for name in ("induction", "syntax"):
        shutil.copytree(catalogue.WEIGHTS / name, tmp_path / name)
    monkeypatch.setattr(catalogue, "WEIGHTS", tmp_path)
    monkeypatch.setattr(catalogue, "NAMES", ("induction", "syntax"))
    (tmp_path / "induction" / "model-card.json").write_bytes(b"\xff{")
    code, out, err = studycli("models")
    assert code == 1 and "syntax" in out and "model-card.json: the file: invalid json" in words(err)
    code, out, _ = studycli("models", "--verify", "--quick")
    assert code == 1 and "0 of 1 claims hold" in out and "syntax" in out


def test_a_training_on_a_terminal_that_cannot_be_drawn_on_is_told_in_lines(
    studycli: Run, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    _, _, err = studycli("train", "induction", "--device", "cpu")
    lines = [line for line in err.splitlines() if line.startswith("induction: step")]
    assert [line.split(",")[0] for line in lines] == [f"induction: step {n} of 60" for n in (1, *range(6, 61, 6))]


def test_interrupted_it_says_that_nothing_was_kept(studycli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(training: object) -> Trained:
        raise KeyboardInterrupt

    recipe = replace(catalogue.recipe("induction"), train=interrupted)
    monkeypatch.setattr(catalogue, "recipe", lambda name: recipe)
    code, out, err = studycli("train", "induction", "--device", "cpu")
    assert (code, out, err) == (130, "", "interrupted; nothing was kept\n")


def test_a_checkpoint_is_no_model_of_its_own(studycli: Run) -> None:
    for command in ("models", "train"):
        code, out, err = studycli(command, "tasks/decoder")
        assert (code, out) == (2, "") and "made and measured with its model: tasks" in words(err)


def test_only_hidden_words_are_predicted_where_there_are_some(studycli: Run) -> None:
    text = "the king near the girls promised the queen that <mask> would wait"
    code, out, _ = studycli("run", "--weights", "syntax", "--text", text, "--top", "2", "--device", "cpu")
    predicted = out.partition("likeliest in each place")[2].strip().splitlines()
    assert code == 0 and len(predicted) == 2 and predicted[1].split()[2] == "'he'"
