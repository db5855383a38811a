"""Grammar: seeded English sentences from templates, with the places of verbs, subjects, pronouns and antecedents."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from random import Random
from typing import Literal

from studycli.engine.miniatures.lexicon import (
    BASES,
    FEELINGS,
    LOOKS,
    NOUNS,
    PEOPLE,
    PREPOSITIONS,
    PRONOUNS,
    REFLEXIVES,
    THINGS,
    Noun,
    Verb,
    Verbs,
)

Relation = Literal["agreement", "pronoun"]

_OF_SUBJECT = 2 / 3  # how often a pronoun that could stand for subject or object stands for the subject


@dataclass(frozen=True, slots=True)
class Link:
    """A word that its form ties to a noun: a verb to its subject (agreement), or a pronoun to its antecedent.

    `place` is that of the word and `target` that of the noun, `rivals` are the places of other nouns that could be
    taken for it: those between subject and verb, or all before a pronoun. `right` is the word, `wrong` are the other
    forms of the same verb or all other pronouns. A link is `deceptive` where a rival would ask for another form.
    It is `held_out` where training never joins its noun with a rival or with its verb (of a pronoun, the one that
    decides what it stands for), and `new_verb` where never with its verb.
    """

    relation: Relation
    place: int
    target: int
    rivals: tuple[int, ...]
    right: str
    wrong: tuple[str, ...]
    deceptive: bool
    held_out: bool
    new_verb: bool


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words, what ties them, and the pairs, in basic forms, that are joined.

    These are a verb in any tense with subject (or its pronoun's noun) and object, and a link's noun with its rivals.
    """

    words: tuple[str, ...]
    links: tuple[Link, ...]
    joined: frozenset[tuple[str, str]]

    @property
    def text(self) -> str:
        """The words with spaces between them."""
        return " ".join(self.words)

    @property
    def held_out(self) -> bool:
        """Whether it joins words that are never joined in training."""
        return any(is_held_out(*pair) for pair in self.joined)

    def of(self, relation: Relation) -> tuple[Link, ...]:
        """The links of one relation, from left to right."""
        return tuple(link for link in self.links if link.relation == relation)


def sentences(count: int, random: Random, held_out: bool) -> list[Sentence]:
    """Sentences to learn from, that join no words that are held out; or such to measure on, each of which does.

    About half are in the present tense, with verbs that agree, half in the past tense, with a pronoun. The same state
    of `random` gives the same sentences.
    """
    found: list[Sentence] = []
    while len(found) < count:
        sentence = random.choice(_TEMPLATES)(random)
        if sentence.held_out == held_out:
            found.append(sentence)
    return found


@cache
def is_held_out(first: str, second: str) -> bool:
    """Whether two words, each in its basic form, are never joined in training, in any form: so is one pair in eight."""
    pair = " ".join(sorted((first, second)))
    return blake2b(pair.encode(), digest_size=1).digest()[0] % 8 == 0


@dataclass(frozen=True, slots=True)
class _Mention:
    """A noun at its place in a sentence."""

    place: int
    noun: Noun
    plural: bool

    @property
    def pronoun(self) -> str:
        return "they" if self.plural else self.noun.pronoun


