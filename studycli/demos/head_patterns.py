"""Head patterns: the heads of a trained model with their scores, named by what they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from studycli.demos import head_samples
from studycli.demos.head_samples import Copying, Linked
from studycli.demos.head_tables import Head, Reading, read_text
from studycli.demos.measure import Array
from studycli.demos.steps import claim, step
from studycli.demos.syntax import looks_claim
from studycli.model.trace import Claim, DemoResult, Origin, Step

if TYPE_CHECKING:
    from studycli.demos.inputs import Inputs
    from studycli.engine.miniatures.grammar import Relation

_PATTERNS = 3
_PREVIOUS, _INDUCTION, _ALIGNED = 0.4, 0.6, 0.6
_APART = 0.5
_KEPT, _SPARED = 0.5, 0.95
_SHARED = 0.5
_ENOUGH = 8
"""Different tokens from which on a text leaves heads the room to look more or less widely."""


def head_patterns(inputs: Inputs) -> DemoResult:
    """The heads of the model that the parameter `model` names, on a text in its words or on one of its own.

    Raises UsageError for words that the model never learned and for a layer or head that it lacks, MissingError where
    the device is not there.
    """
    from studycli.engine.device import choose

    device = choose(inputs.device).type
    linked = head_samples.linked(device, inputs.seed)
    copying, aligned = head_samples.copying(device, inputs.seed), head_samples.alignment(device, inputs.seed)
    reading = read_text(inputs, device, linked, aligned)
    given = {"text": reading.text, "tokens": len(reading.tokens), "tokens_left_out": reading.left_out}
    given |= {"seed": inputs.seed, "device": str(choose(inputs.device)), "weights": f"{reading.checkpoint}, as bundled"}
    return DemoResult(
        demo="head-patterns",
        title="What heads do",
        inputs=given,
        steps=(_roles(linked, copying, aligned), _spared(copying), *_steps(inputs, reading)),
        claims=(*_sample_claims(linked, copying, aligned), *_focus_claim(reading)),
    )


def _roles(linked: dict[Relation, Linked], copying: Copying, aligned: Array) -> Step:
    """The best head of each kind in the bundled models, beside the mean of the others of its layer."""
    verb, pronoun = linked["agreement"], linked["pronoun"]
    of_layers = {
        "previous (induction)": copying.previous,
        "own (induction)": copying.own,
        "next (induction)": copying.induction,
        "verb (syntax)": verb.weights[verb.layer],
        "pronoun (syntax)": pronoun.weights[pronoun.layer],
        "aligned (translator)": aligned,
    }
    rows = [[scores.max(), np.delete(scores, scores.argmax()).mean()] for scores in of_layers.values()]
    return step(
        "roles",
        np.array(rows),
        "The weight of the best head on the token before, its own, what came next after an earlier copy, a verb's "
        f"subject, a pronoun's noun, a word's translation; beside the mean of the layer's others: {_alone(of_layers)}",
        ("role", "head"),
        (),
        labels={"role": tuple(of_layers), "head": ("best", "others")},
        origin=Origin(
            kind="given",
            note="Weights of a trained model's patterns at such places, the mean over many samples: of the head for "
            "which it is largest, or the mean over all others of its layer.",
        ),
    )


def _alone(of_layers: dict[str, Array]) -> str:
    """In which rows one head stands out among the others of its layer, and in which it does not."""
    others = {name: np.delete(scores, scores.argmax()).mean() for name, scores in of_layers.items()}
    shared = [name for name, scores in of_layers.items() if others[name] > _SHARED * scores.max()]
    specialists = f"one head stands out in {len(of_layers) - len(shared)} of {len(of_layers)} rows"
    return f"{specialists}" + (f"; in {' and '.join(shared)} the others do much the same." if shared else ".")


def _spared(copying: Copying) -> Step:
    """How much copying survives without each head."""
    return step(
        "copied right",
        copying.silenced,
        f"How often the induction model copies right with one head silenced, {copying.whole:.3g} with all: look which "
        "ones it can't do without, and which others stand in for one another.",
        ("layer", "head"),
        (),
        labels={
            axis: tuple(map(str, range(size)))
            for axis, size in zip(("layer", "head"), copying.silenced.shape, strict=True)
        },
    )


def _steps(inputs: Inputs, reading: Reading) -> list[Step]:
    tokens = Step(
        name="tokens",
        shape=(len(reading.tokens),),
        values=list(reading.tokens),
        note=reading.note,
        axes=("token",),
    )
    names = tuple(f"{head.place} {head.name}" for head in reading.heads)
    scores = np.array([[head.scores[name] for name in reading.scores] for head in reading.heads]).round(4)
    table = step(
        "heads",
        scores,
        f"What each head of {reading.checkpoint} looks at in this text, by layer and head; one with a score above "
        f"{reading.named:g} has that name, and the entropy, in nats, says how widely it looks.",
        ("place", "score"),
        (),
        labels={"place": names, "score": reading.scores},
    )
    return [tokens, table, *(shown for head in _shown(inputs, reading) for shown in _pattern(head))]


def _shown(inputs: Inputs, reading: Reading) -> list[Head]:
    """The head that was chosen, else the best of each name, at most three."""
    if inputs.layer is not None or inputs.head is not None:
        layer = inputs.chosen_layer(0, 1 + max(head.layer for head in reading.heads))
        of_layer = [head for head in reading.heads if head.layer == layer]
        return [of_layer[inputs.chosen_head(0, len(of_layer))]]
    best: dict[str, Head] = {}
    for head in reading.heads:
        if head.name != "mixed" and head.of_name > best.get(head.name, head).of_name - 1e-9:
            best[head.name] = head
    found = sorted(best.values(), key=lambda head: -head.of_name)[:_PATTERNS]
    return found or [min(reading.heads, key=lambda head: head.scores["entropy"])]


def _pattern(head: Head) -> tuple[Step, Step]:
    labels = {"query": head.queries, "key": head.keys}
    scores = f"{head.place} scores"
    return (
        step(
            scores,
            head.masked,
            f"Scaled scores of head {head.place}, minus infinity where it may not look: its pattern is made of these.",
            ("query", "key"),
            (),
            preview=True,
            labels=labels,
            origin=Origin(kind="given", note=f"A score of the trained model, {head.attention}, head {head.head}."),
        ),
        step(
            f"{head.place} {head.name}",
            head.pattern,
            head.note,
            ("query", "key"),
            (),
            labels=labels,
            origin=Origin(kind="softmax", of=(scores,)),
        ),
    )


def _sample_claims(linked: dict[Relation, Linked], copying: Copying, aligned: Array) -> list[Claim]:
    previous, induction, best = (float(scores.max()) for scores in (copying.previous, copying.induction, aligned))
    spared = int((copying.silenced >= _SPARED * copying.whole).sum())
    return [
        claim(
            "previous-token-head",
            f"One head of the induction model puts more than {_PREVIOUS:g} of its weight on the token before, on "
            "sequences that it has never seen.",
            previous,
            previous > _PREVIOUS,
        ),
        claim(
            "induction-head",
            f"One head of the induction model puts more than {_INDUCTION:g} of its weight on what came after an "
            "earlier copy of its token, on sequences that it has never seen.",
            induction,
            induction > _INDUCTION,
        ),
        looks_claim("verb-head", "a verb to its subject", linked["agreement"]),
        looks_claim("pronoun-head", "a pronoun to the noun it stands for", linked["pronoun"]),
        claim(
            "alignment-head",
            f"One cross-attention head of the translator puts more than {_ALIGNED:g} of its weight on the word that is "
            "being translated, on unseen sentences.",
            best,
            best > _ALIGNED,
        ),
        claim(
            "silencing-one-head-breaks-copying",
            f"Without its previous-token head the induction model copies right less than {_KEPT:g} times as often; so "
            "it does without each head that is named beside it.",
            _hurts(copying),
            copying.without < _KEPT * copying.whole,
        ),
        claim(
            "most-heads-can-be-spared",
            f"At least half of the induction model's heads can be silenced, one at a time, and it still copies right "
            f"{_SPARED:.0%} of what it did.",
            f"{spared} of {copying.silenced.size}",
            2 * spared >= copying.silenced.size,
        ),
        claim(
            "heads-stand-in",
            f"Each layer-1 head of the induction model can be silenced alone, and it still copies right {_SPARED:.0%} "
            f"of what it did; with all of them silenced, less than {_KEPT:.0%}.",
            f"{copying.whole:.1%}, without any one at least {copying.silenced[1].min():.1%}, without all "
            f"{copying.no_copying:.1%}",
            copying.silenced[1].min() >= _SPARED * copying.whole and copying.no_copying < _KEPT * copying.whole,
        ),
    ]


def _hurts(copying: Copying) -> str:
    """How often is copied right: whole, without each head whose loss halves that, and without any other."""
    halves = copying.silenced < _KEPT * copying.whole  # (layers, heads)
    known = {(0, int(copying.own.argmax())): "own token", (0, int(copying.previous.argmax())): "previous token"}
    named = [
        f"without {layer}.{head}{f' ({known[layer, head]})' if (layer, head) in known else ''} "
        f"{copying.silenced[layer, head]:.1%}"
        for layer, head in np.argwhere(halves).tolist()
    ]
    others = [] if halves.all() else [f"without any other at least {copying.silenced[~halves].min():.1%}"]
    return ", ".join([f"{copying.whole:.1%}", *named, *others])


def _focus_claim(reading: Reading) -> list[Claim]:
    """Over few different tokens there is little to choose from, and nothing is claimed."""
    if len(set(reading.tokens)) < _ENOUGH:
        return []
    entropies = [head.scores["entropy"] for head in reading.heads]
    return [
        claim(
            "heads-differ-in-focus",
            f"Over this text of {_ENOUGH} or more different tokens heads of one model look more or less widely: their "
            f"mean entropies are more than {_APART:g} nats apart.",
            f"{min(entropies):.2f} to {max(entropies):.2f} nats",
            max(entropies) - min(entropies) > _APART,
        )
    ]
