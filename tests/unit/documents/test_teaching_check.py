"""Frequent mistakes of teaching material: found with their lines, and nothing said of the right versions."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from studycli import paths
from studycli.documents import teaching_check
from studycli.documents.check import problems_of
from studycli.documents.load import load, load_text
from studycli.documents.outline import Outline
from studycli.model.problem import Severity


def said(text: str) -> list[tuple[int, str]]:
    """The 1-based lines, each with a word that tells the kind."""
    problems = teaching_check.check(Outline(textwrap.dedent(text).strip("\n")))
    return [(problem.line, kind(problem.message)) for problem in problems]


def kind(message: str) -> str:
    words = {
        "exponent": "sinusoid", "the id": "id", "ones": "ones", "wrong way": "round", "top-p": "top-p",
        "Flash": "flash", "order of the cache": "order", "size of the cache": "cache",
    }  # fmt: skip
    return next(name for word, name in words.items() if word in message)


WRONG = [
    # sinusoids
    ("for i in range(0, d_model, 2):\n    pe[p, i] = math.sin(p / 10000 ** (2 * i / d_model))", [(2, "sinusoid")]),
    ("for k in range(0, d, 2):\n  a = p / np.power(10_000, (2*k)/d)\n  b = p / 10000**(k/d)", [(2, "sinusoid")]),
    ("i = torch.arange(0, d, 2)\nangles = pos / 10000 ** (2 * i / d)", [(2, "sinusoid")]),
    ("i = np.arange(0, d, 2)[None, :]\nfreq = np.exp(-np.log(10000.0) * 2 * i / d)", [(2, "sinusoid")]),
    ("w = 1 / 10000 ** (2 * torch.arange(0, d, 2).float() / d)", [(1, "sinusoid")]),
    ("for (let i = 0; i < d; i += 2) {\n  pe[i] = Math.sin(p / Math.pow(10000, 2 * i / d));\n}", [(2, "sinusoid")]),
    ("for i in range(0, d, 2):\n    exponent = 2 * i / d\n    pe[i] = sin(p / 10000 ** exponent)", [(2, "sinusoid")]),
    ("PE(p, i) = sin(p/10000^(2i/d))\nPE(p, i+1) = cos(p/10000^(2i/d))", [(1, "sinusoid"), (2, "sinusoid")]),
    ("For even i: $PE_{(pos,i)} = \\sin(pos/10000^{2i/d_{\\text{model}}})$", [(1, "sinusoid")]),
    # ids
    ('"The cat sat on" → token ids [464, 1234, 3332, 319]', [(1, "id")]),
    ('Input: "the cat sat on the mat"\n\nToken ids: [101, 1996, 4937, 2939, 2006, 1996, 13523, 102]', [(3, "id")]),
    ('tokens: ["The", " cat", " sat", " on"]\nids: [464, 3797, 3332, 320]', [(2, "id")]),
    ('The token ids:\n\n"The" -> 464\n" cat" -> 2415\n" sat" -> 3332\n" on" -> 319', [(4, "id")]),
    ("The token [CLS] → 102 opens a text.", [(1, "id")]),
    ("In BERT's vocabulary the token `[MASK]` = 104.", [(1, "id")]),
    ('Vocabulary ids:\n\n"red" → 7\n"blue" → 7', [(4, "id")]),
    ("GPT-2 makes the token ids [464, 60000, 319] of it.", [(1, "id")]),
    # masks
    ("mask = torch.tril(torch.ones(n, n))\nmask = mask.masked_fill(mask == 0, float('-inf'))", [(2, "ones")]),
    ("m = torch.tril(torch.ones(n, n))\nreturn m.masked_fill(m == 0, -1e9)", [(2, "ones")]),
    ("causal_mask[causal_mask == 0] = -np.inf", [(1, "ones")]),
    ("bias = np.where(mask == 0, -np.inf, mask)", [(1, "ones")]),
    ("mask = np.tril(np.ones((n, n)))\nscores = scores + mask", [(2, "ones")]),
    ("mask = torch.triu(torch.ones(n, n), diagonal=1)\nscores += mask", [(2, "ones")]),
    ("mask = torch.tril(torch.ones(n, n))\nscores = scores + mask * -1e9", [(2, "round")]),
    ("mask = np.triu(np.ones((n, n)), k=1)\nscores = scores + (1 - mask) * -1e9", [(2, "round")]),
    ("$M_{ij} = \\begin{cases} 1 & j \\leq i \\\\ -\\infty & j > i \\end{cases}$ is the mask", [(1, "ones")]),
    ("The mask has 1 where attention is allowed and -∞ elsewhere, and is added.", [(1, "ones")]),
    ("The additive mask has 1 where attention is allowed and minus infinity elsewhere.", [(1, "ones")]),
    ("A causal mask: ones for visible tokens, negative infinity for all later ones.", [(1, "ones")]),
    ("mask = torch.tril(torch.ones(n, n)); scores = scores + mask", [(1, "ones")]),
    ("m = torch.tril(torch.ones(n, n)); m = m.masked_fill(m == 0, -1e9); scores = scores + m", [(1, "ones")]),
    # lone ids
    ('The word "cat" has token id 123.', [(1, "id")]),
    ("`the` gets the id 17.", [(1, "id")]),
    ('"The" → 464, " cat" → 3797, and "mat" has token id 5', [(1, "id")]),
    # top-p
    ("**Top-p**: keep the largest set whose cumulative probability is at most p.", [(1, "top-p")]),
    ("Nucleus sampling\n\n$V_p = \\{i : \\sum_{j \\le i} p_j \\leq p\\}$", [(3, "top-p")]),
    ("With top-p the tokens' total probability does not exceed p.", [(1, "top-p")]),
    ("Top-p (0.9): the tokens whose combined probability stays below 0.9.", [(1, "top-p")]),
    ("def top_p(x, p):\n    cumul = x.cumsum(-1)\n    keep = cumul <= p\n    return x * keep", [(3, "top-p")]),
    # flash
    ("FlashAttention approximates the softmax to save memory.", [(1, "flash")]),
    ("Flash Attention is faster and slightly changes the result.", [(1, "flash")]),
    ("- **Flash attention**: trades accuracy for speed", [(1, "flash")]),
    ("| Flash Attention | approximate | O(n) memory |", [(1, "flash")]),
    ("Approximate attention methods such as FlashAttention", [(1, "flash")]),
    ("graph TD\n  FLASH -->|\"approximates\"| SDPA", [(2, "flash")]),
    # caches
    ("KV cache size = n_layers × n_heads × d_head × seq_len × bytes", [(1, "cache")]),
    ("The KV cache takes layers * heads * d_head * tokens * 2 bytes.", [(1, "cache")]),
    ("$\\text{KV cache} = L \\cdot h \\cdot d_k \\cdot n \\cdot b$", [(1, "cache")]),
    ("kv_cache_bytes = num_layers * num_kv_heads * head_dim * seq_len * dtype_bytes", [(1, "cache")]),
    ("KV cache memory: O(L · H · n · d_k)", [(1, "order")]),
]  # fmt: skip

RIGHT = [
    # sinusoids
    "for i in range(0, d_model, 2):\n    pe[p, i] = math.sin(p / 10000 ** (i / d_model))",
    "for i in range(d_model // 2):\n    pe[p, 2*i] = math.sin(p / 10000 ** (2 * i / d_model))",
    "for i in range(0, d, 2):\n    pe[p, i] = sin(p / 10000 ** (2 * (i // 2) / d))",
    "div = torch.exp(torch.arange(0, d, 2) * (-math.log(10000.0) / d))",
    "i = np.arange(0, d, 2) // 2\nangles = pos / 10000 ** (2 * i / d)",
    "for i in range(0, d, 2):\n    pass\nfor i in range(d // 2):\n    x = 10000 ** (2 * i / d)",
    "```python\nfor i in range(0, d, 2):\n    pass\n```\n\nPE(pos, 2i) = sin(pos / 10000^(2i/d))",
    "PE(pos, 2i) = sin(pos/10000^(2i/d))\nPE(pos, 2i+1) = cos(pos/10000^(2i/d))",
    "$PE_{(pos,2i)} = \\sin\\left(\\frac{pos}{10000^{2i/d_{\\text{model}}}}\\right)$, an even column",
    "PE(pos, i) = sin(pos / 10000^(2i/d)), PE(pos, i + d/2) = cos(pos / 10000^(2i/d))",
    "It costs 10000 times 2 * i steps for even i.",
    # ids
    '"The cat sat on" → token ids [464, 3797, 3332, 319]',
    '"the cat sat" → ids [101, 1996, 4937, 2938, 102]',
    '"The cat sat on" → toy token ids [5, 17, 2, 9]',
    "token_ids = [101, 2023, 2003, ...]",
    'Token counts:\n\n"red" → 7\n"blue" → 7',
    'Token ids: "The" → 464, "the" → 262, " the" → 262',
    "A toy vocabulary: token [PAD] = 0, [CLS] = 1, [SEP] = 2",
    "The special tokens of ALBERT: [CLS] = 2, [SEP] = 3; of BERT: others",
    "BERT's tokens: [CLS] = 101, [SEP] = 102, [MASK] = 103, [PAD] = 0",
    "GPT-2: the shape [4, 768] of 4 tokens, and [50257, 768] of the table",
    'Unknown words share an id of the vocabulary, that of [UNK]:\n\n"zyx" → 100\n"qwv" → 100',
    # masks
    "mask = torch.triu(torch.full((n, n), float('-inf')), diagonal=1)\nscores = scores + mask",
    "mask = torch.tril(torch.ones(n, n))\nscores = scores.masked_fill(mask == 0, float('-inf'))",
    "mask = torch.tril(torch.ones(n, n))\nmask = mask.masked_fill(mask == 0, -1e9).masked_fill(mask == 1, 0.0)",
    "mask = mask.masked_fill(mask == 0, float('-inf'))\nmask = mask.masked_fill(mask == 1, 0)",
    "mask = torch.tril(torch.ones(n, n))\nscores = scores + (1 - mask) * -1e9",
    "mask = np.triu(np.ones((n, n)), k=1)\nscores = scores + mask * -1e9",
    "mask = 1 - np.tril(np.ones((n, n)))\nlogits += mask * -1e9",
    "mask = torch.tril(torch.ones(n, n))\nmask = torch.log(mask)\nscores = scores + mask",
    "bias = np.where(mask == 0, -np.inf, 0.0)",
    "scores = scores.masked_fill(scores == 0, -1e9)",
    "mask[mask == 0] = -np.inf\nmask[mask == 1] = 0",
    "$M_{ij} = \\begin{cases} 0 & j \\leq i \\\\ -\\infty & j > i \\end{cases}$, added to the scores",
    "A mask of ones where attention is allowed becomes 0, and the zeros -∞, before it is added.",
    "The mask has 1 where attention is allowed and 0 elsewhere, and scores at 0 are minus infinity.",
    "A boolean mask: 1 for visible tokens, 0 for the others, whose scores are set to -inf.",
    "The additive mask has 0 where attention is allowed and minus infinity elsewhere.",
    "The additive mask has no 1 where attention is allowed; it isn't minus infinity either.",
    "mask = torch.tril(torch.ones(n, n)); scores = scores.masked_fill(mask == 0, -1e9)",
    "mask = torch.tril(torch.ones(n, n)); mask = torch.log(mask); scores = scores + mask",
    "m = torch.tril(torch.ones(n, n)); m = m.masked_fill(m == 0, -1e9); m = m.masked_fill(m == 1, 0)",
    # lone ids
    'In a toy vocabulary the word "cat" has token id 123.',
    'The word "cat" has token id 4937.',
    'In Llama 3 the word "cat" has token id 123.',
    'The word "zebra" has token id 123.',
    'Suppose "cat" has id 123.',
    'The user "bob" has id 123.',
    # top-p
    "Top-p keeps the smallest set whose cumulative probability is at least p.",
    "Nucleus: $\\sum_{j \\in V_p} p_j \\geq p$, the fewest tokens",
    "Top-p is not the set whose total probability is at most p.",
    '- *"Top-p keeps tokens whose cumulative probability is at most p."* It keeps the one that reaches p.',
    "Does top-p keep a set whose cumulative probability is at most p?",
    "With top-p, tokens are added until their cumulative probability exceeds p.",
    "def top_p(x, p):\n    cum = x.cumsum(-1)\n    remove = cum > p\n    remove[..., 1:] = remove[..., :-1].clone()",
    "def top_p(probs, p):\n    keep = cum - probs < p",
    "def top_p(probs, p):\n    keep = cum <= p\n    keep[..., 1:] = keep[..., :-1].clone()\n    keep[..., 0] = True",
    "The cumulative probability of rain is at most p.",
    # flash
    "FlashAttention is exact: it does not approximate the softmax.",
    "Flash Attention gives the same result as standard attention, without approximation.",
    "FlashAttention is approximately twice as fast.",
    "Unlike linear attention, which approximates it, Flash Attention computes the softmax in tiles.",
    "Does Flash Attention change the result?",
    "| Flash Attention | exact | O(n) memory |",
    'A misconception is that "FlashAttention approximates attention".',
    # caches
    "KV cache size = 2 × n_layers × n_heads × d_head × seq_len × bytes",
    "KV cache: $2 \\cdot L \\cdot h \\cdot d_k \\cdot n \\cdot b$ bytes",
    "The KV cache takes 2 * layers * heads * d_head * tokens * 2 bytes.",
    "KV cache size = n_layers × n_heads × d_head × seq_len × bytes × 2",
    "one = layers * heads * d_head * tokens * size\nkv_cache = 2 * one",
    "For keys and values each, the KV cache takes layers × heads × d_head × tokens numbers.",
    "k_cache = torch.zeros(layers, heads, tokens, d_head)",
    "The KV cache makes a step O(n · d).",
    "A cache of 4 layers × 8 tokens",
]


@pytest.mark.parametrize(("text", "expected"), WRONG)
def test_mistakes_are_found_at_their_lines(text: str, expected: list[tuple[int, str]]) -> None:
    assert said(text) == expected


@pytest.mark.parametrize("text", RIGHT)
def test_nothing_is_said_of_the_right_versions(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize(("text", "expected"), WRONG)
def test_code_blocks_count_and_lines_are_those_of_the_file(text: str, expected: list[tuple[int, str]]) -> None:
    fenced = f"# Lesson\n\n```\n{text}\n```\n"
    assert said(fenced) == [(line + 3, what) for line, what in expected]


@pytest.mark.parametrize(
    ("document", "line"),
    [
        ("# Lesson\n\n## Part\n\nFlashAttention approximates attention.\n", 5),
        ("# Flashcard Set: X\n\n### Card 1\n**FRONT:**\nWhy?\n\n**BACK:**\nFlashAttention approximates it.\n", 8),
        ("# Concept Map: X\n\n## Concept Definitions\n\nFlashAttention approximates attention.\n", 5),
    ],
)  # fmt: skip
def test_decks_maps_and_lessons_carry_them_as_warnings(document: str, line: int) -> None:
    found = [problem for problem in problems_of(load_text(document, "x.md")) if "FlashAttention" in problem.message]
    assert [(problem.line, problem.severity) for problem in found] == [(line, Severity.WARNING)]
    assert "exact" in found[0].hint


def test_the_right_id_is_named() -> None:
    (problem,) = teaching_check.check(Outline('"The cat sat on" → token ids [464, 1, 3332, 319]'))
    assert "'cat'" in problem.message and "3797" in problem.message and "GPT-2" in problem.message


def test_an_order_of_growth_is_for_information() -> None:
    (problem,) = teaching_check.check(Outline("KV cache memory: O(L · H · n · d_k)"))
    assert problem.severity == Severity.INFO


SAMPLES = {
    "lecture-5-transformers-plan.md": [],
    "lesson-4-transformers-concept-map.md": [],
    "lesson-4-transformers-flashcards.md": [],
    "topic-transformer-architecture.md": [(60, "sinusoid"), (61, "sinusoid")],
    "tutorial-transformer-fundamentals.md": [
        *((line, "id") for line in (180, 204, 269, 285, 293, 452, 457)),
        (659, "ones"), (1024, "order"), (1168, "order"), (1506, "top-p"), (1516, "top-p"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", SAMPLES)
def test_the_samples(name: str, samples: Path) -> None:
    hints = {entry.hint for entry in teaching_check._KINDS}
    found = [problem for problem in problems_of(load(samples / name)) if problem.hint in hints]
    assert [(problem.line, kind(problem.message)) for problem in found] == SAMPLES[name]


def test_the_guide_tells_of_every_mistake() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "document-format.md").read_text("utf-8")
    texts = [text for text, _ in WRONG]
    messages = {problem.message for text in texts for problem in teaching_check.check(Outline(text))}
    assert len(messages) > 10
    for message in messages:
        assert re.sub(r"the id \d+ .*", "the id ", message)[:30] in guide, message


def test_nothing_is_said_of_the_bundled_documents() -> None:
    for folder in paths.bundled_folders():
        for file in sorted(folder.glob("*.md")):
            assert [*teaching_check.check(Outline(file.read_text("utf-8")))] == [], file.name


PIECES = st.sampled_from(
    ["mask", "10000", "2*i", "range(0, d, 2)", "\n", '"', "[101, 5, 102]", "→", "top-p", "at most p", "cumulative",
     "flash", "attention", "cache", "L × H × n", "O(",
     "masked_fill(", "== 0", "-inf", "tril(", "ones(", "token", "99999999999",
     "'", "$", "\\sum", "[CLS]", "=", " ", "\u0130", "\x00"]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join)))
@example("token\n" + '"' * 3000)
@example("cache × × × \n×")
def test_any_text_is_checked_without_an_error(text: str) -> None:
    outline = Outline(text)
    for problem in teaching_check.check(outline):
        assert 1 <= problem.line <= len(outline.lines)


@pytest.mark.parametrize(
    "piece", ['token "a" → 1 [1, 2] ', "mask + tril(ones( -inf ", "cache × L × n × d ", "top-p sum p ", "(" * 50]
)
def test_lines_of_data_are_passed_over(piece: str) -> None:
    assert teaching_check.check(Outline("# x\n" + piece * 20_000)) == []
