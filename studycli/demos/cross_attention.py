"""Cross-attention: which English word each German word of the toy translator looks at."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from studycli.demos import measure, models
from studycli.demos.known import read
from studycli.demos.measure import Array
from studycli.demos.steps import array, claim, size, step
from studycli.demos.words import Words
from studycli.errors import UsageError
from studycli.model.trace import Claim, DemoResult, Origin, Step

if TYPE_CHECKING:
    from studycli.demos.inputs import Inputs
    from studycli.engine.loaded import Loaded
    from studycli.engine.multi_head import MultiHeadAttention
    from studycli.engine.trace import Trace

MODEL = "tasks/encoder-decoder"
EXAMPLE = "I know that the man has seen the small dog"
_LONGEST = 16
_ATTENTION = "decoder.blocks.0.cross_attn"
_ALIGNED = 0.9


@dataclass(frozen=True)
class Sentence:
    """The English words as they were read, and the German ones that the model wrote, each from their first on."""

    english: tuple[str, ...]
    german: tuple[str, ...]


def cross_attention(inputs: Inputs) -> DemoResult:
    """The bundled translator on an English sentence, word for word as it writes the German one.

    Raises UsageError for words that it never learned and for a layer or head that it lacks, MissingError where the
    device is not there.
    """
    from studycli.engine.device import choose
    from studycli.engine.miniatures import translation
    from studycli.engine.miniatures.german_words import ENGLISH

    words = read(inputs.text, frozenset(ENGLISH), _LONGEST, EXAMPLE)
    loaded = models.load(MODEL, choose(inputs.device).type)
    inputs.chosen_layer(0, loaded.model.config.decoder_layers)
    head = None if inputs.head is None else inputs.chosen_head(0, loaded.model.config.n_heads)
    translated = translation.translate(loaded, " ".join(words.tokens))
    sentence = Sentence(translated.english, translated.german)
    if not sentence.german:
        raise UsageError("the model writes nothing for these words", hint=f"give it a sentence: {EXAMPLE}")
    numbers = _compute(inputs, loaded, sentence, head)
    given = {"text": " ".join(sentence.english), "tokens": len(sentence.english), "tokens_left_out": words.left_out}
    given |= {
        "german": " ".join(sentence.german),
        "device": str(loaded.model.device),
        "weights": f"{MODEL}, as bundled",
    }
    return DemoResult(
        demo="cross-attention",
        title="Cross-attention",
        inputs=given | ({} if head is None else {"head": head}),
        steps=_steps(words, sentence, numbers, head),
        claims=_claims(sentence, numbers),
    )


def _compute(inputs: Inputs, loaded: Loaded, sentence: Sentence, head: int | None) -> dict[str, Array]:
    """What cross-attention does while the German words are read back, by name. Row i belongs to German word i."""
    import torch

    from studycli.engine.multi_head import MultiHeadAttention

    trace, model = inputs.trace(), loaded.model
    english = torch.tensor([loaded.encode(" ".join(sentence.english))])  # (1, source)
    german = loaded.encode(" ".join(sentence.german))
    with torch.inference_mode():
        # The word before is the query of the word to come, so the first one is the start.
        written = torch.tensor([[loaded.start, *german[:-1]]])  # (1, target)
        logits = model(english, decoder_input_ids=written, trace=trace)[0]  # (target, vocab)
        said = logits.softmax(-1).cpu()[range(len(german)), german]  # (target)
    numbers = {name: array(trace[f"{_ATTENTION}.{name}"][0]) for name in ("q", "k", "masked", "pattern")}
    if head is not None:
        numbers |= {name: values[head : head + 1] for name, values in numbers.items()}
    numbers["alignment"] = numbers["pattern"].mean(0)  # (german, english)
    numbers["probability"] = array(said)
    layer = model.get_submodule(_ATTENTION)
    assert isinstance(layer, MultiHeadAttention)
    return numbers | _projected(layer, trace, head)


def _projected(layer: MultiHeadAttention, trace: Trace, head: int | None) -> dict[str, Array]:
    """In float64, queries of the decoder's states and keys of the encoder's, (token, heads d_head)."""
    width, start = layer.d_head, layer.n_heads * layer.d_head
    of_heads = slice(None) if head is None else slice(head * width, (head + 1) * width)
    bias = np.zeros(2 * start) if layer.b_QKV is None else array(layer.b_QKV).astype(np.float64)
    reader, memory = (array(trace[name][0]) for name in ("decoder.blocks.0.cross_norm", "encoder.final_norm"))
    queries = reader.astype(np.float64) @ array(layer.W_Q).astype(np.float64) + bias[:start]
    keys = memory.astype(np.float64) @ array(layer.W_K).astype(np.float64) + bias[start : 2 * start]
    return {"decoder queries": queries[:, of_heads], "encoder keys": keys[:, of_heads]}


def _steps(words: Words, sentence: Sentence, numbers: dict[str, Array], head: int | None) -> tuple[Step, ...]:
    pairs = {"query": sentence.german, "key": sentence.english}
    heads = {"head": ("0", "1") if head is None else (str(head),)}
    looked_at = [sentence.english[place] for place in numbers["alignment"].argmax(-1)]
    of_which = "the mean of both heads" if head is None else f"head {head}"
    note = f"The English words, {words.summary}: the encoder reads them all at once."
    return (
        Step(name="english", shape=(len(sentence.english),), values=list(sentence.english), note=note, axes=("token",)),
        Step(
            name="german",
            shape=(len(sentence.german),),
            values=list(sentence.german),
            note="What the decoder wrote, the likeliest word each time; compare the order of the verbs.",
            axes=("token",),
        ),
        step(
            "scores",
            numbers["masked"],
            "Scaled scores: the queries (rows) are the decoder's, the keys (columns) are the encoder's.",
            ("head", "query", "key"),
            (),
            preview=True,
            labels=pairs | heads,
            origin=Origin(kind="given", note=f"A scaled score of the trained model's cross-attention, {_ATTENTION}."),
        ),
        step(
            "pattern",
            numbers["pattern"],
            "softmax of each row: where the decoder looked as it wrote that German word; look which head is the surer.",
            ("head", "query", "key"),
            (),
            labels=pairs | heads,
            origin=Origin(kind="softmax", of=("scores",)),
        ),
        step(
            "alignment",
            numbers["alignment"],
            f"The pattern, {of_which}: follow the darkest cells, they leave the diagonal where German reorders.",
            ("query", "key"),
            (),
            labels=pairs,
            origin=Origin(kind="given", note=f"It is the pattern, {of_which}, at this place."),
        ),
        Step(
            name="looked at",
            shape=(len(looked_at),),
            values=looked_at,
            note="For each German word the English one with the largest weight: read it beside the German.",
            axes=("query",),
            labels={"query": sentence.german},
        ),
        step(
            "probability",
            numbers["probability"],
            "How likely the decoder found each German word, given the English and the German before it.",
            ("query",),
            (),
            labels=pairs,
        ),
    )


def _claims(sentence: Sentence, numbers: dict[str, Array]) -> tuple[Claim, ...]:
    pattern, shape = numbers["pattern"], (len(sentence.german), len(sentence.english))
    rows = measure.row_sum_error(pattern)
    queries = _difference(numbers["q"], numbers["decoder queries"])
    keys = _difference(numbers["k"], numbers["encoder keys"])
    claims = [
        claim("rows-sum-to-1", "Each row of each head's pattern sums to 1, within 1e-6.", rows, rows < 1e-6),
        claim(
            "a-row-for-each-target-word",
            "The pattern of cross-attention has a row for each target word and a column for each source word.",
            f"{size(pattern[0])} for {shape[0]} and {shape[1]} words",
            pattern.shape[1:] == shape,
        ),
        claim(
            "queries-from-the-decoder",
            "The queries are made of the decoder's states by W_Q, within 1e-4.",
            queries,
            queries < 1e-4,
        ),
        claim(
            "keys-from-the-encoder", "The keys are made of the encoder's output by W_K, within 1e-4.", keys, keys < 1e-4
        ),
    ]
    return (*claims, *_alignment_claims(sentence, numbers["alignment"]))


def _difference(heads: Array, joined: Array) -> float:
    """How far heads (head, token, d_head) side by side are from (token, heads d_head)."""
    return measure.largest_difference(np.concatenate(list(heads), axis=-1), joined)


def _alignment_claims(sentence: Sentence, alignment: Array) -> list[Claim]:
    """By the lexicon: whether content words look at their translations, and step back where German does."""
    looked_at = alignment.argmax(-1)
    meant = _counterparts(sentence)
    claims = []
    if meant:
        right = sum(int(looked_at[row]) in places for row, places in meant.items())
        claims.append(
            claim(
                "content-words-look-at-their-translation",
                f"At least {_ALIGNED:.0%} of the German nouns, verbs and adjectives have their largest weight on the "
                "English word that they translate.",
                f"{right} of {len(meant)}",
                right >= _ALIGNED * len(meant),
            )
        )
    sure = {row: next(iter(places)) for row, places in meant.items() if len(places) == 1}
    back = [(a, b) for a, b in pairwise(sure) if sure[b] < sure[a]]
    if back:
        followed = sum(bool(looked_at[b] < looked_at[a]) for a, b in back)
        claims.append(
            claim(
                "attention-follows-the-target-order",
                "Where German puts a word before one that it follows in English, attention steps back too.",
                f"{followed} of {len(back)} times",
                followed == len(back),
            )
        )
    return claims


def _counterparts(sentence: Sentence) -> dict[int, set[int]]:
    """By the place of a German content word, those of the English words that it can stand for; only where there are."""
    english_of = _lexicon()
    found = {
        row: {at for at, english in enumerate(sentence.english) if english in english_of.get(german, ())}
        for row, german in enumerate(sentence.german)
    }
    return {row: places for row, places in found.items() if places}


def _lexicon() -> dict[str, set[str]]:
    """German nouns, verb forms and adjectives with the English words that they stand for."""
    from studycli.engine.miniatures.german_words import ADJECTIVES, NOUNS, VERBS

    pairs = [(noun.german, noun.english) for noun in NOUNS]
    pairs += [pair for verb in VERBS for pair in zip(verb[3:6], verb[:3], strict=True)]
    pairs += [(stem + end, english) for english, stem in ADJECTIVES.items() for end in ("e", "en", "er", "es")]
    lexicon: dict[str, set[str]] = {}
    for german, english in pairs:
        lexicon.setdefault(german, set()).add(english)
    return lexicon
