"""Remeasuring: whether a bundled model is the one that its card describes, file by file and metric by metric."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from studycli.engine import checkpoint
from studycli.engine.loaded import Loaded
from studycli.engine.miniatures import bundle, catalogue, model_card
from studycli.engine.miniatures.making import metrics_of
from studycli.engine.miniatures.model_card import ModelCard
from studycli.engine.miniatures.recipe import Measurement, Recipe
from studycli.engine.verification import Claim
from studycli.errors import EngineError, MissingError


def verify(name: str, device: str = "cpu", *, slow: bool = True, root: Path | None = None) -> Iterator[Claim]:
    """Every claim of a model's card: the files, then each metric measured anew, without the `slow` ones if so wished.

    Files that fail leave nothing to measure, and end it. With `root`, the model of that name in another folder. Raises
    EngineError for a card that is missing or damaged, MissingError for a device that isn't there.
    """
    card, recipe = model_card.read(name, root), catalogue.recipe(name)
    files = _files(card, catalogue.WEIGHTS if root is None else root)
    yield files
    if not files.holds:
        return
    loaded, seen = bundle.load_all(name, device, root), set()
    wrong = ", ".join(_differences(card, recipe, loaded))
    statement = "The card tells of this training and of these weights."
    yield Claim("card", statement, wrong or "nothing differs", not wrong)
    for measurement in recipe.measurements:
        if slow or not measurement.slow:
            for claim in _measured(card, recipe, measurement, loaded):
                seen.add(claim.name)
                yield claim
    for metric in card.metrics if slow else ():
        if metric not in seen and "not measured" not in seen:
            yield Claim(metric, "The card states a metric that is still measured.", "nothing measures it", False)


def _files(card: ModelCard, root: Path) -> Claim:
    statement = "Every file has the SHA-256 that the model card states."
    count = 0
    named = {root / name / file for name, each in card.checkpoints.items() for file in each.files}
    named.add(root / card.name / model_card.FILE)
    for there in sorted((root / card.name).rglob("*")):
        if there.is_file() and there not in named:
            return Claim("files", statement, f"{there.relative_to(root)} is not on the card", False)
    for name, each in card.checkpoints.items():
        for file, stated in each.files.items():
            count += 1
            place = root / name / file
            if not place.is_file():
                return Claim("files", statement, f"{name}/{file} is missing", False)
            if checkpoint.sha256(place) != stated:
                return Claim("files", statement, f"{name}/{file} was changed or damaged", False)
    return Claim("files", statement, f"{count} files", True)


def _differences(card: ModelCard, recipe: Recipe, loaded: Mapping[str, Loaded]) -> Iterator[str]:
    """What the card says otherwise than the recipe or the weights do."""
    stated = (card.task, card.data.about, card.data.generator, card.data.seed)
    if stated != (recipe.task, recipe.data, recipe.generator, recipe.seed):
        yield "another task, data or seed"
    if tuple(card.checkpoints) != recipe.checkpoints:
        yield "other checkpoints"
        return
    if {name: gate.above for name, gate in card.gates.items()} != {gate.metric: gate.above for gate in recipe.gates}:
        yield "other gates"
    for name, each in loaded.items():
        described, model = card.checkpoints[name], each.model
        count = sum(weights.numel() for weights in model.parameters())
        if (dict(described.config), described.parameters) != (model.config.to_json(), count):
            yield f"another config of {name}"
        if described.dtype not in ("float16", "float32"):
            yield f"another dtype of {name}"


def _measured(
    card: ModelCard, recipe: Recipe, measurement: Measurement, loaded: Mapping[str, Loaded]
) -> Iterator[Claim]:
    gates = {gate.metric: gate.above for gate in recipe.gates}
    try:
        metrics = metrics_of(recipe, measurement, loaded)
    except (MissingError, EngineError) as error:
        yield Claim("not measured", "Every metric can be measured.", f"{error} ({error.hint})", False)
        return
    for metric, value in metrics.items():
        stated = card.metrics.get(metric)
        if stated is None:
            yield Claim(metric, "The card states this metric.", value, False)
            continue
        statement, holds = f"The card states {stated:,.4g}", abs(value - stated) <= measurement.tolerance
        if metric in gates:
            statement += f"; it must be above {gates[metric]:g}"
            holds = holds and value > gates[metric]
        yield Claim(metric, f"{statement}.", value, holds)
