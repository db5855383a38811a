"""German words: the toy lexicon of the translation, each word in both languages with the forms that it takes."""

from __future__ import annotations

from typing import Literal, NamedTuple

Case = Literal["nominative", "accusative"]


class Noun(NamedTuple):
    """A noun, or a pronoun of the third person; the gender is m, f or n. What is alive can act."""

    english: str
    german: str
    gender: str
    alive: bool


class Verb(NamedTuple):
    """A verb, with the German auxiliary of its perfect: present, participle and infinitive in both languages."""

    english: str
    english_participle: str
    english_infinitive: str
    german: str
    german_participle: str
    german_infinitive: str
    perfect: Literal["have", "be"] = "have"


def _nouns(lines: str, *, alive: bool) -> list[Noun]:
    rows = (line.split() for line in lines.split(";"))
    return [Noun(english, german, gender, alive) for english, german, gender in rows]


def _verbs(lines: str, perfect: Literal["have", "be"] = "have") -> list[Verb]:
    rows = (line.split() for line in lines.split(";"))
    return [Verb(a, b, c, d, e, f, perfect) for a, b, c, d, e, f in rows]


LIVING = _nouns(
    "man Mann m;father Vater m;brother Bruder m;teacher Lehrer m;dog Hund m;bird Vogel m;woman Frau f;mother Mutter f;"
    "sister Schwester f;queen Königin f;cat Katze f;mouse Maus f;child Kind n;girl Mädchen n;horse Pferd n",
    alive=True,
)
NOUNS = LIVING + _nouns(
    "letter Brief m;chair Stuhl m;tree Baum m;flower Blume f;lamp Lampe f;bag Tasche f;book Buch n;house Haus n;"
    "picture Bild n",
    alive=False,
)
PRONOUNS = [Noun("he", "er", "m", True), Noun("she", "sie", "f", True)]
_ADJECTIVES_OF_ALL = {"small": "klein", "big": "groß", "strange": "seltsam"}
ADJECTIVES_OF_THINGS = _ADJECTIVES_OF_ALL | {"beautiful": "schön"}
ADJECTIVES_OF_THE_LIVING = _ADJECTIVES_OF_ALL | {
    "young": "jung", "clever": "klug", "tired": "müd", "hungry": "hungrig"
}  # fmt: skip
ADJECTIVES = ADJECTIVES_OF_THINGS | ADJECTIVES_OF_THE_LIVING
"""Stems, to which an ending comes."""
ADVERBS = {"today": "heute", "here": "hier"}
WITH_ANY_OBJECT = _verbs(
    "sees seen see sieht gesehen sehen;finds found find findet gefunden finden;"
    "paints painted paint malt gemalt malen;carries carried carry trägt getragen tragen;"
    "describes described describe beschreibt beschrieben beschreiben;"
    "forgets forgotten forget vergisst vergessen vergessen"
)
WITH_LIVING_OBJECT = _verbs(
    "hears heard hear hört gehört hören;calls called call ruft gerufen rufen;praises praised praise lobt gelobt loben;"
    "greets greeted greet grüßt gegrüßt grüßen"
)
WITHOUT_OBJECT = _verbs(
    "laughs laughed laugh lacht gelacht lachen;sleeps slept sleep schläft geschlafen schlafen;"
    "sings sung sing singt gesungen singen;works worked work arbeitet gearbeitet arbeiten"
) + _verbs("comes come come kommt gekommen kommen;falls fallen fall fällt gefallen fallen", "be")
VERBS = WITH_ANY_OBJECT + WITH_LIVING_OBJECT + WITHOUT_OBJECT
OF_THE_PERFECT: dict[str, dict[str, str]] = {"has": {"have": "hat", "be": "ist"}, "had": {"have": "hatte", "be": "war"}}
"""German auxiliaries that go with a participle, by the English one and that of the verb."""
MODALS = {"can": "kann", "must": "muss", "will": "wird"}
"""Auxiliaries that go with an infinitive."""
AUXILIARIES = ["", *OF_THE_PERFECT, *MODALS]
"""English auxiliaries, and none, which is the present."""
SPEAKERS = {"I": "ich", "he": "er", "she": "sie", "we": "wir"}
SAYING = {  # I and we; he and she; ich; er and sie; wir
    "know": ("knows", "weiß", "weiß", "wissen"),
    "ask": ("asks", "frage", "fragt", "fragen"),
    "say": ("says", "sage", "sagt", "sagen"),
    "hear": ("hears", "höre", "hört", "hören"),
}
SAID = {"that": "dass", "why": "warum", "where": "wo"}
"""Conjunctions behind a verb of `SAYING`; what is asked has no `that`."""
BEHIND = {"because": "weil", "although": "obwohl", "before": "bevor"}
IN_FRONT = BEHIND | {"when": "wenn"}
CONJUNCTIONS = SAID | IN_FRONT
_EIN_WORDS = {"m": ("", "en"), "f": ("e", "e"), "n": ("", "")}
_DER_WORDS = {"m": ("er", "en"), "f": ("e", "e"), "n": ("es", "es")}
ARTICLES: dict[str, dict[str, tuple[str, ...]]] = {
    "the": {"m": ("der", "den"), "f": ("die", "die"), "n": ("das", "das")},
    "this": {gender: tuple(f"dies{end}" for end in ends) for gender, ends in _DER_WORDS.items()},
    "a": {gender: tuple(f"ein{end}" for end in ends) for gender, ends in _EIN_WORDS.items()},
    "my": {gender: tuple(f"mein{end}" for end in ends) for gender, ends in _EIN_WORDS.items()},
}
"""The nominative and the accusative by English article and gender."""
WITHOUT_MY = ("man", "woman")
"""Nouns that don't take `my`: German `meine Frau` is no woman of mine, but my wife."""


def article(english: str, gender: str, case: Case) -> str:
    """The German article of a gender in a case."""
    return ARTICLES[english][gender][case == "accusative"]


def ending(english: str, gender: str, case: Case) -> str:
    """What an adjective ends in behind this article: e, en, er or es."""
    if case == "accusative" and gender == "m":
        return "en"
    bare = gender != "f" and english in ("a", "my")
    return {"m": "er", "n": "es"}[gender] if bare else "e"


ENGLISH = list(
    dict.fromkeys(
        [",", *ARTICLES, *CONJUNCTIONS, *ADVERBS, *ADJECTIVES, *SPEAKERS, *SAYING]
        + [third for third, *_ in SAYING.values()]
        + AUXILIARIES[1:]
        + [noun.english for noun in NOUNS]
        + [form for verb in VERBS for form in verb[:3]]
    )
)
"""Every word of the English sentences, and the comma."""

GERMAN = list(
    dict.fromkeys(
        [",", *CONJUNCTIONS.values(), *ADVERBS.values(), *SPEAKERS.values(), *MODALS.values()]
        + [word for forms in ARTICLES.values() for pair in forms.values() for word in pair]
        + [stem + end for stem in ADJECTIVES.values() for end in ("e", "en", "es")]
        + [stem + "er" for stem in ADJECTIVES_OF_THE_LIVING.values()]  # things are never the subject
        + [form for _, *forms in SAYING.values() for form in forms]
        + [form for forms in OF_THE_PERFECT.values() for form in forms.values()]
        + [noun.german for noun in NOUNS]
        + [form for verb in VERBS for form in verb[3:6]]
    )
)
"""Every word of the German sentences, and the comma."""
