"""The bundled models: their cards are true, a changed byte is noticed, and threads make no difference."""

from __future__ import annotations

import json
import random
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from studycli.engine import Transformer, load_pretrained
from studycli.engine.hub import resolve
from studycli.engine.loaded import load
from studycli.engine.miniatures import bundle, catalogue, model_card, remeasuring
from studycli.engine.miniatures.model_card import ModelCard
from studycli.engine.miniatures.recipe import Gate, Measurement
from studycli.errors import EngineError, StudyError, UsageError

CHECKPOINTS = [checkpoint for name in catalogue.NAMES for checkpoint in model_card.read(name).checkpoints]


def result(model: Transformer) -> torch.Tensor:
    """Hidden states or logits of random tokens, (2, 24, ...)."""
    ids = torch.randint(model.config.vocab_size, (2, 24), generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        return model(ids, decoder_input_ids=ids if model.config.architecture == "encoder-decoder" else None)


@pytest.mark.parametrize("name", catalogue.NAMES)
def test_every_metric_that_is_quick_to_measure_is_as_the_card_states(name: str) -> None:
    claims = list(remeasuring.verify(name, slow=False))
    assert [claim for claim in claims if not claim.holds] == []
    assert len(claims) > 1


@pytest.mark.parametrize("name", catalogue.NAMES)
def test_a_card_says_what_the_recipe_does(name: str) -> None:
    card, recipe = model_card.read(name), catalogue.recipe(name)
    assert (card.task, card.data.about, card.data.generator) == (recipe.task, recipe.data, recipe.generator)
    assert (card.data.seed, tuple(card.checkpoints)) == (recipe.seed, recipe.checkpoints)
    assert {metric: gate.above for metric, gate in card.gates.items()} == {
        gate.metric: gate.above for gate in recipe.gates
    }
    assert all(card.metrics[gate.metric] > gate.above for gate in recipe.gates)
    module, function = card.data.generator.split(":")
    assert callable(getattr(__import__(module, fromlist=[function]), function))
    assert card.training.command == f"studycli engine train {name}"
    for checkpoint, stated in card.checkpoints.items():
        model = load_pretrained(catalogue.WEIGHTS / checkpoint)
        assert stated.config == model.config.to_json()
        assert stated.parameters == sum(weights.numel() for weights in model.parameters())
        assert str(model.dtype) == f"torch.{stated.dtype}"


def test_all_of_them_take_less_than_12_megabytes() -> None:
    files = [file for file in catalogue.WEIGHTS.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) < 12_000_000
    assert {file.suffix for file in files} <= {".json", ".safetensors", ".txt", ""}


@pytest.mark.parametrize("checkpoint", CHECKPOINTS)
def test_a_changed_byte_anywhere_in_the_weights_is_noticed(checkpoint: str, tmp_path: Path) -> None:
    name = checkpoint.partition("/")[0]
    shutil.copytree(catalogue.WEIGHTS / name, tmp_path / name)
    file = tmp_path / checkpoint / "model.safetensors"
    content = file.read_bytes()
    for at in random.Random(checkpoint).sample(range(len(content)), 3):
        file.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        with pytest.raises(EngineError, match="SHA-256"):
            bundle.load(checkpoint, root=tmp_path)
        claims = list(remeasuring.verify(name, root=tmp_path))
        assert [claim.holds for claim in claims] == [False]
        assert claims[0].measured == f"{checkpoint}/model.safetensors was changed or damaged"


@pytest.mark.parametrize("checkpoint", CHECKPOINTS)
def test_the_number_of_threads_changes_no_more_than_rounding(checkpoint: str) -> None:
    model, before, results = bundle.load(checkpoint).model, torch.get_num_threads(), []
    try:
        for threads in (1, 2, 4):
            torch.set_num_threads(threads)
            results.append(result(model))
    finally:
        torch.set_num_threads(before)
    for other in results[1:]:
        torch.testing.assert_close(other, results[0], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("checkpoint", CHECKPOINTS)
def test_a_checkpoint_is_named_like_a_folder_or_a_model_of_the_hub(checkpoint: str) -> None:
    assert resolve(checkpoint) == catalogue.WEIGHTS / checkpoint
    loaded = load(checkpoint, "cpu")
    assert loaded.model.dtype == torch.float32 and loaded.tokenizer is not None
    assert loaded.tokenizer.vocab_size == loaded.model.config.vocab_size


@pytest.mark.parametrize("name", ["", "induction/../induction", "tasks", "induction/x", "nothing", "tasks/.."])
def test_other_names_are_no_checkpoints(name: str) -> None:
    assert catalogue.checkpoint_folder(name) is None


def test_an_unknown_model_gives_close_ones() -> None:
    with pytest.raises(UsageError) as caught:
        model_card.read("inductoin")
    assert caught.value.hint == "did you mean induction?"
    with pytest.raises(UsageError) as caught:
        catalogue.recipe("zzz")
    assert "the models are induction, syntax" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text[: len(text) // 2], "the file: invalid json"),
        (lambda text: text.replace('"task"', '"tusk"', 1), "task: field required"),
        (lambda text: text.replace('"seed": 0', '"seed": "zero"', 1), "data.seed: input should be a valid integer"),
    ],
)
def test_a_damaged_card_says_where(change, message: str, tmp_path: Path) -> None:
    shutil.copytree(catalogue.WEIGHTS / "induction", tmp_path / "induction")
    file = tmp_path / "induction" / model_card.FILE
    file.write_text(change(file.read_text("utf-8")), "utf-8")
    with pytest.raises(EngineError, match=message):
        model_card.read("induction", tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        lambda card: card.update(task="Something else"),
        lambda card: card["data"].update(seed=17),
        lambda card: card["data"].update(about="Other data"),
        lambda card: card["gates"]["induction"].update(above=0.1),
        lambda card: card["gates"].pop("induction"),
        lambda card: card["checkpoints"]["induction"].update(parameters=7),
        lambda card: card["checkpoints"]["induction"].update(dtype="float64"),
        lambda card: card["checkpoints"]["induction"]["config"].update(
            n_heads=2, n_kv_heads=2, d_head=32, rotary_dim=32
        ),
        lambda card: card["checkpoints"]["induction"]["files"].pop("config.json"),
        lambda card: card["checkpoints"].clear(),
    ],
)
def test_a_card_that_is_not_true_fails(change, tmp_path: Path) -> None:
    shutil.copytree(catalogue.WEIGHTS / "induction", tmp_path / "induction")
    _rewrite(tmp_path, change)
    claims = list(remeasuring.verify("induction", root=tmp_path))
    assert not all(claim.holds for claim in claims)


