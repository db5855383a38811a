"""Which names mean one concept, and which never do."""

from __future__ import annotations

import pytest

from studycli.model.concept_name import NameIndex, Rule, abbreviates, key, slug, split_parentheses


def index(*names: str) -> NameIndex[str]:
    found: NameIndex[str] = NameIndex()
    for name in names:
        found.add(name, name)
    return found


@pytest.mark.parametrize(
    ("known", "name", "rule"),
    [
        (["Feed-Forward Network"], "feed forward networks", Rule.SPELLING),
        (["Feed-Forward Network"], "FeedForward Network", Rule.SPELLING),
        (["Residual Connection"], "Residual Connections", Rule.SPELLING),
        (["**Query**"], "query:", Rule.SPELLING),
        (["Layer Normalisation"], "Layer Normalization", Rule.SPELLING),
        (["√d_k Scaling"], "$\\sqrt{d_k}$ scaling", Rule.SPELLING),
        (["O(n²) Cost"], "O(n^2) cost", Rule.SPELLING),
        (["Loss & Gradient"], "Loss and Gradient", Rule.SPELLING),
        (["Feed-Forward Network"], "FFN", Rule.ACRONYM),
        (["Bag of Words"], "BOW", Rule.ACRONYM),
        (["Bag of Words"], "BW", Rule.ACRONYM),
        (["Support Vector Machine"], "SVMs", Rule.ACRONYM),
        (["FFN"], "Feed-Forward Network", Rule.ACRONYM),
        (["Query"], "Query (Q)", Rule.ABBREVIATION),
        (["Query (Q)"], "Query", Rule.ABBREVIATION),
        (["Query (Q)"], "Q", Rule.ABBREVIATION),
        (["RoPE (Rotary Position Embedding)"], "RoPE", Rule.ABBREVIATION),
        (["Encoder"], "Encoder (Bidirectional)", Rule.QUALIFIER),
        (["Layer Normalization"], "Layer Norm", Rule.SHORT_WORD),
        (["Layer Norm"], "Layer Normalization", Rule.SHORT_WORD),
        (["Positional Encoding"], "Position Encoding", Rule.WORD_FORM),
        (["Scaled Dot-Product Attention"], "Scaled Dot-Product", Rule.LAST_WORD),
        (["Scaled Dot-Product"], "Scaled Dot-Product Attention", Rule.LAST_WORD),
        (["Residual Connection"], "Residual", Rule.LAST_WORD),
        (["Autoregressive Generation"], "Autoregressive", Rule.LAST_WORD),
        (["Softmax Function"], "Softmax", Rule.LAST_WORD),
    ],
)
def test_names_of_one_concept(known: list[str], name: str, rule: Rule) -> None:
    match = index(*known, "Something Else").find(name)
    assert match is not None
    assert (match.owner, match.rule) == (known[0], rule)


@pytest.mark.parametrize(
    ("known", "name"),
    [
        (["Encoder-Only"], "Encoder"), (["Encoder-Decoder"], "Encoder"), (["Encoder-Decoder"], "Decoder"),
        (["Encoder"], "Encoder-Only"), (["Encoder"], "Encoder-Decoder"),
        (["Encoder-Decoder Attention"], "Encoder-Decoder"), (["LC"], "Leaf Canopy/Petal"),
        (["Self-Attention"], "Attention"), (["Multi-Head Attention"], "Attention"),
        (["Attention Heads"], "Multi-Head Attention"),
        (["Cross-Attention"], "Cross"), (["Autoregressive Generation"], "Generation"),
        (["Layer Normalization"], "Layer"),
        (["Token Embedding"], "Token"), (["Causal Language Model"], "Causal Language Modeling"),
        (["Causal Mask"], "Causal Masking"), (["BERT/Encoder-Only"], "BERT"), (["Query/Key/Value"], "Query"),
        (["C++"], "C"), (["C#"], "C"), (["Flash Attention"], "Flash"), (["Text Generation"], "Text"),
        (["Feed-Forward Network"], "ffn"), (["Value (V)"], "Weight (V)"), (["Scaled Dot-Product"], "Scaled"),
        # more than one candidate
        (["Multi-Head Attention", "Multi-Head Cache"], "Multi-Head"),
        (["Positional Encoding", "Positional Bias"], "Positional"),
        (["Feed-Forward Network", "Fast Fourier Net"], "FFN"), (["Attention (Self)", "Attention (Cross)"], "Attention"),
        (["Attention", "Attention (Self)"], "Attention (Cross)"),
        (["Layer Normalization", "Layer Normalizer"], "Layer Norm"),
        (["Residual", "Residual Stream"], "Residual Connection"),
    ],
)  # fmt: skip
def test_names_that_stay_apart(known: list[str], name: str) -> None:
    assert index(*known).find(name) is None


def test_node_ids_count_as_written() -> None:
    found = index("Feed-Forward Network")
    found.add_id("SCALE", "Feed-Forward Network")
    match = found.find("SCALE")
    assert match is not None and match.rule is Rule.NODE_ID
    assert found.find("Scale") is None


def test_a_name_of_its_own_is_stronger_than_any_other_rule() -> None:
    found = index("Residual", "Residual Connection")
    assert found.find("Residual") == ("Residual", Rule.SPELLING)


def test_very_long_names_are_compared_by_spelling_only() -> None:
    long = "word " * 100
    found = index(long)
    assert found.find(long.upper()) == (long, Rule.SPELLING)
    assert found.find("word") is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Multi-Head Attention", "multi-head-attention"), ("√d_k Scaling", "sqrt-d-k-scaling"),
     ("O(n²) Cost", "o-n2-cost"),
     ("???", "concept"), ("Ünïcode ﬁ", "ünïcode-fi"), ("注意力", "注意力")],
)  # fmt: skip
def test_slugs(name: str, expected: str) -> None:
    assert slug(name) == expected


def test_parentheses_and_abbreviations() -> None:
    assert split_parentheses("Query (Q)") == ("Query", "Q")
    assert split_parentheses("O(n)") is None
    assert split_parentheses("f (a) (b)") == ("f (a)", "b")
    assert [abbreviates(short, "Rotary Position Embedding") for short in ("RoPE", "RPE", "Rotary", "PE", "rope")] == [
        True, True, False, False, False,
    ]  # fmt: skip
    assert key("Attention Heads") == key("attention-head")
    assert key("Loss") != key("Los")
