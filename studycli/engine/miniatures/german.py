"""German: a toy grammar of English sentences, their German, and which word stands for which."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from random import Random
from typing import Literal, NamedTuple

from studycli.engine.miniatures import german_words as words
from studycli.engine.miniatures.german_words import Case, Noun, Verb
from studycli.engine.miniatures.held_out import is_held_out

Order = Literal["second", "inverted", "final"]


class Word(NamedTuple):
    """A word and its role in the sentence, which it shares with its counterpart; no role without one."""

    text: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A pronoun, or a noun with its article and perhaps an adjective."""

    noun: Noun
    article: str = ""
    adjective: str = ""

    def english(self, role: str) -> list[Word]:
        """The words in order."""
        parts = [(self.article, "article"), (self.adjective, "adjective"), (self.noun.english, "noun")]
        return [Word(text, f"{role} {part}") for text, part in parts if text]

    def german(self, role: str, case: Case) -> list[Word]:
        """The words in order, in a case. A pronoun is one that acts."""
        found = [Word(self.noun.german, f"{role} noun")]
        if self.adjective:
            stem = words.ADJECTIVES[self.adjective]
            ending = words.ending(self.article, self.noun.gender, case)
            found.insert(0, Word(stem + ending, f"{role} adjective"))
        if self.article:
            found.insert(0, Word(words.article(self.article, self.noun.gender, case), f"{role} article"))
        return found


@dataclass(frozen=True, slots=True)
class Clause:
    """Who does what to whom, and when or where; in the present, or with an auxiliary."""

    subject: Phrase
    verb: Verb
    object: Phrase | None = None
    adverb: str = ""
    auxiliary: str = ""

    @property
    def held_out(self) -> bool:
        """Whether the verb is kept apart from this object in training, or from this subject where it takes none."""
        other = self.subject if self.object is None else self.object
        return is_held_out(self.verb.english, other.noun.english)

    def english(self) -> list[Word]:
        """The words: subject, verb, object, adverb."""
        return [
            *self.subject.english("subject"),
            *([Word(self.auxiliary, "auxiliary")] if self.auxiliary else []),
            Word(self._form(self.verb[:3]), "verb"),
            *(self.object.english("object") if self.object else []),
            *([Word(self.adverb, "adverb")] if self.adverb else []),
        ]

    def german(self, order: Order) -> list[Word]:
        """The words with the finite verb second, first before its subject (`inverted`), or last."""
        verb = Word(self._form(self.verb[3:6]), "verb")
        finite = Word(self._auxiliary(), "auxiliary") if self.auxiliary else verb
        middle = [Word(words.ADVERBS[self.adverb], "adverb")] if self.adverb else []
        middle += self.object.german("object", "accusative") if self.object else []
        middle += [verb] if self.auxiliary else []
        subject = self.subject.german("subject", "nominative")
        if order == "second":
            return [*subject, finite, *middle]
        return [finite, *subject, *middle] if order == "inverted" else [*subject, *middle, finite]

    def _form(self, forms: Sequence[str]) -> str:
        """Of present, participle and infinitive the one that the auxiliary asks for."""
        if not self.auxiliary:
            return forms[0]
        return forms[1] if self.auxiliary in words.OF_THE_PERFECT else forms[2]

    def _auxiliary(self) -> str:
        if self.auxiliary in words.MODALS:
            return words.MODALS[self.auxiliary]
        return words.OF_THE_PERFECT[self.auxiliary][self.verb.perfect]


@dataclass(frozen=True, slots=True)
class Sentence:
    """An English sentence and its German.

    `alignment` is the English place of each German word's counterpart, None for a comma. `final` are the places of
    the German verbs that end a subordinate clause. `held_out` says that it holds what no training sentence does.
    """

    english: tuple[str, ...]
    german: tuple[str, ...]
    alignment: tuple[int | None, ...]
    final: tuple[int, ...]
    held_out: bool


def sentence(random: Random) -> Sentence:
    """A sentence of one to three clauses: `[said] clause [conjunction clause]`, or `conjunction clause , clause`."""
    shape = random.choice(("plain", "said", "behind", "said behind", "in front"))
    if shape == "in front":
        conjunction = random.choice(list(words.IN_FRONT))
        main, subordinate = _clauses(random, conjunction)
        return subordinate_first(conjunction, subordinate, main)
    said = _said(random) if shape.startswith("said") else None
    if not shape.endswith("behind"):
        return main_first(said, clause(random), "", None)
    conjunction = random.choice(list(words.BEHIND))
    main, subordinate = _clauses(random, conjunction)
    return main_first(said, main, conjunction, subordinate)


def go_together(conjunction: str, main: str, subordinate: str) -> bool:
    """Whether a main clause with this auxiliary goes with a subordinate one with that, in both languages.

    After `when` and `before` English has no `will`, and what is past would ask for a past tense that the toy grammar
    doesn't have (and `when` for `als`). What had been comes before what has been or had been, and nothing else.
    """
    if conjunction in ("when", "before"):
        perfect = ("has",) if conjunction == "when" else ()
        return main not in words.OF_THE_PERFECT and subordinate in ("", "can", "must", *perfect)
    if subordinate == "had":
        return main in words.OF_THE_PERFECT
    return main != "had"


