"""Checkpoints that are missing, damaged, tampered with or of another kind: each an error that names the thing."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from studycli.engine import load_pretrained
from studycli.engine.convert import save_pretrained
from studycli.errors import EngineError, MissingError, StudyError
from tests.engine_models import CROSS, DECODERS, ENCODER, PLAIN, build, ids

WEIGHTS, CONFIG, SUMS = "model.safetensors", "config.json", "SHA256SUMS"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A whole checkpoint of ours."""
    save_pretrained(build(PLAIN), tmp_path / "model")
    return tmp_path / "model"


def set_config(folder: Path, **values: object) -> None:
    (folder / SUMS).unlink(missing_ok=True)
    config = json.loads((folder / CONFIG).read_text())
    (folder / CONFIG).write_text(json.dumps({**config, **values}))


def set_tensors(folder: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    (folder / SUMS).unlink(missing_ok=True)
    tensors = load_file(folder / WEIGHTS)
    change(tensors)
    save_file(tensors, folder / WEIGHTS)


@pytest.mark.parametrize("config", [*DECODERS.values(), CROSS, ENCODER, replace(ENCODER, n_labels=3, pooler=True)])
def test_saved_and_loaded_it_is_the_same(config, tmp_path: Path) -> None:
    model = build(config)
    save_pretrained(model, tmp_path)
    loaded = load_pretrained(tmp_path)
    assert loaded.config == config and not loaded.training
    mine, own = dict(model.named_parameters()), dict(loaded.named_parameters())
    assert mine.keys() == own.keys() and all(mine[name].equal(own[name]) for name in mine)
    assert all(mine[name].stride() == own[name].stride() for name in mine)
    more = {"decoder_input_ids": ids(1, 3)} if config.architecture == "encoder-decoder" else {}
    assert model(ids(1, 5), **more).equal(loaded(ids(1, 5), **more))


@pytest.mark.parametrize(("given", "kept"), [(None, torch.bfloat16), ("float32", torch.float32), (torch.float64,) * 2])
def test_dtypes(folder: Path, given: object, kept: torch.dtype) -> None:
    set_tensors(folder, lambda tensors: tensors.update({name: x.bfloat16() for name, x in tensors.items()}))
    model = load_pretrained(folder, dtype=given)
    assert {weights.dtype for weights in model.parameters()} == {kept}
    assert all(weights.requires_grad for weights in model.parameters())


def gone(name: str) -> Callable[[Path], object]:
    return lambda folder: ((folder / SUMS).unlink(), (folder / name).unlink())


def cut(folder: Path) -> None:
    (folder / SUMS).unlink()
    content = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(content[: len(content) // 2])


def flip(folder: Path) -> None:
    content = bytearray((folder / WEIGHTS).read_bytes())
    content[-5] ^= 1
    (folder / WEIGHTS).write_bytes(content)


def pickled(folder: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (Path(folder / "exploded"),)

    gone(WEIGHTS)(folder)
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Bomb()))


def index(names: object) -> Callable[[Path], object]:
    def apply(folder: Path) -> None:
        gone(WEIGHTS)(folder)
        (folder / "model.safetensors.index.json").write_text(json.dumps(names))

    return apply


FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "no config": (gone(CONFIG), "config.json: the file is missing"),
    "no weights": (gone(WEIGHTS), "there are no weights"),
    "config is no JSON": (lambda f: (f / CONFIG).write_text("{"), "config.json: the file cannot be read"),
    "config is a list": (lambda f: (f / CONFIG).write_text("[]"), "this is no object of settings"),
    "config is binary": (lambda f: (f / CONFIG).write_bytes(b"\xff\xfe\x00"), "cannot be read"),
    "config is nested 100,000 deep": (lambda f: (f / CONFIG).write_text("[" * 100_000), "cannot be read"),
    "no model_type": (lambda f: set_config(f, model_type=None), "'model_type' is missing"),
    "unknown architecture": (lambda f: set_config(f, model_type="mamba"), "'mamba' is not known here"),
    "quantized": (lambda f: set_config(f, quantization_config={"bits": 4}), "quantization_config"),
    "unknown setting": (lambda f: set_config(f, colour="red"), "no 'colour' in a config"),
    "setting of another kind": (lambda f: set_config(f, d_model="wide"), "d_model"),
    "a billion layers": (lambda f: set_config(f, n_layers=10**9), "1000000000 layers cannot be made of"),
    "impossible size": (lambda f: set_config(f, d_model=10**30, d_head=4), "size in the config is impossible"),
    "missing tensor": (lambda f: set_tensors(f, lambda t: t.pop("W_E")), "the tensor W_E is missing"),
    "extra tensor": (lambda f: set_tensors(f, lambda t: t.update(x=torch.ones(1))), "the tensor x is not expected"),
    "wrong shape": (
        lambda f: set_tensors(f, lambda t: t.update(W_E=torch.ones(2, 2))),
        r"the tensor W_E has shape \(2, 2\), and \(23, 24\) was expected",
    ),
    "whole numbers": (
        lambda f: set_tensors(f, lambda t: t.update(W_E=torch.ones(23, 24, dtype=torch.int8))),
        "the tensor W_E holds torch.int8",
    ),
    "truncated": (cut, "truncated or damaged"),
    "empty": (lambda f: ((f / SUMS).unlink(), (f / WEIGHTS).write_bytes(b"")), "truncated or damaged"),
    "one bit flipped": (flip, "its SHA-256 is not the one in SHA256SUMS"),
    "config changed": (lambda f: (f / CONFIG).write_text((f / CONFIG).read_text() + " "), "its SHA-256"),
    "a summed file is gone": (lambda f: (f / WEIGHTS).unlink(), "there are no weights"),
    "fp8": (
        lambda f: set_tensors(f, lambda t: t.update(W_E=torch.ones(23, 24).to(torch.float8_e4m3fn))),
        "the tensor W_E holds torch.float8",
    ),
    "an architecture that is a list": (lambda f: set_config(f, model_type=[]), "is not known here"),
    "sums without the weights": (
        lambda f: (f / SUMS).write_text((f / SUMS).read_text().splitlines()[0]),
        f"the file '{WEIGHTS}' has no sum",
    ),
    "no sums in the file of sums": (lambda f: (f / SUMS).write_text(""), "has no sum"),
    "a folder of sums": (lambda f: ((f / SUMS).unlink(), (f / SUMS).mkdir()), "the sums cannot be read"),
    "sums that are no text": (lambda f: (f / SUMS).write_bytes(b"\xff\xfe  x"), "a line is no sum and name"),
    "sums that point elsewhere": (
        lambda f: (f / SUMS).write_text((f / SUMS).read_text() + "0" * 64 + "  ../config.json\n"),
        "is missing",
    ),
    "a pickle": (pickled, "pickles can run code and are never opened"),
    "an index without files": (index({"weight_map": {"W_E": "model-1.safetensors"}}), "the file is missing"),
    "an index that leads out": (index({"weight_map": {"W_E": "../x.safetensors"}}), "points out of the folder"),
    "an index of nothing": (index([1]), "the index names no files"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named(name: str, folder: Path) -> None:
    damage, message = FAULTS[name]
    damage(folder)
    with pytest.raises(EngineError, match=message) as caught:
        load_pretrained(folder)
    assert str(folder) in str(caught.value.where) and caught.value.hint
    assert not (folder / "exploded").exists()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="there is no such folder"):
        load_pretrained(tmp_path / "nothing")
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineError, match="this is a file"):
        load_pretrained(tmp_path / "file")


def test_sums_in_the_binary_format_and_blank_lines_are_read(folder: Path) -> None:
    (folder / SUMS).write_text("\n" + (folder / SUMS).read_text().replace("  ", " *") + "\n")
    load_pretrained(folder)
    flip(folder)
    with pytest.raises(EngineError, match="its SHA-256"):
        load_pretrained(folder)


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineError, match="cannot be written"):
        save_pretrained(build(PLAIN), tmp_path / "file" / "model")
    for name in (CONFIG, WEIGHTS, SUMS):
        blocked = tmp_path / name
        (blocked / name).mkdir(parents=True)
        (blocked / name / "inside").write_text("")
        with pytest.raises(EngineError, match=f"{name}: cannot be written"):
            save_pretrained(build(PLAIN), blocked)
        assert not list(blocked.glob(".studycli-*"))