class _Draft:
    """A sentence that is being written, word after word."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.words: list[str] = []
        self.mentions: list[_Mention] = []
        self.links: list[Link] = []
        self.joined: set[tuple[str, str]] = set()

    def say(self, *words: str) -> None:
        self.words += words

    def one_of(self, words: tuple[str, ...]) -> None:
        self.say(self.random.choice(words))

    def noun(self, nouns: tuple[Noun, ...]) -> _Mention:
        """`the` and a noun that is not there yet, singular or plural."""
        noun = self.random.choice([noun for noun in nouns if all(noun != each.noun for each in self.mentions)])
        plural = self.random.random() < 0.5
        self.say("the", noun.plural if plural else noun.singular)
        self.mentions.append(_Mention(len(self.words) - 1, noun, plural))
        return self.mentions[-1]

    def verb(self, verbs: tuple[Verb, ...], subject: _Mention) -> Verb:
        """A verb in the present tense that agrees with its subject."""
        verb = self.random.choice(verbs)
        right, wrong = (verb.base, verb.singular) if subject.plural else (verb.singular, verb.base)
        between = [each for each in self.mentions if each.place > subject.place]
        deceptive = any(each.plural != subject.plural for each in between)
        self._link("agreement", subject, between, right, (wrong,), verb, deceptive)
        return verb

    def past(self, verbs: tuple[Verb, ...], subject: _Mention) -> Verb:
        """A verb in the past tense, which has one form for all subjects."""
        verb = self.random.choice(verbs)
        self.join(subject, verb.base)
        self.say(verb.past)
        return verb

    def object(self, nouns: tuple[Noun, ...], verb: Verb) -> _Mention:
        """A noun to which something is done."""
        self.join(mention := self.noun(nouns), verb.base)
        return mention

    def join(self, mention: _Mention, *words: str) -> None:
        """Note words in their basic forms with which a noun is joined."""
        self.joined.update((mention.noun.singular, word) for word in words)

    def pronoun(self, antecedent: _Mention, verb: Verb, *, reflexive: bool = False) -> None:
        """The pronoun that stands for a noun, whose role the verb before it decides."""
        right = REFLEXIVES[antecedent.pronoun] if reflexive else antecedent.pronoun
        wrong = tuple(each for each in PRONOUNS if each != right)
        rivals = [each for each in self.mentions if each is not antecedent]
        deceptive = any(each.pronoun != antecedent.pronoun for each in rivals)
        self._link("pronoun", antecedent, rivals, right, wrong, verb, deceptive)

    def done(self) -> Sentence:
        return Sentence(tuple(self.words), tuple(self.links), frozenset(self.joined))

    def _link(
        self, relation: Relation, target: _Mention, rivals: list[_Mention], right: str, wrong: tuple[str, ...],
        verb: Verb, deceptive: bool,
    ) -> None:  # fmt: skip
        joined = [verb.base, *(each.noun.singular for each in rivals)]
        self.join(target, *joined)
        new = [is_held_out(target.noun.singular, each) for each in joined]
        at, places = len(self.words), tuple(each.place for each in rivals)
        self.links.append(Link(relation, at, target.place, places, right, wrong, deceptive, any(new), new[0]))
        self.say(right)


def _prepositional(draft: _Draft) -> None:
    draft.one_of(PREPOSITIONS)
    draft.noun(NOUNS)


def _opening(draft: _Draft, *, past: bool) -> None:
    """What may come before the subject: nothing, `the witch says that`, or `near the lamps`."""
    shape = draft.random.randrange(4)
    if shape == 0:
        _verb(draft, Verbs.THINKING, draft.noun(PEOPLE), past=past)
        draft.say("that")
    elif shape == 1:
        _prepositional(draft)


def _modified(draft: _Draft, nouns: tuple[Noun, ...], *, past: bool) -> _Mention:
    """A noun, and behind it nothing, one or two other nouns, or a relative clause."""
    head = draft.noun(nouns)
    shape = draft.random.randrange(5)
    if shape in (1, 2):
        for _ in range(shape):
            _prepositional(draft)
    elif shape == 3:  # the king that the girls like
        draft.say("that")
        draft.join(head, _verb(draft, Verbs.TRANSITIVE, draft.noun(PEOPLE), past=past).base)
    elif shape == 4 and nouns is not THINGS:  # the king that likes the girls
        draft.say("that")
        draft.object(NOUNS, _verb(draft, Verbs.TRANSITIVE, head, past=past))
    return head


def _object(draft: _Draft, nouns: tuple[Noun, ...], verb: Verb) -> _Mention:
    """A noun to which something is done, and behind it another in half of the sentences."""
    head = draft.object(nouns, verb)
    if draft.random.random() < 0.5:
        _prepositional(draft)
    return head


def _verb(draft: _Draft, verbs: tuple[Verb, ...], subject: _Mention, *, past: bool) -> Verb:
    return draft.past(verbs, subject) if past else draft.verb(verbs, subject)


def _statement(random: Random) -> Sentence:
    """The king beside the girls sleeps."""
    draft = _Draft(random)
    _opening(draft, past=False)
    subject = _modified(draft, random.choice((PEOPLE, PEOPLE, THINGS)), past=False)
    if subject.noun in THINGS:
        draft.verb(Verbs.NEUTRAL, subject)
    elif random.random() < 0.5:
        draft.verb(Verbs.INTRANSITIVE + Verbs.NEUTRAL, subject)
    else:
        draft.object(NOUNS, draft.verb(Verbs.TRANSITIVE, subject))
    return draft.done()


def _reflexive(random: Random) -> Sentence:
    """The king beside the girls saw himself; the antecedent is the subject of the same clause."""
    draft = _Draft(random)
    _opening(draft, past=True)
    subject = _modified(draft, PEOPLE, past=True)
    draft.pronoun(subject, draft.past(Verbs.TRANSITIVE, subject), reflexive=True)
    return draft.done()


def _promise(random: Random) -> Sentence:
    """The king promised the queen that he would wait; the king warned the queen that she should wait."""
    draft = _Draft(random)
    _opening(draft, past=True)
    subject = _modified(draft, PEOPLE, past=True)
    promised = random.random() < _OF_SUBJECT
    verb = draft.past(Verbs.PROMISING if promised else Verbs.ADVISING, subject)
    addressed = _object(draft, PEOPLE, verb)
    draft.say("that")
    draft.pronoun(subject if promised else addressed, verb)
    draft.say("would" if promised else "should")
    draft.one_of(BASES)
    return draft.done()


def _cause(random: Random) -> Sentence:
    """The king surprised the queen because he sang; the king praised the queen because she sang.

    The verb says whose doing it was: implicit causality (Garvey and Caramazza 1974), here a rule without exception.
    """
    draft = _Draft(random)
    _opening(draft, past=True)
    subject = _modified(draft, PEOPLE, past=True)
    by_subject = random.random() < _OF_SUBJECT
    verb = draft.past(Verbs.SURPRISING if by_subject else Verbs.PRAISING, subject)
    other = _object(draft, PEOPLE, verb)
    antecedent = subject if by_subject else other
    draft.say("because")
    draft.pronoun(antecedent, verb)
    draft.past(Verbs.INTRANSITIVE + Verbs.NEUTRAL, antecedent)
    return draft.done()


def _reason(random: Random) -> Sentence:
    """The king moved the lamp because it looked old; the king moved the lamp because he felt tired."""
    draft = _Draft(random)
    _opening(draft, past=True)
    subject = _modified(draft, PEOPLE, past=True)
    verb = draft.past(Verbs.HANDLING, subject)
    thing = _object(draft, THINGS, verb)
    draft.say("because")
    of_thing = random.random() > _OF_SUBJECT
    draft.pronoun(thing if of_thing else subject, verb)
    draft.say("looked" if of_thing else "felt")
    draft.one_of(LOOKS if of_thing else FEELINGS)
    return draft.done()


_TEMPLATES = (_statement, _statement, _statement, _statement, _reflexive, _reflexive, _promise, _cause, _reason)