def sentences(seed: int, purpose: str, *, held_out: bool) -> Iterator[Sentence]:
    """Sentences without end: those of training, or those with a pair of words that is kept apart in training."""
    random = Random(f"{seed}/translation/{purpose}")
    while True:
        found = sentence(random)
        if found.held_out == held_out:
            yield found


def subordinate_first(conjunction: str, subordinate: Clause, main: Clause) -> Sentence:
    """As in `when it falls , he laughs`."""
    opening = [Word(conjunction, "conjunction")]
    english = [opening, _within(0, subordinate.english()), [Word(",")], _within(1, main.english())]
    opening = [Word(words.IN_FRONT[conjunction], "conjunction")]
    german = [opening, _within(0, subordinate.german("final")), [Word(",")], _within(1, main.german("inverted"))]
    return _aligned(english, german, (subordinate, main))


def main_first(said: tuple[str, str, str] | None, first: Clause, conjunction: str, second: Clause | None) -> Sentence:
    """As in `I know that he laughs because it falls`; without what is `said`, the first clause is the main one.

    `said` is who, the verb's first form, and the conjunction.
    """
    english, german = [], []
    if said is not None:
        saying, gesagt = _saying(*said)
        english, german = [saying], [gesagt]
    english.append(_within(0, first.english()))
    german.append(_within(0, first.german("second" if said is None else "final")))
    if second is not None:
        english += [[Word(conjunction, "conjunction")], _within(1, second.english())]
        german += [[Word(","), Word(words.BEHIND[conjunction], "conjunction")], _within(1, second.german("final"))]
    return _aligned(english, german, (first, second) if second else (first,))


def clause(random: Random) -> Clause:
    """A clause of random words."""
    subject = Phrase(random.choice(words.PRONOUNS)) if random.random() < 0.15 else _phrase(random, words.LIVING)
    adverb = random.choice(list(words.ADVERBS)) if random.random() < 0.3 else ""
    auxiliary = random.choice(words.AUXILIARIES) if random.random() < 0.6 else ""
    if random.random() < 0.3:
        return Clause(subject, random.choice(words.WITHOUT_OBJECT), None, adverb, auxiliary)
    verb = random.choice(words.WITH_ANY_OBJECT + words.WITH_LIVING_OBJECT)
    nouns = words.NOUNS if verb in words.WITH_ANY_OBJECT else words.LIVING
    thing = _phrase(random, [noun for noun in nouns if noun != subject.noun])
    return Clause(subject, verb, thing, adverb, auxiliary)


def _clauses(random: Random, conjunction: str) -> tuple[Clause, Clause]:
    """A main and a subordinate clause whose auxiliaries go together."""
    while True:
        main, subordinate = clause(random), clause(random)
        if go_together(conjunction, main.auxiliary, subordinate.auxiliary):
            return main, subordinate


def _phrase(random: Random, nouns: list[Noun]) -> Phrase:
    noun = random.choice(nouns)
    article = random.choice([each for each in words.ARTICLES if each != "my" or noun.english not in words.WITHOUT_MY])
    adjectives = words.ADJECTIVES_OF_THE_LIVING if noun.alive else words.ADJECTIVES_OF_THINGS
    return Phrase(noun, article, random.choice(list(adjectives)) if random.random() < 0.35 else "")


def _said(random: Random) -> tuple[str, str, str]:
    verb = random.choice(list(words.SAYING))
    conjunctions = [each for each in words.SAID if (verb, each) != ("ask", "that")]
    return random.choice(list(words.SPEAKERS)), verb, random.choice(conjunctions)


def _saying(who: str, verb: str, conjunction: str) -> tuple[list[Word], list[Word]]:
    """Who says it, the verb and the conjunction, in both languages."""
    third, ich, er, wir = words.SAYING[verb]
    said, gesagt = verb if who in ("I", "we") else third, {"I": ich, "we": wir}.get(who, er)
    english = [Word(who, "speaker"), Word(said, "saying"), Word(conjunction, "said conjunction")]
    comma = [Word(words.SPEAKERS[who], "speaker"), Word(gesagt, "saying"), Word(",")]
    return english, [*comma, Word(words.SAID[conjunction], "said conjunction")]


def _within(number: int, found: list[Word]) -> list[Word]:
    """Words with the roles that they have in the clause of this number."""
    return [Word(word.text, f"{number} {word.role}") for word in found]


def _aligned(english: list[list[Word]], german: list[list[Word]], clauses: Sequence[Clause]) -> Sentence:
    source, target = list(chain(*english)), list(chain(*german))
    places = {word.role: place for place, word in enumerate(source) if word.role}
    return Sentence(
        tuple(word.text for word in source),
        tuple(word.text for word in target),
        tuple(places.get(word.role) for word in target),
        tuple(_final(target)),
        any(each.held_out for each in clauses),
    )


def _final(target: Sequence[Word]) -> Iterator[int]:
    """Places of the verbs of subordinate clauses, those from a conjunction to the next comma."""
    subordinate = False
    for place, word in enumerate(target):
        subordinate = (subordinate or word.role.endswith("conjunction")) and word.text != ","
        if subordinate and word.role.endswith((" verb", " auxiliary")):
            yield place
