"""Generation: the next token's distribution, what temperature, top-k and top-p make of it, and what is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from studycli.demos import models, next_token, prompt
from studycli.demos.prompt import spelled
from studycli.demos.steps import claim, step
from studycli.engine import sampling
from studycli.model.trace import Claim, DemoResult, Origin, Step

if TYPE_CHECKING:
    from torch import Tensor

    from studycli.demos.inputs import Inputs
    from studycli.demos.writing import Text
    from studycli.engine.loaded import Loaded

WAYS = ("greedy", "drawn", "beam")
_LIMIT = 64
_CLOSE = 1e-3


@dataclass(frozen=True)
class Written:
    """The texts by way, the greedy one with its probabilities from one pass, and what a top-k of 1 draws in it."""

    texts: dict[str, Text]
    greedy_in_one_pass: Text
    top_1: tuple[int, ...]


def generation(inputs: Inputs) -> DemoResult:
    """The study-lm continues a text.

    Raises UsageError for a text without words, MissingError where the device is not there.
    """
    from studycli.engine.device import choose

    device = choose(inputs.device)
    loaded = models.load(prompt.MODEL, device.type)
    given = prompt.read(inputs.text, loaded, _LIMIT)
    ids = given.tensor(loaded)  # (1, seq)
    following, written = next_token.next_token(inputs, loaded, ids), _write(inputs, loaded, ids)
    return DemoResult(
        demo="generation",
        title="Generation",
        inputs=given.described(inputs, device),
        steps=(given.step(), *next_token.steps(inputs, loaded, following), *_written_steps(loaded, written)),
        claims=(*next_token.claims(inputs, following), *_written_claims(inputs, written)),
    )


def _write(inputs: Inputs, loaded: Loaded, ids: Tensor) -> Written:
    """The texts behind ids (1, seq)."""
    import torch

    from studycli.demos.writing import Settings, by_beams, reader, scored, step_by_step

    tokens, model = inputs.integer("tokens"), loaded.model
    drawing = Settings(inputs.number("temperature"), inputs.integer("top_k"), inputs.number("top_p"))

    def write(settings: Settings) -> Text:
        return step_by_step(reader(model, inputs, ids.shape[1] + tokens), ids, tokens, settings, inputs.seed)

    with torch.inference_mode():
        greedy = write(Settings())
        searching = reader(model, inputs, ids.shape[1] + tokens)
        beam, _ = scored(model, ids, by_beams(searching, ids, tokens, inputs.integer("beams")), inputs)
        again, logits = scored(model, ids, greedy.ids, inputs)
        top_1 = sampling.draw(sampling.distribution(logits, top_k=1), torch.Generator().manual_seed(inputs.seed))
        drawn = write(drawing)
    return Written(
        texts=dict(zip(WAYS, (greedy, drawn, beam), strict=True)),
        greedy_in_one_pass=again,
        top_1=tuple(top_1.tolist()),
    )


def _written_steps(loaded: Loaded, written: Written) -> tuple[Step, ...]:
    columns, rows = [], []
    for way, text in written.texts.items():
        columns += [way, "prob."]
        rows += [np.array(spelled(text.ids, loaded), dtype=object), np.exp(text.log_probabilities)]
    table = np.empty((len(rows[0]), len(rows)), dtype=object)
    for column, values in enumerate(rows):
        table[:, column] = values
    said = "; ".join(f"{way}: '{loaded.text(text.ids)}'" for way, text in written.texts.items())
    return (
        step(
            "written",
            table,
            "Token by token, with the probability that the model itself gave it: the likeliest each time, one drawn "
            "from what temperature, top-k and top-p leave, and the best text of a beam search.",
            ("step", "way"),
            (),
            labels={"way": tuple(columns)},
        ),
        step(
            "totals",
            np.array([text.total for text in written.texts.values()]),
            f"The log-probability of each text in nats, nearer to 0 is likelier: {said}.",
            ("way",),
            (),
            labels={"way": tuple(written.texts)},
            origin=Origin(kind="given", note="The sum of the logarithms of the text's probabilities, one a token."),
        ),
    )


def _written_claims(inputs: Inputs, written: Written) -> tuple[Claim, ...]:
    greedy, beam = written.texts["greedy"], written.texts["beam"]
    apart = abs(greedy.total - written.greedy_in_one_pass.total)
    same = sum(a == b for a, b in zip(greedy.ids, written.top_1, strict=True))
    return (
        claim(
            "text-log-probability-adds-up",
            "A text's log-probability is the sum of its tokens', each given those before it: step by step it is what "
            "one pass over the whole text gives, within 1e-3 nats.",
            f"{greedy.total:.4f} and {written.greedy_in_one_pass.total:.4f}",
            apart < _CLOSE,
        ),
        claim(
            "greedy-is-top-k-1",
            "Drawing from the single likeliest token, a top-k of 1, gives at each step what greedy decoding takes.",
            f"{same} of {len(greedy.ids)} tokens",
            same == len(greedy.ids),
        ),
        claim(
            "beam-against-greedy",
            f"Against greedy decoding, a beam search of width {inputs.integer('beams')} ends on this text with one at "
            "least as likely; on another it may not.",
            f"{beam.total:.3f} nats, greedy {greedy.total:.3f}",
            beam.total >= greedy.total - _CLOSE,
        ),
    )