def test_a_device_and_a_dtype_that_are_not_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(MissingError, match="there is no CUDA GPU"):
        load_pretrained(folder, device="cuda")
    for dtype in ("int8", torch.int64, "float"):
        with pytest.raises(EngineError, match="there is no dtype"):
            load_pretrained(folder, dtype=dtype)


def test_sharded_files_are_one_checkpoint(folder: Path) -> None:
    tensors = load_file(folder / WEIGHTS)
    names = sorted(tensors)
    gone(WEIGHTS)(folder)
    places = {name: f"model-{i % 2}.safetensors" for i, name in enumerate(names)}
    for file in set(places.values()):
        save_file({name: tensors[name] for name in names if places[name] == file}, folder / file)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": places}))
    assert load_pretrained(folder).W_E.equal(tensors["W_E"])
    save_file({name: tensors[name] for name in names}, folder / "model-0.safetensors")
    with pytest.raises(EngineError, match="is in two files"):
        load_pretrained(folder)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_no_damage_ends_in_anything_but_an_error_of_ours(data: st.DataObject, folder: Path) -> None:
    """Bytes changed, cut out or put in, in either file, without sums: loaded or refused, but never a traceback."""
    damaged = folder.parent / "damaged"
    damaged.mkdir(exist_ok=True)
    for name in (CONFIG, WEIGHTS):
        content = bytearray((folder / name).read_bytes())
        for _ in range(data.draw(st.integers(0, 3))):
            at = data.draw(st.integers(0, min(len(content), 4000)))
            content[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
        (damaged / name).write_bytes(content)
    try:
        load_pretrained(damaged)
    except StudyError as error:
        assert error.hint
