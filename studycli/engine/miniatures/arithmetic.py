"""Arithmetic: short sums and Python expressions, and the decoder that completes them character by character."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import islice
from random import Random
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from studycli.engine.config import Config
from studycli.engine.generation import generate
from studycli.engine.loaded import Loaded
from studycli.engine.miniatures.held_out import is_held_out
from studycli.engine.miniatures.prompt import known_characters
from studycli.engine.miniatures.recipe import Trained, Training
from studycli.engine.miniatures.vocabulary import character_tokenizer
from studycli.engine.miniatures.watching import best_heads
from studycli.engine.model import Transformer
from studycli.engine.training import IGNORED, causal_lm_loss
from studycli.errors import UsageError

PAD, END = "<pad>", ";"
CHARACTERS = list("0123456789+-*()[]:,='abcdeflmnorstx")
VOCABULARY = [PAD, END, *CHARACTERS]
_IDS = {character: id_ for id_, character in enumerate(VOCABULARY)}
_LETTERS = "abcdef"
_LONGEST_PROMPT, _LONGEST_ANSWER = 18, 15
CONFIG = Config(
    architecture="decoder", vocab_size=len(VOCABULARY), d_model=80, n_layers=3, n_heads=4, d_ff=320,
    max_length=_LONGEST_PROMPT + _LONGEST_ANSWER, pad_id=0,
)  # fmt: skip
_STEPS, _WARMUP, _ROWS, _HELD = 1400, 100, 128, 400


class Expression(NamedTuple):
    """An expression up to its equals sign, and its value, as Python writes them but for the spaces."""

    text: str
    value: str

    @property
    def held_out(self) -> bool:
        """Whether it is kept from training; with it all of the same characters, such as 38+47 with 47+38."""
        return is_held_out(*sorted(self.text))


def _sum(random: Random) -> Expression:
    a, b = random.randint(10, 99), random.randint(10, 99)
    return Expression(f"{a}+{b}=", str(a + b))


def _largest(random: Random) -> Expression:
    numbers = [random.randint(10, 99) for _ in range(random.randint(2, 3))]
    return Expression(f"max({','.join(map(str, numbers))})=", str(max(numbers)))


def _length(random: Random) -> Expression:
    digits = _digits(random, random.randint(1, 4))
    return Expression(f"len([{','.join(digits)}])=", str(len(digits)))


def _sorted(random: Random) -> Expression:
    digits = _digits(random, random.randint(2, 4))
    return Expression(f"sorted([{','.join(digits)}])=", f"[{','.join(sorted(digits))}]")


def _index(random: Random) -> Expression:
    digits = _digits(random, random.randint(2, 5))
    at = random.randrange(len(digits))
    return Expression(f"[{','.join(digits)}][{at}]=", digits[at])


def _repeated(random: Random) -> Expression:
    text, times = _text(random, random.randint(1, 4)), random.randint(2, 3)
    return Expression(f"'{text}'*{times}=", f"'{text * times}'")


def _reversed(random: Random) -> Expression:
    text = _text(random, random.randint(2, 5))
    return Expression(f"'{text}'[::-1]=", f"'{text[::-1]}'")


def _digits(random: Random, count: int) -> list[str]:
    return [str(random.randint(0, 9)) for _ in range(count)]


def _text(random: Random, count: int) -> str:
    return "".join(random.choice(_LETTERS) for _ in range(count))


class Kind(NamedTuple):
    """A kind of expression: how one is drawn, what all of them look like up to the equals sign, and an example."""

    draw: Callable[[Random], Expression]
    shape: str
    example: str


_NUMBER, _DIGIT, _LETTER = "[1-9][0-9]", "[0-9]", f"[{_LETTERS}]"
_PLACES = "|".join(rf"\[{_DIGIT}(,{_DIGIT}){{{max(at, 1)},4}}\]\[{at}\]" for at in range(5))
"""Lists of two to five digits, each with a place that it has."""
KINDS: Mapping[str, Kind] = {
    "sum": Kind(_sum, rf"{_NUMBER}\+{_NUMBER}", "47+38"),
    "largest": Kind(_largest, rf"max\({_NUMBER}(,{_NUMBER}){{1,2}}\)", "max(27,71)"),
    "length": Kind(_length, rf"len\(\[{_DIGIT}(,{_DIGIT}){{0,3}}\]\)", "len([3,1,4])"),
    "sorted": Kind(_sorted, rf"sorted\(\[{_DIGIT}(,{_DIGIT}){{1,3}}\]\)", "sorted([4,1,3])"),
    "index": Kind(_index, _PLACES, "[3,1,4][2]"),
    "repeated": Kind(_repeated, rf"'{_LETTER}{{1,4}}'\*[23]", "'ab'*2"),
    "reversed": Kind(_reversed, rf"'{_LETTER}{{2,5}}'\[::-1\]", "'bad'[::-1]"),
}
_WEIGHTS = {"sum": 6, "index": 3, "largest": 2, "sorted": 2}
"""How often a kind is drawn, 1 unless named: what takes longer to learn comes more often."""


def expressions(
    seed: int, purpose: str, kinds: Sequence[str] = tuple(KINDS), *, held_out: bool
) -> Iterator[Expression]:
    """Expressions without end, of these kinds: those of training, or those that are kept from it."""
    random = Random(f"{seed}/arithmetic/{purpose}")
    weights = [_WEIGHTS.get(kind, 1) for kind in kinds]
    while True:
        (kind,) = random.choices(kinds, weights)
        found = KINDS[kind].draw(random)
        if found.held_out == held_out:
            yield found


def batches(seed: int) -> Iterator[Mapping[str, Tensor]]:
    """Batches without end of training expressions: `input_ids` and `labels` (128, seq), the values alone labelled."""
    found = expressions(seed, "batches", held_out=False)
    while True:
        yield _inputs(list(islice(found, _ROWS)))


def train(training: Training) -> Trained:
    """Train the checkpoint `tasks/decoder`."""
    model = Transformer(CONFIG, seed=training.seed)
    held = {kind: _distinct(training.seed, "watched", kind, 60) for kind in ("sum", "index", "reversed")}
    training.run(
        model, batches(training.seed), causal_lm_loss, steps=_STEPS, peak=3e-3, warmup=_WARMUP, every=50,
        scores=partial(_watched, held),
    )  # fmt: skip
    ends = json.dumps({"eos_token_id": _IDS[END]}) + "\n"
    return Trained(model, character_tokenizer(VOCABULARY), {"generation_config.json": ends})


@cache
def held_out_expressions(seed: int) -> Mapping[str, tuple[Expression, ...]]:
    """What the model is measured on: of each kind up to 400 expressions, all different."""
    return {kind: _distinct(seed, "held out", kind, _HELD) for kind in KINDS}


def measure(model: Transformer, held: Mapping[str, Sequence[Expression]]) -> dict[str, float]:
    """The part of these expressions that are completed right to the last character, and end there.

    `completion_KIND` of each kind, `completion_exact` the mean over the kinds.
    """
    right = {f"completion_{kind}": _right(model, found) for kind, found in held.items()}
    return right | {"completion_exact": sum(right.values()) / len(right)}


def complete(loaded: Loaded, text: str) -> str:
    """What the model writes behind an expression, up to its end: `85` behind `47+38`, which may end in `=` or not.

    Raises UsageError for a character that the model never read, for a text of more than 18, and for an expression
    that is of none of the kinds that it learned.
    """
    prompt = _prompt(text)
    ids = torch.tensor([[_IDS[character] for character in prompt]])  # (1, seq)
    written = generate(loaded.model, ids, _LONGEST_ANSWER, stop=[_IDS[END]])[0, ids.shape[1] :].tolist()
    return "".join(VOCABULARY[id_] for id_ in written if id_ != _IDS[END])


def _prompt(text: str) -> str:
    """An expression without spaces and with its equals sign, if it is of a kind that was learned."""
    expression = known_characters(text, frozenset(CHARACTERS), _LONGEST_PROMPT).removesuffix("=")
    if not any(re.fullmatch(kind.shape, expression) for kind in KINDS.values()):
        kinds = ", ".join(f"{name} as in {kind.example}" for name, kind in KINDS.items())
        raise UsageError(f"the model never learned an expression such as '{expression}'", hint=f"it learned {kinds}")
    return known_characters(f"{expression}=", frozenset(CHARACTERS), _LONGEST_PROMPT)


@torch.inference_mode()
def _right(model: Transformer, found: Sequence[Expression]) -> float:
    """The part that greedy decoding completes right: those whose every character is the likeliest behind the true."""
    batch = _inputs(found)
    labels = batch["labels"][:, 1:]  # (rows, seq - 1)
    predicted = model(batch["input_ids"])[:, :-1].argmax(-1).cpu()  # (rows, seq - 1)
    return float(((predicted == labels) | (labels == IGNORED)).all(-1).double().mean())


def _watched(held: Mapping[str, Sequence[Expression]], model: Transformer) -> dict[str, float]:
    ids = _inputs(next(iter(held.values())))["input_ids"]  # (rows, seq)
    return {kind: _right(model, found) for kind, found in held.items()} | best_heads(model, ids)


def _distinct(seed: int, purpose: str, kind: str, count: int) -> tuple[Expression, ...]:
    """Up to `count` different ones of a kind; of some there are not so many."""
    drawn = islice(expressions(seed, f"{purpose} {kind}", [kind], held_out=True), 3 * count)
    return tuple(dict.fromkeys(drawn))[:count]


def _inputs(found: Sequence[Expression]) -> dict[str, Tensor]:
    """`input_ids`, padded on the right, and `labels`, IGNORED but for values and ends; both (rows, seq)."""
    rows, labels = [], []
    for text, value in found:
        ids = torch.tensor([_IDS[character] for character in text + value + END])  # (seq)
        rows.append(ids)
        labels.append(ids.masked_fill(torch.arange(len(ids)) < len(text), IGNORED))  # (seq)
    return {"input_ids": pad_sequence(rows, True, _IDS[PAD]), "labels": pad_sequence(labels, True, IGNORED)}
