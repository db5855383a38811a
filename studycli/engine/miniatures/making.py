"""Making: a miniature model from its seed to the files that are shipped, with its model card."""

from __future__ import annotations

import math
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from studycli.engine.miniatures.recipe import Measurement, Progress, Recipe, Trained, Training
from studycli.engine.model import Transformer
from studycli.engine.whole_file import write_whole
from studycli.errors import EngineError

Taken = tuple[Measurement, dict[str, float]]  # a measurement, and its metrics by name


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
    """Measure a model and put its checkpoints and its card into `root`, all or nothing.

    The weights are float16 where nothing is lost: where they stay finite and each metric stays within its tolerance.
    Metrics are those of the files as they were written, loaded again. Raises EngineError where they cannot be written,
    and for a metric that is no finite number.
    """
    model_card.check_folder(made.recipe.name, root)
    exact = list(taken(made.recipe, made.loaded()))
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".studycli-", dir=root) as folder:
            card = _written(made, exact, Path(folder))
            target = root / made.recipe.name
            shutil.rmtree(target, ignore_errors=True)
            (Path(folder) / made.recipe.name).rename(target)
    except OSError as error:
        reason = error.strerror or str(error)
        raise EngineError(f"cannot be written: {reason}", where=str(root), hint="choose another place") from error
    return card


def _written(made: Made, exact: Sequence[Taken], root: Path) -> ModelCard:
    """The card of the files that were written into a fresh folder, in half precision or in full."""
    for half in (True, False):
        if half and not all(_fits_half(each.model) for each in made.trained.values()):
            continue
        for name, each in made.trained.items():
            _write_checkpoint(each, root / name, half=half)
        found = list(taken(made.recipe, bundle.load_all(made.recipe.name, root=root)))
        if not half or _agree(exact, found):
            break
    metrics = {metric: value for _, part in found for metric, value in part.items()}
    card = _card(made, metrics, "float16" if half else "float32", root)
    model_card.write(card, root)
    return card


def _fits_half(model: Transformer) -> bool:
    return all(bool(weights.detach().half().isfinite().all()) for weights in model.parameters())


def measured(recipe: Recipe, loaded: Mapping[str, Loaded], *, slow: bool = True) -> dict[str, float]:
    """Every metric of a recipe by name; without the `slow` ones where these are not wanted.

    Raises EngineError for a metric that is no finite number.
    """
    return {metric: value for _, part in taken(recipe, loaded, slow=slow) for metric, value in part.items()}


def taken(recipe: Recipe, loaded: Mapping[str, Loaded], *, slow: bool = True) -> Iterator[Taken]:
    """The same, each measurement with its metrics."""
    for measurement in recipe.measurements:
        if slow or not measurement.slow:
            yield measurement, metrics_of(recipe, measurement, loaded)


def metrics_of(recipe: Recipe, measurement: Measurement, loaded: Mapping[str, Loaded]) -> dict[str, float]:
    """The metrics of one measurement. Raises EngineError for one that is no finite number."""
    with threads(recipe.threads), torch.inference_mode():
        metrics = dict(measurement.measure(loaded))
    for metric, value in metrics.items():
        if not math.isfinite(value):
            hint = "was the training stable?"
            raise EngineError(f"the metric {metric} is {value}", where=recipe.name, hint=hint)
    return metrics


def bit_for_bit(made: Made) -> bool:
    """Whether the weights, rounded as the bundled ones are, are the same bits; not where those are damaged."""
    try:
        card = model_card.read(made.recipe.name)
        bundled = {name: (bundle.load(name).model, card.checkpoints[name].dtype) for name in made.trained}
    except (EngineError, KeyError):
        return False
    return all(_same_bits(each.model, *bundled[name]) for name, each in made.trained.items())


def _same_bits(model: Transformer, bundled: Transformer, dtype: str) -> bool:
    stored = torch.float16 if dtype == "float16" else torch.float32
    ours, theirs = dict(model.named_parameters()), dict(bundled.named_parameters())
    return ours.keys() == theirs.keys() and all(
        weights.shape == theirs[key].shape and bool((weights.to(stored).float() == theirs[key]).all())
        for key, weights in ours.items()
    )


def _agree(exact: Sequence[Taken], rounded: Sequence[Taken]) -> bool:
    return all(
        abs(value - before[metric]) <= measurement.tolerance
        for (_, before), (measurement, after) in zip(exact, rounded, strict=True)
        for metric, value in after.items()
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
