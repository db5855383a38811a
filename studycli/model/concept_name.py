"""Names of concepts: the rules by which two names mean one concept, and an index that applies them.

Every rule but the first maps a long name to the shorter forms it may go by. A join needs exactly one candidate:
where a short form could mean two concepts it means none. What is *not* a rule matters as much: a slash
(`BERT/Encoder-Only`, `Query/Key/Value`) may list synonyms or parts, a hyphen makes another word (`Encoder` is
neither `Encoder-Only` nor `Encoder-Decoder`), and a last word such as `Layer` or `Embedding` names another thing.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Hashable, Iterable
from enum import StrEnum
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

Owner = TypeVar("Owner", bound=Hashable)

MAX_NAME = 200  # longer names are compared by spelling only
_MAX_WORDS = 12
_DASHES = re.compile(r"[-_\u2010-\u2015\u2212]+")
_DROPPED = re.compile(r"[*`\"'\u2018\u2019\u201c\u201d$^]")
_ROOT = re.compile(r"\\sqrt\{([^{}]*)\}")
_NOT_SLUG = re.compile(r"[\W_]+")
_SMALL_WORDS = frozenset(("a", "an", "and", "for", "from", "in", "of", "on", "the", "to", "with"))
_KIND_WORDS = frozenset(("algorithm", "architecture", "function", "mechanism", "method", "technique"))
_HEAD_NOUNS = frozenset(("attention", "connection", "encoding", "generation", "network"))
_ADJECTIVE = ("al", "ive", "ic", "ous", "ed")
_THING = ("er", "or")  # a decoder or a vector is a thing of its own: 'Encoder-Decoder Attention' is not one


class Rule(StrEnum):
    """Why two names were taken for one concept, in the order in which the rules are tried."""

    SPELLING = "same name but for case, hyphens or plural"
    NODE_ID = "node id and its label"
    ABBREVIATION = "abbreviation in parentheses"
    QUALIFIER = "without the words in parentheses"
    SHORT_WORD = "one word shortened"
    WORD_FORM = "other form of a word"
    LAST_WORD = "last word left out"
    ACRONYM = "initials"


class Match(NamedTuple, Generic[Owner]):
    """The owner of a name, and the rule that found it."""

    owner: Owner
    rule: Rule


@lru_cache(maxsize=16384)
def words(name: str) -> tuple[str, ...]:
    """The words of a name as comparable text: no case, emphasis, hyphens or plural."""
    text = name if name.isascii() else unicodedata.normalize("NFKC", name)
    text = _ROOT.sub("√\\1", text).replace("&", " and ").casefold()
    return tuple(word for raw in _DROPPED.sub("", text).split() if (word := _word(raw)))


def _word(raw: str) -> str:
    word = raw.strip(",;:.!?")
    if not word.isalnum():
        word = _DASHES.sub("", word)
    return _singular(word.replace("isation", "ization"))


def _singular(word: str) -> str:
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is", "as")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("sses", "ases", "xes", "zes", "ches", "shes")) else word[:-1]


@lru_cache(maxsize=16384)
def key(name: str) -> str:
    """A name as one comparable key; names with equal keys are the same name."""
    return "".join(words(name)) or name.strip()


def slug(name: str) -> str:
    """A name as an id: lower-case words joined by `-` ('√d_k Scaling' -> 'sqrt-d-k-scaling')."""
    text = unicodedata.normalize("NFKC", name).replace("√", "sqrt ").casefold()
    return _NOT_SLUG.sub("-", text).strip("-")[:80].strip("-") or "concept"


def split_parentheses(name: str) -> tuple[str, str] | None:
    """'Query (Q)' -> ('Query', 'Q'); None where no words in parentheses end the name."""
    text = name.strip()
    start = text.rfind(" (")
    if start <= 0 or not text.endswith(")") or ")" in text[start:-1]:
        return None
    base, inner = text[:start].strip(), text[start + 2 : -1].strip()
    return (base, inner) if base and inner else None


def abbreviates(short: str, long: str) -> bool:
    """Whether `short` is written like an abbreviation and its letters stand in `long` in that order."""
    letters = [letter for letter in short if letter.isalpha()]
    capitals = sum(letter.isupper() for letter in letters)
    if not letters or " " in short or len(short) > 10 or len(short) >= len(long) or 2 * capitals < len(letters):
        return False
    rest = iter(long.casefold())
    return long[:1].casefold() == short[:1].casefold() and all(letter in rest for letter in short.casefold())


def _is_acronym(name: str) -> bool:
    bare = name.strip().removesuffix("s")
    return 2 <= len(bare) <= 10 and bare.isalpha() and bare.isupper()


def _by_abbreviation(name: str) -> Iterable[str]:
    if parts := split_parentheses(name):
        base, inner = parts
        if abbreviates(inner, base) or abbreviates(base, inner):
            yield key(base)
            yield key(inner)


def _by_qualifier(name: str) -> Iterable[str]:
    if parts := split_parentheses(name):
        yield key(parts[0])


def _by_short_word(name: str) -> Iterable[str]:
    """'Layer Normalization' -> 'Layer Norm': a prefix of 3 to 5 letters that leaves out at least 4."""
    parts = words(name)
    if 2 <= len(parts) <= _MAX_WORDS:
        for position, word in enumerate(parts):
            for length in range(3, min(5, len(word) - 4) + 1):
                yield "".join([*parts[:position], word[:length], *parts[position + 1 :]])


def _by_word_form(name: str) -> Iterable[str]:
    """'Positional Encoding' -> 'Position Encoding'."""
    parts = words(name)
    for position, word in enumerate(parts[: min(len(parts) - 1, _MAX_WORDS)]):
        if word.endswith("al") and len(word) >= 7:
            yield "".join([*parts[:position], word[:-2], *parts[position + 1 :]])


def _by_last_word(name: str) -> Iterable[str]:
    """'Scaled Dot-Product Attention' -> 'Scaled Dot-Product'; 'Residual Connection' -> 'Residual'."""
    parts = words(name)
    if not 2 <= len(parts) <= _MAX_WORDS:
        return
    short = "".join(parts[:-1])
    if parts[-1] in _KIND_WORDS or (parts[-1] in _HEAD_NOUNS and _is_modifier(name)):
        yield short


def _is_modifier(name: str) -> bool:
    """Whether a name's words before the last can only describe it, and so stand for the whole name."""
    pieces = [piece for word in name.split()[:-1] for piece in _DASHES.split(word.casefold()) if piece]
    if not pieces or pieces[-1].endswith(_THING):
        return False
    return len(pieces) > 1 or pieces[0].endswith(_ADJECTIVE)


