"""Syntax: a trained encoder restores hidden words, and the heads that find the noun that decides their form."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from studycli.demos import models
from studycli.demos.head_samples import Linked, linked
from studycli.demos.known import read
from studycli.demos.measure import Array
from studycli.demos.noun_forms import fits, noun_of, present_forms
from studycli.demos.silencing import silenced
from studycli.demos.steps import array, claim, step
from studycli.demos.subjects import MASK, HiddenPronoun, HiddenVerb, Role, roles
from studycli.demos.words import Words
from studycli.errors import UsageError
from studycli.model.trace import Claim, DemoResult, Origin, Step

if TYPE_CHECKING:
    from torch import Tensor

    from studycli.demos.inputs import Inputs
    from studycli.engine.loaded import Loaded
    from studycli.engine.miniatures.grammar import Relation
    from studycli.engine.trace import Trace

EXAMPLE = "the king beside the girls <mask> that the boy warned the queen that <mask> should leave"
_WRITTEN = "xmaskx"
"""What stands for a mask while the text is parted into tokens, of which `<mask>` would be three."""
_LONGEST, _MASKS, _SHOWN = 20, 3, 5
_LOOKS, _VERB_LOSES, _PRONOUN_LOSES = 0.6, 0.02, 0.1
_NAMES: dict[Relation, str] = {"agreement": "verb head", "pronoun": "pronoun head"}


@dataclass(frozen=True)
class Head:
    """A head that is shown and silenced, and which masks are its: those of this relation, or with None all."""

    name: str
    layer: int
    head: int
    relation: Relation | None = None


@dataclass(frozen=True)
class Hidden:
    """A mask: its place, its head, the likeliest word, and words with their probabilities, whole and without the head.

    `form` is the likeliest verb in the present tense.

    Which words are shown and which head is meant don't depend on the learner's edits: rows stay comparable.
    """

    place: int
    head: Head
    likeliest: str
    form: str
    words: tuple[str, ...]
    probabilities: Array


def syntax(inputs: Inputs) -> DemoResult:
    """The bundled encoder on a sentence with hidden words.

    Raises UsageError for a text without a mask or with words that the model never learned and for an unknown layer or
    head, MissingError where the device is not there.
    """
    from studycli.engine.device import choose

    device = choose(inputs.device).type
    loaded, known = models.load("syntax", device), linked(device, inputs.seed)
    words = _read(inputs.text)
    heads = _heads(inputs, loaded, known)
    patterns, hidden = _compute(inputs, loaded, words, heads)
    shown = [head for head in heads if any(each.head is head for each in hidden)]
    given = {"text": " ".join(words.tokens), "tokens": len(words.tokens), "tokens_left_out": words.left_out}
    return DemoResult(
        demo="syntax",
        title="Heads that know grammar",
        inputs=given | {"seed": inputs.seed, "device": str(loaded.model.device), "weights": "syntax, as bundled"},
        steps=_steps(words, shown, patterns, hidden),
        claims=(*_text_claims(words, patterns, hidden), *_sample_claims(known)),
    )


def _read(text: str) -> Words:
    """The words of the grammar that a text has, `<mask>` among them."""
    from studycli.engine.miniatures import lexicon

    written = re.sub(r"<mask>|\[mask\]", f" {_WRITTEN} ", text, flags=re.IGNORECASE)
    words = read(written, frozenset((*lexicon.words(), _WRITTEN)), _LONGEST, EXAMPLE)
    tokens = tuple(MASK if word == _WRITTEN else word for word in words.tokens)
    if not 1 <= tokens.count(MASK) <= _MASKS:
        raise UsageError(
            f"the text hides {tokens.count(MASK) or 'no'} words, and this demo restores 1 to {_MASKS}",
            hint=f"write {MASK} for a verb or a pronoun: {EXAMPLE}",
        )
    return Words(tokens, " ".join(tokens), words.left_out, words.exact)


def _heads(inputs: Inputs, loaded: Loaded, known: dict[Relation, Linked]) -> list[Head]:
    """The heads that the model card names for verbs and for pronouns; or the one that was chosen, for both."""
    verb = known["agreement"]
    if inputs.layer is None and inputs.head is None:
        return [Head(_NAMES[relation], of.layer, of.head, relation) for relation, of in known.items()]
    config = loaded.model.config
    layer, head = inputs.chosen_layer(verb.layer, config.n_layers), inputs.chosen_head(verb.head, config.n_heads)
    return [Head("chosen head", layer, head)]


def _compute(
    inputs: Inputs, loaded: Loaded, words: Words, heads: list[Head]
) -> tuple[dict[str, tuple[Array, Array]], list[Hidden]]:
    """Scaled scores and pattern of each head by its name, both (query, key), and what is said at each mask."""
    import torch

    from studycli.engine.miniatures.lexicon import PRONOUNS
    from studycli.engine.miniatures.syntax import WORDS

    presents = [id_ for id_, word in enumerate(WORDS) if word in present_forms()]
    decided = roles(words.tokens)
    ids = torch.tensor([[WORDS.index(word) for word in words.tokens]])  # (1, seq)
    trace = inputs.trace("*.attn.*")

    def said(trace: Trace) -> Tensor:
        return loaded.model.mlm_logits(ids, trace=trace)[0].softmax(-1).cpu()  # (seq, vocab)

    def cut(head: Head, given: Inputs) -> Tensor:
        return said(silenced(given, f"{_attention(head)}.z", head.head, "none"))  # (seq, vocab)

    plain = replace(inputs, edits=None)
    with torch.inference_mode():
        whole, as_trained = said(trace), said(plain.trace("none"))  # (seq, vocab), (seq, vocab)
        without = {head: (cut(head, inputs), cut(head, plain)) for head in heads}
    patterns = {
        head.name: (
            array(trace[f"{_attention(head)}.scaled"][0, head.head]),
            array(trace[f"{_attention(head)}.pattern"][0, head.head]),
        )
        for head in heads
    }
    hidden = []
    for place in (at for at, word in enumerate(words.tokens) if word == MASK):
        said_pronoun = WORDS[int(as_trained[place].argmax())] in PRONOUNS  # of masks that the text decides nothing of
        is_pronoun = isinstance(decided[place], HiddenPronoun) if place in decided else said_pronoun
        relation = "pronoun" if is_pronoun else "agreement"
        head = next(head for head in heads if head.relation in (None, relation))
        shown = _candidates(as_trained[place], without[head][1][place])
        both = torch.stack([whole[place][shown], without[head][0][place][shown]], -1)  # (words, 2)
        likeliest = WORDS[int(whole[place].argmax())]
        form = WORDS[presents[int(whole[place][presents].argmax())]]
        hidden.append(Hidden(place, head, likeliest, form, tuple(WORDS[id_] for id_ in shown), array(both)))
    return patterns, hidden


def _attention(head: Head) -> str:
    return f"encoder.blocks.{head.layer}.attn"


def _candidates(whole: Tensor, cut: Tensor) -> list[int]:
    """The five likeliest words by probabilities (vocab) with the head, and those of the three likeliest without it."""
    likely = [int(id_) for id_ in whole.topk(_SHOWN).indices]
    return list(dict.fromkeys([*likely, *(int(id_) for id_ in cut.topk(3).indices)]))


def _steps(
    words: Words, heads: list[Head], patterns: dict[str, tuple[Array, Array]], hidden: list[Hidden]
) -> tuple[Step, ...]:
    tokens = words.tokens
    note = f"The words, {words.summary}; {MASK} stands for one that the model has to restore."
    steps = [Step(name="tokens", shape=(len(tokens),), values=list(tokens), note=note, axes=("token",))]
    for head in heads:
        scores, pattern = patterns[head.name]
        own = [each.place for each in hidden if each.head is head]
        found = " and ".join(f"'{tokens[int(pattern[at].argmax())]}' from row {at}" for at in own)
        where = f"head {head.head} of layer {head.layer}"
        given = Origin(kind="given", note=f"A scaled score of {where} of the trained model, {_attention(head)}.")
        steps += [
            step(
                f"{head.name} scores",
                scores,
                f"Scaled scores of {where}, which its pattern is made of.",
                ("query", "key"),
                tokens,
                preview=True,
                origin=given,
            ),
            step(
                head.name,
                pattern,
                f"The pattern of {where}: it finds {found}; no grammar was ever given to it.",
                ("query", "key"),
                tokens,
                origin=Origin(kind="softmax", of=(f"{head.name} scores",)),
            ),
        ]
    for number, each in enumerate(hidden, 1):
        labels = {"word": each.words, "model": ("whole", "cut")}
        note = (
            f"How likely each word is at mask {number}: whole, and with head {each.head.head} of layer "
            f"{each.head.layer} silenced; look which forms gain."
        )
        steps.append(step(f"mask {number}", each.probabilities, note, ("word", "model"), (), labels=labels))
    return tuple(steps)


def _text_claims(words: Words, patterns: dict[str, tuple[Array, Array]], hidden: list[Hidden]) -> list[Claim]:
    """What the text makes of its masks that are verbs or pronouns, whatever the model does with them."""
    decided = roles(words.tokens)
    known = [(each, decided[each.place]) for each in hidden if each.place in decided]
    looked = [_looked_at(words, patterns, each) for each, _ in known if each.head.relation is not None]
    crossed = [found for each, role in known if (found := _across(words, each, role)) is not None]
    claims = []
    if looked:
        statement = "At each hidden verb or pronoun the likeliest word fits the noun that its head looks at."
        said, fitting = zip(*looked, strict=True)
        claims.append(claim("form-fits-the-noun-looked-at", statement, ", ".join(said), all(fitting)))
    if crossed:
        statement = (
            "Where a noun of the other number stands between a hidden verb and its subject, the likeliest verb in the "
            "present agrees with the subject."
        )
        said, agreeing = zip(*crossed, strict=True)
        claims.append(claim("agrees-across-a-nearer-noun", statement, ", ".join(said), all(agreeing)))
    return claims


def _looked_at(words: Words, patterns: dict[str, tuple[Array, Array]], of: Hidden) -> tuple[str, bool]:
    """The word that a mask's head looks at with the likeliest word, and whether that is a noun which this fits."""
    target = words.tokens[int(patterns[of.head.name][1][of.place].argmax())]
    noun = noun_of(target)
    return f"{target}: {of.likeliest}", noun is not None and fits(of.likeliest, noun)


