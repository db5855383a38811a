"""Head samples: what the heads of bundled models do on sentences that their training never had."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from studycli.demos import models
from studycli.demos.measure import Array
from studycli.demos.steps import array

if TYPE_CHECKING:
    from torch import Tensor

    from studycli.engine.loaded import Loaded
    from studycli.engine.miniatures.grammar import Relation, Sentence
    from studycli.engine.trace import Trace

_SENTENCES = 48
_ROWS = 16
_TRANSLATED = 24


@dataclass(frozen=True)
class Linked:
    """A head for a relation of the grammar: what each head (layers, heads) puts on the noun that a word is tied to.

    `layer` and `head` are those that the model card names. With the word masked, `whole` is the mean share of its right
    form among all its forms, `without` the same with this head silenced, over `links` words.
    """

    layer: int
    head: int
    weights: Array
    whole: float
    without: float
    links: int


@dataclass(frozen=True)
class Copying:
    """The induction model: scores of its heads (heads), `previous` and `own` in layer 0, `induction` in layer 1.

    `whole` is how often it copies right, `silenced` how often without a head, (layers, heads), and `no_copying` how
    often without all heads of layer 1.
    """

    previous: Array
    induction: Array
    own: Array
    whole: float
    silenced: Array
    no_copying: float

    @property
    def without(self) -> float:
        """How often it copies right without the best head for the token before."""
        return float(self.silenced[0, self.previous.argmax()])


@lru_cache(maxsize=4)
def linked(device: str, seed: int) -> dict[Relation, Linked]:
    """The syntax model's verb head (`agreement`) and pronoun head (`pronoun`), on 48 held-out sentences."""
    from studycli.engine.miniatures import model_card, syntax
    from studycli.engine.miniatures.grammar import sentences

    loaded, metrics = models.load("syntax", device), model_card.read("syntax").metrics
    found = sentences(_SENTENCES, Random(f"demo {seed}"), held_out=True)
    names: dict[Relation, str] = {"agreement": "verb_head", "pronoun": "pronoun_head"}
    on_target = syntax.head_weights(loaded, found)
    measured: dict[Relation, Linked] = {}
    for relation, name in names.items():
        layer, head = int(metrics[f"{name}_layer"]), int(metrics[f"{name}_index"])
        share = _right_share(loaded, found, relation, None)  # (links)
        cut = _right_share(loaded, found, relation, (layer, head))  # (links)
        weights = array(on_target[relation])  # (layers, heads)
        measured[relation] = Linked(layer, head, weights, float(share.mean()), float(cut.mean()), len(share))
    return measured


def _right_share(loaded: Loaded, found: list[Sentence], relation: Relation, cut: tuple[int, int] | None) -> Tensor:
    """With each linked word masked, the share of its right form in the probability of all its forms, (links)."""
    import torch

    from studycli.engine.miniatures import syntax

    links = [(sentence, link) for sentence in found for link in sentence.of(relation)]
    ids_of = {word: id_ for id_, word in enumerate(syntax.WORDS)}
    ids = syntax.encode([sentence for sentence, _ in links])  # (links, seq)
    rows, places = range(len(links)), [link.place for _, link in links]
    keep = (ids != ids_of[syntax.PAD]).long()  # (links, seq)
    ids[rows, places] = ids_of[syntax.MASK]
    with torch.inference_mode():
        logits = loaded.model.mlm_logits(ids, attention_mask=keep, trace=_cut(cut))[rows, places]  # (links, vocab)
    said = logits.softmax(-1).cpu()  # (links, vocab)
    forms = [[ids_of[form] for form in (link.right, *link.wrong)] for _, link in links]
    of_forms = said.gather(1, torch.tensor(forms))  # (links, forms)
    return of_forms[:, 0] / of_forms.sum(1)  # (links)


def _cut(head: tuple[int, int] | None) -> Trace:
    """A trace that keeps nothing and silences a head of an encoder."""
    from studycli.demos.edits import Edit
    from studycli.engine.trace import Trace

    if head is None:
        return Trace("none")
    name = f"encoder.blocks.{head[0]}.attn.z"
    return Trace("none", edits={name: Edit(name, (("head", head[1]),), 0.0)})


@lru_cache(maxsize=4)
def copying(device: str, seed: int) -> Copying:
    """The induction model on 16 random sequences that repeat."""
    import torch

    from studycli.demos.edits import Edit
    from studycli.engine import head_scores
    from studycli.engine.miniatures.induction import repeated_sequences
    from studycli.engine.seed import generator
    from studycli.engine.trace import Trace
    from studycli.engine.training import IGNORED

    model = models.load("induction", device).model
    batch = repeated_sequences(_ROWS, generator(seed, "demo", "copying"))
    ids, targets = batch["input_ids"].to(model.device), batch["labels"][:, 1:].to(model.device)  # (rows, seq)
    asked = targets != IGNORED  # (rows, seq - 1)
    trace = Trace("*.pattern")

    def right(trace: Trace) -> float:
        guesses = model(ids, trace=trace)[:, :-1].argmax(-1)  # (rows, seq - 1)
        return float((guesses == targets)[asked].float().mean())

    def right_without(layer: int, *heads: int) -> float:
        name = f"decoder.blocks.{layer}.attn.z"
        return right(Trace("none", edits={name: Edit(name, tuple(("head", head) for head in heads), 0.0)}))

    with torch.inference_mode():
        whole = right(trace)
        first, second = trace.values()  # (rows, heads, query, key)
        silenced = [[right_without(layer, head) for head in range(first.shape[1])] for layer in range(2)]
        no_copying = right_without(1)  # an edit that picks no head is of all
    scores = (
        head_scores.previous_token(first),
        head_scores.induction(second, ids),
        head_scores.diagonal(first),
    )  # (heads)
    previous, following, own = map(array, scores)
    return Copying(previous, following, own, whole, np.array(silenced), no_copying)


@lru_cache(maxsize=4)
def alignment(device: str, seed: int) -> Array:
    """What each head of the translator's cross-attention puts on the English counterpart of a German word, (heads).

    The mean over the words that have one in 24 held-out sentences, the German given.
    """
    import torch
    from torch.nn.utils.rnn import pad_sequence

    from studycli.engine.miniatures import german, translation
    from studycli.engine.trace import Trace

    loaded = models.load("tasks/encoder-decoder", device)
    found = list(islice(german.sentences(seed, "demo", held_out=True), _TRANSLATED))
    source = [torch.tensor(loaded.encode(" ".join(row.english))) for row in found]
    target = [torch.tensor([loaded.start, *loaded.encode(" ".join(row.german))]) for row in found]
    ids, written = (pad_sequence(rows, batch_first=True) for rows in (source, target))  # (batch, seq), 0 is the padding
    trace = Trace(translation.PATTERN)
    with torch.inference_mode():
        loaded.model(ids, attention_mask=(ids != 0).long(), decoder_input_ids=written, trace=trace)
    pattern = trace[translation.PATTERN].cpu()  # (batch, heads, query, key)
    pairs = [(row, at, to) for row, sentence in enumerate(found) for at, to in enumerate(sentence.alignment)]
    rows, queries, keys = zip(*((row, at, to) for row, at, to in pairs if to is not None), strict=True)
    return array(pattern[list(rows), :, list(queries), list(keys)].mean(0))  # (heads)
