"""Laws of decoding: healthy text is untouched, misread text comes back, and nothing shifts a line."""

from __future__ import annotations

import ftfy.bad_codecs  # noqa: F401  registers the sloppy code pages
from hypothesis import given
from hypothesis import strategies as st

from studycli.documents.mojibake import repair
from studycli.documents.text import decode

# None of these is the lead byte of UTF-8 in any of the code pages, so no text of them can look misread.
SAFE = st.characters(min_codepoint=0x20, max_codepoint=0x7E) | st.sampled_from(
    "\nαβγδεζηθλμρστφψωΑΒΓΔΣабвгдежзийклмнопрстуфхцчшщъыьэюяАБВГД注意力機構のはをカー─│┌┐└┘├┤┬┴┼═║╔╗╚╝←→↑↓⇒⇐∀∃∈∉ℝℕ₁₂ₙ⁴ᵀ🎯📚✅ẽễởấ"
)
VOCABULARY = """
the query naïve café → ← — “softmax” ‘key’ l’été Größe über ação São não değer ölçek şimdi được những внимание
ключ προσοχή κλειδί 注意力 クエリ α β ≤ ≥ ≠ ∑ ∞ √d xᵢ² h₁ × ÷ € … • ✅ 📚 ┌──┐ │ └──┘ π Ω é
"""
WORDS = st.sampled_from(VOCABULARY.split())
TEXTS = st.lists(st.lists(WORDS, min_size=3, max_size=12).map(" ".join), min_size=1, max_size=8).map("\n".join)
CODECS = st.sampled_from(["sloppy-windows-1252", "sloppy-windows-1254", "mac_roman", "latin-1"])


@given(st.text(SAFE, min_size=1).filter(lambda text: text.strip()))
def test_text_that_cannot_look_misread_is_unchanged(text: str) -> None:
    decoded = decode(text.encode())
    assert decoded.text == text
    assert decoded.problems == ()


@given(TEXTS)
def test_realistic_text_is_unchanged(text: str) -> None:
    assert decode(text.encode()).text == text
    assert decode(text.encode("utf-16")).text == text


@given(TEXTS, st.lists(CODECS, min_size=1, max_size=2))
def test_misread_text_comes_back(text: str, codecs: list[str]) -> None:
    text += " →"  # one sign that can't be chance: a single accent in a whole document may be
    mangled = text
    for codec in codecs:
        mangled = mangled.encode().decode(codec)
    assert decode(mangled.encode()).text == text


@given(TEXTS, st.sampled_from(["cp1252", "cp1254"]), st.sampled_from(["ignore", "replace"]))
def test_whatever_was_lost_no_line_is(text: str, codec: str, errors: str) -> None:
    repaired, problems = repair(text.encode().decode(codec, errors))
    assert repaired.count("\n") == text.count("\n")
    assert all(0 <= problem.line <= text.count("\n") + 1 for problem in problems)


@given(st.text(min_size=1))
def test_any_text_decodes_to_the_same_number_of_lines(text: str) -> None:
    repaired, _ = repair(text)
    assert repaired.count("\n") == text.count("\n")


@given(st.text(min_size=1).filter(lambda text: text.strip()))
def test_repair_ends(text: str) -> None:
    once, _ = repair(text)
    again, problems = repair(once)
    assert again == once or problems
