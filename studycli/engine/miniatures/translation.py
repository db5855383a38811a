"""Translation: an encoder-decoder from a toy English to German, whose cross-attention shows the alignment."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from studycli.engine.config import Config
from studycli.engine.generation import generate
from studycli.engine.loaded import Loaded
from studycli.engine.miniatures.german import Sentence, sentences
from studycli.engine.miniatures.german_words import ENGLISH, GERMAN, IN_FRONT
from studycli.engine.miniatures.prompt import known_words
from studycli.engine.miniatures.recipe import Trained, Training
from studycli.engine.miniatures.vocabulary import word_tokenizer
from studycli.engine.model import Transformer
from studycli.engine.trace import Trace
from studycli.engine.training import IGNORED, sequence_loss

PAD, START, END = "<pad>", "<start>", "<end>"
VOCABULARY = [PAD, START, END, *dict.fromkeys(ENGLISH + GERMAN)]
LONGEST = 32
CONFIG = Config(
    architecture="encoder-decoder", vocab_size=len(VOCABULARY), d_model=80, n_layers=2, n_decoder_layers=1, n_heads=2,
    d_ff=160, max_length=LONGEST, start_id=1, pad_id=0,
)  # fmt: skip
PATTERN = "decoder.blocks.0.cross_attn.pattern"
"""The attention that is the alignment; the mean over its heads."""
_IDS = {word: id_ for id_, word in enumerate(VOCABULARY)}
_STEPS, _WARMUP, _ROWS, _HELD = 900, 100, 64, 500


@dataclass(frozen=True, slots=True)
class Translation:
    """English words, their German, and how much each German word looked at each English one, (german, english)."""

    english: tuple[str, ...]
    german: tuple[str, ...]
    alignment: Tensor


def batches(seed: int) -> Iterator[Mapping[str, Tensor]]:
    """Batches without end of training sentences: `input_ids`, `attention_mask` (64, source), `labels` (64, target)."""
    found = sentences(seed, "batches", held_out=False)
    while True:
        rows = list(islice(found, _ROWS))
        input_ids, mask = _english([row.english for row in rows])
        german = [torch.tensor([*(_IDS[word] for word in row.german), _IDS[END]]) for row in rows]
        yield {"input_ids": input_ids, "attention_mask": mask, "labels": pad_sequence(german, True, IGNORED)}


def train(training: Training) -> Trained:
    """Train the checkpoint `tasks/encoder-decoder`."""
    model = Transformer(CONFIG, seed=training.seed)
    held = tuple(islice(sentences(training.seed, "watched", held_out=True), 32))
    training.run(
        model, batches(training.seed), sequence_loss, steps=_STEPS, peak=4e-3, warmup=_WARMUP, every=50,
        scores=partial(_watched, held),
    )  # fmt: skip
    ends = json.dumps({"eos_token_id": _IDS[END]}) + "\n"
    return Trained(model, word_tokenizer(VOCABULARY), {"generation_config.json": ends})


@cache
def held_out_sentences(seed: int) -> tuple[Sentence, ...]:
    """The 500 sentences that the model is measured on, none of which it has seen, nor could have."""
    return tuple(islice(sentences(seed, "held out", held_out=True), _HELD))


def measure(model: Transformer, held: Sequence[Sentence]) -> dict[str, float]:
    """How much of these sentences comes out right, greedily decoded.

    `translation_exact` is the part of them that is right to the last word. `alignment_accuracy` is the part of the
    German words with a counterpart that were written where they belong, while `PATTERN` had its maximum on that
    counterpart; `alignment_accuracy_verb_final` that of the verbs that end a subordinate clause. For comparison,
    `alignment_same_place` is the part whose counterpart has the same place in the English sentence.
    """
    german, pattern = _translated(model, [row.english for row in held])
    looked_at = pattern.argmax(-1).tolist()  # (batch, target)
    exact, aligned, final, same = 0, [], [], []
    for row, words, places in zip(held, german, looked_at, strict=True):
        exact += words == row.german
        for at, gold in enumerate(row.alignment):
            if gold is None:
                continue
            right = at < len(words) and words[at] == row.german[at] and places[at] == gold
            aligned.append(right)
            same.append(at == gold)
            if at in row.final:
                final.append(right)
    return {
        "translation_exact": exact / len(held),
        "alignment_accuracy": sum(aligned) / len(aligned),
        "alignment_accuracy_verb_final": sum(final) / len(final),
        "alignment_same_place": sum(same) / len(same),
    }


def translate(loaded: Loaded, text: str) -> Translation:
    """The German of an English sentence, with the alignment that the model's cross-attention shows.

    Row i of the alignment is the attention of the step that wrote word i: of the query at the word before it. Rows
    sum to 1. Raises UsageError for words that the toy English doesn't have, and for more than 32 of them.
    """
    english = _with_its_comma(known_words(text, frozenset(ENGLISH), LONGEST))
    (german,), pattern = _translated(loaded.model, [english])
    return Translation(english, german, pattern[0, : len(german)].cpu())


def _with_its_comma(words: Sequence[str]) -> tuple[str, ...]:
    """The words with the first comma where a conjunction begins the sentence, and with none elsewhere.

    So it was in training; German has a comma before every clause, and a learner may write them in English too.
    """
    kept = words.index(",") if words[0] in IN_FRONT and "," in words else None
    return tuple(word for at, word in enumerate(words) if word != "," or at == kept)


@torch.inference_mode()
def _translated(model: Transformer, english: Sequence[Sequence[str]]) -> tuple[list[tuple[str, ...]], Tensor]:
    """The German words, without the end, and the pattern (batch, target, source): its row i is that which wrote i."""
    input_ids, mask = _english(english)
    written = generate(model, input_ids, LONGEST, stop=[_IDS[END]], attention_mask=mask)  # (batch, 1 + target)
    trace = Trace(only=PATTERN)
    model(input_ids, attention_mask=mask, decoder_input_ids=written[:, :-1], trace=trace)
    return [_until_end(row) for row in written[:, 1:].tolist()], trace[PATTERN].mean(1)


def _watched(held: Sequence[Sentence], model: Transformer) -> dict[str, float]:
    metrics = measure(model, held)
    return {"exact": metrics["translation_exact"], "alignment": metrics["alignment_accuracy"]}


def _english(rows: Sequence[Sequence[str]]) -> tuple[Tensor, Tensor]:
    """Ids and their mask, both (batch, source)."""
    ids = pad_sequence([torch.tensor([_IDS[word] for word in row]) for row in rows], True, _IDS[PAD])
    return ids, (ids != _IDS[PAD]).long()  # (batch, source)


def _until_end(ids: Sequence[int]) -> tuple[str, ...]:
    ids = ids[: ids.index(_IDS[END])] if _IDS[END] in ids else ids
    return tuple(VOCABULARY[id_] for id_ in ids)
