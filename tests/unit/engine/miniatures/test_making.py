"""Making a miniature: the same bits from the same seed, half precision only where nothing is lost, files and card."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from studycli.engine import Transformer, load_pretrained
from studycli.engine.loaded import Loaded
from studycli.engine.miniatures import (
    bundle,
    catalogue,
    making,
    model_card,
    remeasuring,
    retrieval,
    study_cards,
    study_lm,
)
from studycli.engine.miniatures.induction import CONFIG, RECIPE, repeated_spans
from studycli.engine.miniatures.recipe import Gate, Measurement, Progress, Trained, Training
from studycli.engine.miniatures.vocabulary import word_tokenizer
from studycli.engine.seed import generator
from studycli.engine.training import causal_lm_loss
from studycli.errors import EngineError

STEPS = 5


def few_steps(training: Training) -> Trained:
    random = generator(training.seed, "few")
    model = training.run(
        Transformer(CONFIG, seed=training.seed), iter(lambda: repeated_spans(4, random), None), causal_lm_loss,
        steps=STEPS, peak=1e-2, scores=lambda model: {"largest": float(model.W_E.max())}, every=2,
    )  # fmt: skip
    return Trained(model, word_tokenizer([str(at) for at in range(CONFIG.vocab_size)]), {"note.txt": "héllo\n"})


def largest(loaded: Mapping[str, Loaded]) -> dict[str, float]:
    return {"largest": float(loaded["induction"].model.W_E.detach().max())}


QUICK = replace(RECIPE, train=few_steps, measurements=(Measurement(largest),), gates=(Gate("largest", 0.01),))


def test_the_same_seed_gives_the_same_bits_and_another_does_not() -> None:
    one, two, other = (making.make(replace(QUICK, seed=seed), "cpu") for seed in (0, 0, 1))
    weights = [dict(made.trained["induction"].model.named_parameters()) for made in (one, two, other)]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    assert not torch.equal(weights[0]["W_E"], weights[2]["W_E"])


def test_every_step_is_reported_with_the_newest_scores() -> None:
    heard: list[Progress] = []
    making.make(QUICK, "cpu", heard.append)
    assert [progress.step for progress in heard] == [1, 2, 3, 4, 5]
    assert {progress.steps for progress in heard} == {STEPS}
    assert [bool(progress.scores) for progress in heard] == [False, True, True, True, True]
    assert heard[1].scores == heard[2].scores != heard[3].scores != heard[4].scores


def test_threads_are_those_of_the_recipe_and_then_as_they_were() -> None:
    before, seen = torch.get_num_threads(), []

    def look(training: Training) -> Trained:
        seen.append(torch.get_num_threads())
        return few_steps(training)

    making.make(replace(QUICK, train=look, threads=3), "cpu")
    assert seen == [3] and torch.get_num_threads() == before


def test_what_is_written_reads_back_as_the_card_says(tmp_path: Path) -> None:
    made = making.make(QUICK, "cpu")
    card = making.write(made, tmp_path)
    folder = tmp_path / "induction"
    assert card == model_card.read("induction", tmp_path)
    assert (card.name, card.data.seed, card.training.command) == ("induction", 0, "studycli engine train induction")
    assert (card.training.threads, card.training.device) == (1, "cpu") and card.training.seconds >= 0
    checkpoint = card.checkpoints["induction"]
    assert checkpoint.config == CONFIG.to_json()
    assert (
        card.parameters == checkpoint.parameters == sum(x.numel() for x in made.trained["induction"].model.parameters())
    )
    assert set(checkpoint.files) == {"config.json", "model.safetensors", "tokenizer.json", "note.txt", "SHA256SUMS"}
    assert (folder / "note.txt").read_text("utf-8") == "héllo\n"
    assert len({file.stat().st_mode for file in folder.iterdir()}) == 1  # all can be read by whom the learner lets
    assert load_pretrained(folder).dtype == torch.float16 and checkpoint.dtype == "float16"
    loaded = bundle.load("induction", root=tmp_path)
    assert loaded.model.dtype == torch.float32 and loaded.encode("3 4") == [3, 4]
    assert card.metrics == pytest.approx(largest({"induction": loaded}), abs=1e-6)
    assert card.gates["largest"].above == 0.01


def test_half_precision_is_not_taken_where_a_metric_would_change(tmp_path: Path) -> None:
    def residue(loaded: Mapping[str, Loaded]) -> dict[str, float]:
        weights = loaded["induction"].model.W_E
        return {"residue": float((weights - weights.half().float()).abs().max()) * 1e4}

    card = making.write(making.make(replace(QUICK, measurements=(Measurement(residue),)), "cpu"), tmp_path)
    assert card.checkpoints["induction"].dtype == "float32"
    assert load_pretrained(tmp_path / "induction").dtype == torch.float32
    assert card.metrics["residue"] > 0.002


def test_half_precision_is_not_taken_where_a_weight_would_be_infinite(tmp_path: Path) -> None:
    made = making.make(QUICK, "cpu")
    with torch.no_grad():
        made.trained["induction"].model.decoder.W_pos[40] = 1e5
    assert making.write(made, tmp_path).checkpoints["induction"].dtype == "float32"


def test_half_precision_is_asked_of_slow_metrics_too(tmp_path: Path) -> None:
    def residue(loaded: Mapping[str, Loaded]) -> dict[str, float]:
        weights = loaded["induction"].model.W_E.detach()
        return {"residue": float((weights - weights.half().float()).abs().max()) * 1e4}

    recipe = replace(QUICK, measurements=(Measurement(largest), Measurement(residue, slow=True)))
    assert making.write(making.make(recipe, "cpu"), tmp_path).checkpoints["induction"].dtype == "float32"


def test_what_cannot_be_measured_leaves_nothing_behind_and_the_old_model_as_it_was(tmp_path: Path) -> None:
    making.write(making.make(QUICK, "cpu"), tmp_path)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    calls: list[float] = []

    def fails_on_files(loaded: Mapping[str, Loaded]) -> dict[str, float]:
        calls.append(1)
        return {"largest": 0.5 if len(calls) == 1 else float("nan")}

    broken = replace(QUICK, seed=1, measurements=(Measurement(fails_on_files),))
    with pytest.raises(EngineError, match="the metric largest is nan"):
        making.write(making.make(broken, "cpu"), tmp_path)
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before


def test_weights_are_the_same_bits_once_rounded_as_the_bundled_ones() -> None:
    bundled = bundle.load("induction").model
    made = making.make(replace(QUICK, train=lambda training: Trained(bundle.load("induction").model)), "cpu")
    weights = made.trained["induction"].model.W_E
    with torch.no_grad():
        weights.mul_(1 + 1e-5)  # less than float16 tells apart, but where it is halfway
        near = float((weights.half().float() == bundled.W_E).float().mean())
        assert near > 0.9 and not torch.equal(weights, bundled.W_E)
        weights.copy_(bundled.W_E + torch.where(bundled.W_E.abs() > 1e-3, 1e-8, 0.0))
    assert making.bit_for_bit(made)
    with torch.no_grad():
        weights[3, 3] += 1
    assert not making.bit_for_bit(made)


def test_slow_metrics_are_on_the_card_too(tmp_path: Path) -> None:
    slow = Measurement(lambda loaded: {"slow": 2.0}, slow=True)
    made = making.make(replace(QUICK, measurements=(Measurement(largest), slow)), "cpu")
    assert set(making.write(made, tmp_path).metrics) == {"largest", "slow"}
    assert set(making.measured(made.recipe, made.loaded(), slow=False)) == {"largest"}


@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "tokenizer.json", "note.txt", "SHA256SUMS"])
def test_any_changed_file_is_noticed(tmp_path: Path, file: str) -> None:
    making.write(making.make(QUICK, "cpu"), tmp_path)
    place = tmp_path / "induction" / file
    content = bytearray(place.read_bytes())
    content[len(content) // 2] ^= 1
    place.write_bytes(content)
    claims = list(remeasuring.verify("induction", root=tmp_path))
    assert [claim.name for claim in claims] == ["files"]
    assert not claims[0].holds and claims[0].measured == f"induction/{file} was changed or damaged"
    if file != "SHA256SUMS":
        with pytest.raises(EngineError, match=r"SHA-256|not known here"):  # of a model whose kind is spelled otherwise
            bundle.load("induction", root=tmp_path)


def test_a_missing_file_is_noticed(tmp_path: Path) -> None:
    making.write(making.make(QUICK, "cpu"), tmp_path)
    (tmp_path / "induction" / "note.txt").unlink()
    (claim,) = remeasuring.verify("induction", root=tmp_path)
    assert claim.measured == "induction/note.txt is missing" and not claim.holds


def test_a_model_of_five_steps_is_not_the_bundled_one() -> None:
    assert not making.bit_for_bit(making.make(QUICK, "cpu"))


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    model_card.check_folder("induction", tmp_path)
    (tmp_path / "induction").mkdir()
    model_card.check_folder("induction", tmp_path)
    (tmp_path / "induction" / "thesis.md").write_text("mine")
    with pytest.raises(EngineError, match="the folder holds something else"):
        model_card.check_folder("induction", tmp_path)
    (tmp_path / "syntax").write_text("a file")
    for name, root in (("syntax", tmp_path), ("tasks", tmp_path / "syntax"), ("tasks", tmp_path / "syntax" / "deeper")):
        with pytest.raises(EngineError, match="this is a file"):
            model_card.check_folder(name, root)
    with pytest.raises(EngineError, match="nothing can be written here"):
        model_card.check_folder("tasks", Path("/proc/studycli"))


def test_a_kept_model_with_a_file_of_ones_own_is_left_alone(tmp_path: Path) -> None:
    making.write(making.make(QUICK, "cpu"), tmp_path)
    model_card.check_folder("induction", tmp_path)
    (tmp_path / "induction" / "thesis.md").write_text("mine")
    with pytest.raises(EngineError, match=r"the folder holds something else, thesis\.md"):
        making.write(making.make(QUICK, "cpu"), tmp_path)


DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.cuda)]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("name", catalogue.NAMES)
def test_every_recipe_trains(name: str, device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two steps of each checkpoint, and of each phase that it is trained in."""
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("there is no CUDA GPU here")
    whole = Training.run
    monkeypatch.setattr(
        Training, "run", lambda self, *given, **settings: whole(self, *given, **settings | {"steps": 2, "warmup": 0})
    )
    # Documents that changed since a model was trained on them would give it another vocabulary.
    snapshot = (catalogue.WEIGHTS / "study-lm" / study_lm.SNAPSHOT).read_text("utf-8")
    monkeypatch.setattr(study_lm, "bundled_documents", lambda: snapshot)
    cards = retrieval.cards_of(bundle.load(retrieval.BI_ENCODER))
    monkeypatch.setattr(study_cards, "read", lambda documents: cards)
    recipe, heard = catalogue.recipe(name), []
    made = making.make(recipe, device, heard.append)
    assert list(dict.fromkeys(progress.checkpoint for progress in heard)) == list(recipe.checkpoints)
    assert all(math.isfinite(progress.loss) for progress in heard)
    assert {progress.checkpoint for progress in heard if progress.scores} == set(recipe.checkpoints)
    assert all(0 <= score <= 1 for progress in heard for score in progress.scores.values() if score == score)
    card = model_card.read(name)
    for checkpoint, trained in made.trained.items():
        assert trained.model.device.type == "cpu" and not trained.model.training
        assert trained.model.config.to_json() == dict(card.checkpoints[checkpoint].config)
        assert trained.tokenizer is not None and trained.tokenizer.vocab_size == trained.model.config.vocab_size
        bundled = bundle.load(checkpoint).tokenizer
        assert bundled is not None
        ids = range(bundled.vocab_size)
        assert [trained.tokenizer.piece(id_) for id_ in ids] == [bundled.piece(id_) for id_ in ids]