def _by_acronym(name: str) -> Iterable[str]:
    """'Feed-Forward Network' -> 'FFN': the initials of words and of their hyphenated parts."""
    pieces = [piece for word in name.split() for piece in _DASHES.split(word) if piece[:1].isalpha()]
    if 2 <= len(pieces) <= 10:
        yield "".join(piece[0] for piece in pieces).casefold()
        yield "".join(piece[0] for piece in pieces if piece.casefold() not in _SMALL_WORDS).casefold()


_SHORTER = {
    Rule.ABBREVIATION: _by_abbreviation,
    Rule.QUALIFIER: _by_qualifier,
    Rule.SHORT_WORD: _by_short_word,
    Rule.WORD_FORM: _by_word_form,
    Rule.LAST_WORD: _by_last_word,
    Rule.ACRONYM: _by_acronym,
}
_BY_PARENTHESES = (Rule.ABBREVIATION, Rule.QUALIFIER)


@lru_cache(maxsize=65536)
def shorter_forms(name: str, rule: Rule) -> frozenset[str]:
    """The keys of the shorter names that `name` may go by under `rule`."""
    if len(name) > MAX_NAME or rule not in _SHORTER or ("/" in name and rule not in _BY_PARENTHESES):
        return frozenset()
    return frozenset(_SHORTER[rule](name)) - {key(name), ""}


class NameIndex(Generic[Owner]):
    """Names and their owners; finds the one owner that a name means."""

    def __init__(self) -> None:
        self._exact: dict[str, set[Owner]] = defaultdict(set)
        self._capitals: dict[str, set[Owner]] = defaultdict(set)
        self._ids: dict[str, set[Owner]] = defaultdict(set)
        self._shorter: dict[tuple[Rule, str], set[Owner]] = defaultdict(set)
        self._beginnings: dict[str, set[Owner]] = defaultdict(set)

    def add(self, name: str, owner: Owner) -> None:
        """Let `name` mean `owner`."""
        self._exact[key(name)].add(owner)
        if _is_acronym(name):
            self._capitals[key(name)].add(owner)
        if len(name) > MAX_NAME:
            return
        for rule in _SHORTER:
            for form in shorter_forms(name, rule):
                self._shorter[rule, form].add(owner)
        parts = words(name)
        for count in range(1, min(len(parts), _MAX_WORDS)):
            self._beginnings["".join(parts[:count])].add(owner)

    def add_id(self, identifier: str, owner: Owner) -> None:
        """Let a node id, exactly as written, mean `owner`."""
        self._ids[identifier.strip()].add(owner)

    def candidates(self, name: str, rule: Rule) -> set[Owner]:
        """Every owner that `name` could mean under `rule`; more than one means that it is ambiguous."""
        if rule is Rule.SPELLING:
            return self._exact.get(key(name), set())
        if rule is Rule.NODE_ID:
            return self._ids.get(name.strip(), set())
        found: set[Owner] = set()
        if (rule is not Rule.ACRONYM or _is_acronym(name)) and (rule, key(name)) in self._shorter:
            found |= self._longer(key(name), rule)
        exact = self._capitals if rule is Rule.ACRONYM else self._exact
        for form in shorter_forms(name, rule):
            if form in exact:
                found |= exact[form] | self._longer(form, rule)
        return found

    def _longer(self, form: str, rule: Rule) -> set[Owner]:
        """The owners of longer names that go by `form`; with a last word left out, of all that begin so."""
        owners = self._shorter.get((rule, form), set())
        return owners | self._beginnings.get(form, set()) if rule is Rule.LAST_WORD else owners

    def find(self, name: str) -> Match[Owner] | None:
        """The one owner that `name` means by the first rule that knows it; None if unknown or ambiguous."""
        for rule in Rule:
            found = self.candidates(name, rule)
            if found:
                return Match(next(iter(found)), rule) if len(found) == 1 else None
        return None