def _across(words: Words, of: Hidden, role: Role) -> tuple[str, bool] | None:
    """The subject of a verb across a noun of the other number, and if its form agrees; None where none is between."""
    if not isinstance(role, HiddenVerb) or (subject := noun_of(words.tokens[role.subject])) is None:
        return None
    between = [noun for at in role.between if (noun := noun_of(words.tokens[at])) is not None]
    if all(noun.plural == subject.plural for noun in between):
        return None
    return f"{words.tokens[role.subject]}: {of.form}", fits(of.form, subject)


def _sample_claims(known: dict[Relation, Linked]) -> list[Claim]:
    """On held-out sentences: what the heads look at, and what is lost without them."""
    verb, pronoun = known["agreement"], known["pronoun"]
    return [
        looks_claim("verb-head", "a verb to its subject", verb),
        looks_claim("pronoun-head", "a pronoun to the noun it stands for", pronoun),
        _loss_claim("agreement-needs-the-verb-head", "verb", verb, _VERB_LOSES),
        _loss_claim("coreference-needs-the-pronoun-head", "pronoun", pronoun, _PRONOUN_LOSES),
    ]


def looks_claim(name: str, what: str, of: Linked) -> Claim:
    """That a head of the syntax model looks where it should on held-out sentences."""
    weight = float(of.weights[of.layer, of.head])
    statement = (
        f"One head of the syntax model puts more than {_LOOKS:g} of its weight from {what}, on unseen sentences."
    )
    return claim(name, statement, weight, weight > _LOOKS)


def _loss_claim(name: str, word: str, of: Linked, least: float) -> Claim:
    statement = (
        f"Without its {word} head the syntax model is less sure of a hidden {word}: of all its forms, the right one "
        f"loses more than {least:g} of its probability."
    )
    return claim(name, statement, f"{of.whole:.3f}, without it {of.without:.3f}", of.whole - of.without > least)
