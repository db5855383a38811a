"""Head tables: every attention head of a bundled model on a text, with its scores and a name for what it does."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studycli.demos import cross_attention, induction, models
from studycli.demos.head_samples import Linked
from studycli.demos.known import read
from studycli.demos.measure import Array
from studycli.demos.pieces import visible
from studycli.demos.steps import array
from studycli.demos.words import has_words, split

if TYPE_CHECKING:
    from torch import Tensor

    from studycli.demos.inputs import Inputs
    from studycli.engine.loaded import Loaded
    from studycli.engine.miniatures.grammar import Relation
    from studycli.engine.trace import Trace

CHECKPOINTS = {
    "induction": "induction", "syntax": "syntax", "translator": "tasks/encoder-decoder", "study-lm": "study-lm",
}  # fmt: skip
_TEXTS = {
    "induction": "one two three four five six seven eight",
    "syntax": "the king beside the girls claims that the boy warned the queen that she should leave",
    "translator": cross_attention.EXAMPLE,
    "study-lm": "Attention lets every token look at all others. The cat drank the milk because the cat was thirsty.",
}
_NAMED = 0.5
_LONGEST = {"induction": 12, "syntax": 20, "translator": 16, "study-lm": 24}
_NOTES = {
    "previous": "Each token looks at the one before it: the line below the diagonal.",
    "next": "Each token looks at what came after an earlier copy of it: a line further left, in the second half.",
    "first": "Tokens with nothing to look for rest on the first: the column at the left, an attention sink.",
    "own": "Each token looks at itself: the diagonal.",
    "verb": "A verb looks at its subject: find the verbs' rows, and the column they share with it.",
    "pronoun": "A pronoun looks at the noun it stands for: find the pronoun's row.",
    "aligned": "Each word that is written looks at the word it translates: the line bends where the order differs.",
    "mixed": "No score names this head: look at which columns several rows share.",
}


@dataclass(frozen=True)
class Head:
    """A head on a text: its layer among all attentions of the model, its scores, and its pattern (query, key)."""

    layer: int
    head: int
    attention: str
    scores: dict[str, float]
    name: str
    masked: Array
    pattern: Array
    queries: tuple[str, ...]
    keys: tuple[str, ...]

    @property
    def place(self) -> str:
        """Layer and head, such as 1.3."""
        return f"{self.layer}.{self.head}"

    @property
    def of_name(self) -> float:
        """The score that names it; -1 where none does."""
        return self.scores.get(self.name, -1.0)

    @property
    def note(self) -> str:
        """What to look at in its pattern."""
        return _NOTES[self.name]


@dataclass(frozen=True)
class Reading:
    """A text as a model read it, and all its heads; `scores` are the names of those that they have."""

    checkpoint: str
    text: str
    tokens: tuple[str, ...]
    left_out: int
    note: str
    scores: tuple[str, ...]
    heads: list[Head]
    named: float = _NAMED


@dataclass(frozen=True)
class _Text:
    """A text for a model: ids to read, and of an encoder-decoder those to write."""

    tokens: tuple[str, ...]
    ids: list[int]
    left_out: int
    note: str
    written: tuple[str, ...] = ()
    written_ids: tuple[int, ...] = ()


def read_text(inputs: Inputs, device: str, linked: dict[Relation, Linked], aligned: Array) -> Reading:
    """The model that the parameter `model` names reads the text, or where that has no words one of its own.

    Raises UsageError for words that the model never learned.
    """
    import torch

    model = inputs.word("model")
    loaded = models.load(CHECKPOINTS[model], device)
    given = inputs.text if has_words(inputs.text) else _TEXTS[model]
    text = _READERS[model](given, loaded, inputs.seed)
    ids, trace = torch.tensor([text.ids]), inputs.trace("*attn.*")  # (1, seq)
    written = torch.tensor([text.written_ids], dtype=torch.long) if text.written else None  # (1, target)
    with torch.inference_mode():
        loaded.model(ids, decoder_input_ids=written, trace=trace)
    of_sample = _sampled(model, linked, aligned)
    attentions = [name.removesuffix(".pattern") for name in trace if name.endswith(".pattern")]
    heads = [
        head
        for layer, attention in enumerate(attentions)
        for head in _heads(layer, attention, trace, text, ids, written, of_sample)
    ]
    names = tuple(dict.fromkeys(name for head in heads for name in head.scores))
    names = (*(name for name in names if name != "entropy"), "entropy")
    whole = [
        Head(**{**vars(head), "scores": {name: head.scores.get(name, math.nan) for name in names}}) for head in heads
    ]
    return Reading(CHECKPOINTS[model], " ".join(text.tokens), text.tokens, text.left_out, text.note, names, whole)


def _heads(
    layer: int, attention: str, trace: Trace, text: _Text, ids: Tensor, written: Tensor | None,
    of_sample: dict[tuple[str, int], dict[str, float]],
) -> list[Head]:  # fmt: skip
    """The heads of one attention."""
    from studycli.engine import head_scores

    pattern, masked = trace[f"{attention}.pattern"], array(trace[f"{attention}.masked"][0])
    cross, decoder = attention.endswith("cross_attn"), attention.startswith("decoder")
    queries = text.written if written is not None and decoder else text.tokens
    keys = text.tokens if cross else queries
    of_tokens = written if written is not None and decoder else ids
    scores: dict[str, Array] = {}
    if not cross:
        scores = {
            "previous": array(head_scores.previous_token(pattern)),
            "next": array(head_scores.induction(pattern, of_tokens)),
            "first": array(head_scores.first_token(pattern)),
            "own": array(head_scores.diagonal(pattern)),
        }
    scores["entropy"] = array(head_scores.entropy(pattern))
    found = []
    for head in range(pattern.shape[1]):
        own = {name: float(values[head]) for name, values in scores.items()} | of_sample.get((attention, head), {})
        numbers = masked[head], array(pattern[0, head])
        found.append(Head(layer, head, attention, own, _name(own), *numbers, queries, keys))
    return found


def _name(scores: dict[str, float]) -> str:
    """The score above 0.5 that is largest; `mixed` where none is."""
    able = {name: score for name, score in scores.items() if name != "entropy" and score > _NAMED}
    return max(able, key=lambda name: able[name]) if able else "mixed"


def _sampled(model: str, linked: dict[Relation, Linked], aligned: Array) -> dict[tuple[str, int], dict[str, float]]:
    """Scores by attention and head that one text is too little for: they are of held-out sentences."""
    if model == "translator":
        return {("decoder.blocks.0.cross_attn", head): {"aligned": float(score)} for head, score in enumerate(aligned)}
    if model != "syntax":
        return {}
    verb, pronoun = linked["agreement"].weights, linked["pronoun"].weights  # (layers, heads)
    return {
        (f"encoder.blocks.{layer}.attn", head): {
            "verb": float(verb[layer, head]),
            "pronoun": float(pronoun[layer, head]),
        }
        for layer in range(verb.shape[0])
        for head in range(verb.shape[1])
    }


def _induction(text: str, loaded: Loaded, seed: int) -> _Text:
    words = split(text, _LONGEST["induction"])
    twice = ("<s>", *words.tokens, *words.tokens)
    note = f"Words, {words.summary}, and the same again; each stands for a syllable that the model knows."
    return _Text(twice, induction.ids_twice(words, seed), words.left_out, note)


def _syntax(text: str, loaded: Loaded, seed: int) -> _Text:
    from studycli.engine.miniatures import lexicon
    from studycli.engine.miniatures.syntax import WORDS

    words = read(text, frozenset(lexicon.words()), _LONGEST["syntax"], _TEXTS["syntax"])
    ids = [WORDS.index(word) for word in words.tokens]
    return _Text(words.tokens, ids, words.left_out, f"The words, {words.summary}, with nothing hidden.")


def _translator(text: str, loaded: Loaded, seed: int) -> _Text:
    from studycli.engine.miniatures import translation
    from studycli.engine.miniatures.german_words import ENGLISH

    words = read(text, frozenset(ENGLISH), _LONGEST["translator"], _TEXTS["translator"])
    found = translation.translate(loaded, " ".join(words.tokens))
    german = loaded.encode(" ".join(found.german)) if found.german else []
    note = f"The English words, {words.summary}; the model writes: {' '.join(found.german)}."
    # The word before is the query of the word to come; rows are named by what is being written.
    rows, ids = (*found.german, "<end>"), (loaded.start, *german)
    return _Text(found.english, loaded.encode(" ".join(found.english)), words.left_out, note, rows, ids)


def _study_lm(text: str, loaded: Loaded, seed: int) -> _Text:
    words = split(text)
    ids = loaded.encode(words.text)
    used = ids[: _LONGEST["study-lm"]]
    tokens = tuple(visible(loaded.piece(id_) or "") for id_ in used)
    note = f"Tokens of the model's own tokenizer, {len(used)} of the {len(ids)} that the first words of the text make."
    return _Text(tokens, used, words.left_out, note)


_READERS = {"induction": _induction, "syntax": _syntax, "translator": _translator, "study-lm": _study_lm}
