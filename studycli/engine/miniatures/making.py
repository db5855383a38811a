"""Making: a miniature model from its seed to the files that are shipped, with its model card."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from studycli.engine import checkpoint as files
from studycli.engine.convert import save_pretrained
from studycli.engine.device import choose, threads
from studycli.engine.hub import TOKENIZER
from studycli.engine.loaded import Loaded
from studycli.engine.miniatures import bundle, model_card
from studycli.engine.miniatures.model_card import CheckpointCard, Data, GateCard, MadeBy, ModelCard
from studycli.engine.miniatures.recipe import Progress, Recipe, Trained, Training
from studycli.engine.model import Transformer
from studycli.engine.whole_file import write_whole


@dataclass(frozen=True, slots=True)
class Made:
    """A trained model, not yet written: its checkpoints as they will be loaded, and how they came about."""

    recipe: Recipe
    trained: Mapping[str, Trained]
    training: MadeBy

    def loaded(self) -> Mapping[str, Loaded]:
        """The checkpoints, ready to be measured."""
        return {name: Loaded(each.model, each.tokenizer, name) for name, each in self.trained.items()}


def make(recipe: Recipe, device: str = "auto", report: Callable[[Progress], None] = lambda progress: None) -> Made:
    """Train every checkpoint of a recipe, from its seed.

    Raises MissingError for a device that isn't there, EngineError where a loss stops being finite.
    """
    chosen, trained = choose(device), {}
    started = time.perf_counter()
    with threads(recipe.threads):
        for name in recipe.checkpoints:
            trained[name] = recipe.train(Training(name, recipe.seed, chosen, report))
            trained[name].model.to("cpu").eval()
    seconds = round(time.perf_counter() - started, 1)
    command = f"studycli engine train {recipe.name}"
    how = MadeBy(
        command=command, seconds=seconds, device=chosen.type, threads=recipe.threads, torch=torch.__version__
    )  # fmt: skip
    return Made(recipe, trained, how)


def write(made: Made, root: Path) -> ModelCard:
    """Measure a model and write its checkpoints and its card into `root`; the weights in half where nothing is lost.

    Nothing is lost where rounding every weight to float16 leaves each metric within its tolerance. Metrics are those
    of the files as they were written, loaded again. Raises EngineError where they cannot be written.
    """
    exact = measured(made.recipe, made.loaded(), slow=False)
    for name, each in made.trained.items():
        _write_checkpoint(each, root / name, half=True)
    dtype = "float16"
    loaded = bundle.load_all(made.recipe.name, root=root)
    if not _agree(made.recipe, exact, loaded):
        dtype = "float32"
        for name, each in made.trained.items():
            _write_checkpoint(each, root / name, half=False)
        loaded = bundle.load_all(made.recipe.name, root=root)
    card = _card(made, measured(made.recipe, loaded), dtype, root)
    model_card.write(card, root)
    return card


def measured(recipe: Recipe, loaded: Mapping[str, Loaded], *, slow: bool = True) -> dict[str, float]:
    """Every metric of a recipe by name; without the `slow` ones where these are not wanted."""
    metrics: dict[str, float] = {}
    with threads(recipe.threads), torch.inference_mode():
        for measurement in recipe.measurements:
            if slow or not measurement.slow:
                metrics |= measurement.measure(loaded)
    return metrics


def bit_for_bit(made: Made) -> bool:
    """Whether the weights, rounded as the bundled ones are, are the same bits."""
    return all(_same_bits(each.model, bundle.load(name).model, name) for name, each in made.trained.items())


def _same_bits(model: Transformer, bundled: Transformer, name: str) -> bool:
    card = model_card.read(name.partition("/")[0]).checkpoints[name]
    stored = torch.float16 if card.dtype == "float16" else torch.float32
    ours, theirs = dict(model.named_parameters()), dict(bundled.named_parameters())
    return ours.keys() == theirs.keys() and all(
        weights.shape == theirs[key].shape and bool((weights.to(stored).float() == theirs[key]).all())
        for key, weights in ours.items()
    )


def _agree(recipe: Recipe, exact: Mapping[str, float], loaded: Mapping[str, Loaded]) -> bool:
    with threads(recipe.threads), torch.inference_mode():
        return all(
            abs(value - exact[metric]) <= measurement.tolerance
            for measurement in recipe.measurements
            if not measurement.slow
            for metric, value in measurement.measure(loaded).items()
        )


def _write_checkpoint(trained: Trained, folder: Path, *, half: bool) -> None:
    """config.json, weights, tokenizer and texts, with the sums of all of them."""
    save_pretrained(_halved(trained.model) if half else trained.model, folder, trained.labels)
    extra = list(trained.texts)
    if trained.tokenizer is not None:
        trained.tokenizer.save(folder)
        extra.append(TOKENIZER)
    for name, text in trained.texts.items():
        _write_text(folder / name, text)
    sums = (folder / files.SUMS).read_text("utf-8")
    sums += "".join(f"{files.sha256(folder / name)}  {name}\n" for name in extra)
    _write_text(folder / files.SUMS, sums)


def _write_text(file: Path, text: str) -> None:
    write_whole(file, lambda place: place.write_text(text, "utf-8", newline="\n"))


def _halved(model: Transformer) -> Transformer:
    """The same model with its weights rounded to float16."""
    with torch.device("meta"):
        empty = Transformer(model.config)
    half = {name: weights.detach().half() for name, weights in model.named_parameters()}
    empty.load_state_dict(half, strict=True, assign=True)
    return empty


def _card(made: Made, metrics: Mapping[str, float], dtype: str, root: Path) -> ModelCard:
    recipe = made.recipe
    checkpoints = {
        name: CheckpointCard(
            config=each.model.config.to_json(),
            parameters=sum(weights.numel() for weights in each.model.parameters()),
            dtype=dtype,
            files=dict(_sums(root / name)),
        )
        for name, each in made.trained.items()
    }
    return ModelCard(
        name=recipe.name,
        task=recipe.task,
        data=Data(about=recipe.data, generator=recipe.generator, seed=recipe.seed),
        training=made.training,
        checkpoints=checkpoints,
        metrics={name: round(value, 6) for name, value in metrics.items()},
        gates={gate.metric: GateCard(above=gate.above) for gate in recipe.gates},
    )


def _sums(folder: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(folder.iterdir()):
        if file.is_file() and file.name != model_card.FILE:
            yield file.name, files.sha256(file)
