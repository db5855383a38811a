"""Laws of formulas as Unicode: any text comes back, on one line where one was asked for, and never much longer."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studycli.render.latex import to_unicode
from studycli.render.latex_box import MAX_AREA

TEXT = r"""
x y 1 23 d_k W^Q _ ^ { } & \\ \newline ' ~ $ | ( ) [ ] + - = , ; : / * \ \frac \sqrt \text{a} \text \mathbb{R} \mathcal
\left( \right) \left \right \begin{cases} \end{cases} \begin{pmatrix} \end{pmatrix} \begin{aligned} \end{aligned}
\begin \end \sum_{i=1}^n \alpha \to \in \cdot \not \hat \overset \underbrace \binom \operatorname{f} \foo \foo{x} \, \{
\} \| \quad \label \tag{1} \substack \mid \log \max_i
"""
TOKENS = TEXT.split()
PIECES = st.sampled_from(TOKENS) | st.sampled_from([" ", "\n"]) | st.characters()
HOSTILE = st.lists(PIECES, max_size=60).map("".join)
WORDS = st.text(st.sampled_from("abcxyzαβγ012"), min_size=1, max_size=12)


@given(HOSTILE, st.booleans())
def test_any_text_comes_back(latex: str, block: bool) -> None:
    shown = to_unicode(latex, block=block)
    if shown is not None:
        assert shown.strip()
        assert block or len(shown.splitlines()) == 1 or any(c in latex for c in "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")
        assert len(shown) <= 20 * len(latex) + MAX_AREA


@given(st.sampled_from(TOKENS), st.integers(0, 4000), st.booleans())
def test_repeated_commands_do_not_run_away(token: str, times: int, block: bool) -> None:
    latex = token * times
    shown = to_unicode(latex, block=block)
    assert shown is None or len(shown) <= 20 * len(latex) + MAX_AREA


@given(WORDS, WORDS, WORDS)
def test_no_letter_of_a_fraction_is_lost(above: str, below: str, index: str) -> None:
    shown = to_unicode(rf"\frac{{{above}}}{{{below}}} + \text{{{index}}}")
    assert shown is not None
    assert [letter for letter in shown if letter.isalnum()] == [*above, *below, *index]