@pytest.mark.parametrize(
    "change",
    [
        lambda card: card.update(name="syntax"),
        lambda card: card["metrics"].update(induction=float("nan")),
        lambda card: card["checkpoints"]["induction"].update(config={}),
        lambda card: card["checkpoints"]["induction"]["files"].update({"/etc/hostname": "0" * 64}),
        lambda card: card["checkpoints"]["induction"]["files"].update({"../x": "0" * 64}),
        lambda card: card["checkpoints"].update({"../induction": card["checkpoints"]["induction"]}),
        lambda card: card["checkpoints"].update({"syntax": card["checkpoints"]["induction"]}),
        lambda card: card.update(more=1),
    ],
)
def test_a_card_that_makes_no_sense_is_refused(change, tmp_path: Path) -> None:
    shutil.copytree(catalogue.WEIGHTS / "induction", tmp_path / "induction")
    _rewrite(tmp_path, change)
    with pytest.raises(EngineError):
        model_card.read("induction", tmp_path)


def test_a_file_that_the_card_does_not_name_is_noticed(tmp_path: Path) -> None:
    shutil.copytree(catalogue.WEIGHTS / "induction", tmp_path / "induction")
    (tmp_path / "induction" / "generation_config.json").write_text('{"eos_token_id": 1}')
    (claim,) = remeasuring.verify("induction", root=tmp_path)
    assert not claim.holds and claim.measured == "induction/generation_config.json is not on the card"


def test_a_gate_that_is_missed_fails_though_the_card_says_so_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(catalogue.WEIGHTS / "induction", tmp_path / "induction")
    recipe = catalogue.recipe("induction")
    strict = replace(recipe, gates=(Gate("previous_token", 0.9),))
    monkeypatch.setattr(catalogue, "recipe", lambda name: strict)
    claims = {claim.name: claim.holds for claim in remeasuring.verify("induction", root=tmp_path)}
    assert claims == {"files": True, "card": False, "copy_accuracy": True, "previous_token": False, "induction": True}


def test_measuring_takes_the_threads_of_the_recipe(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def look(loaded: object) -> dict[str, float]:
        seen.append(torch.get_num_threads())
        return {}

    recipe = replace(catalogue.recipe("induction"), threads=3, measurements=(Measurement(look),))
    monkeypatch.setattr(catalogue, "recipe", lambda name: recipe)
    list(remeasuring.verify("induction"))
    assert seen == [3]


def test_another_folder_in_half_precision_stays_so(tmp_path: Path) -> None:
    shutil.copytree(catalogue.WEIGHTS / "induction", tmp_path / "induction")
    assert load(str(tmp_path / "induction"), "cpu").model.dtype == torch.float16


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("tasks", "name one: tasks/decoder, tasks/encoder, tasks/encoder-decoder"),
        ("retrieval/", "name one: retrieval/bi-encoder, retrieval/cross-encoder"),
        ("tasks/decodr", "did you mean tasks/decoder"),
        ("inductoin", "did you mean induction?"),
    ],
)
def test_a_name_that_is_nearly_one_is_not_asked_of_the_hub(name: str, said: str, monkeypatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(StudyError) as caught:
        resolve(name)
    assert said in str(caught.value.hint)


def test_a_metric_that_differs_is_a_claim_that_fails(tmp_path: Path) -> None:
    shutil.copytree(catalogue.WEIGHTS / "induction", tmp_path / "induction")
    stated = model_card.read("induction")
    metrics = dict(stated.metrics) | {"induction": stated.metrics["induction"] - 0.003}
    _write(stated, metrics, tmp_path)
    claims = {claim.name: claim for claim in remeasuring.verify("induction", root=tmp_path)}
    assert [name for name, claim in claims.items() if not claim.holds] == ["induction"]


def test_a_card_with_a_metric_too_many_or_too_few_fails(tmp_path: Path) -> None:
    shutil.copytree(catalogue.WEIGHTS / "induction", tmp_path / "induction")
    stated = model_card.read("induction")
    metrics = {name: value for name, value in stated.metrics.items() if name != "induction"} | {"charm": 1.0}
    _write(stated, metrics, tmp_path)
    claims = {claim.name: claim for claim in remeasuring.verify("induction", root=tmp_path)}
    assert [name for name, claim in claims.items() if not claim.holds] == ["induction", "charm"]


def _rewrite(root: Path, change) -> None:
    file = root / "induction" / model_card.FILE
    card = json.loads(file.read_text("utf-8"))
    change(card)
    file.write_text(json.dumps(card), "utf-8")


def _write(card: ModelCard, metrics: dict[str, float], root: Path) -> None:
    model_card.write(card.model_copy(update={"metrics": metrics}), root)
