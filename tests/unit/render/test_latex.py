"""Formulas as Unicode: on one line, over several, and left alone where they can't be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from studycli.documents import dialect
from studycli.render.latex import MAX_CHARACTERS, to_unicode

FORMULAS = [
    # attention
    (r"\frac{QK^T}{\sqrt{d_k}}", "QKᵀ/√dₖ"),
    (
        r"\text{Attention}(Q, K, V) = \text{softmax}\left(\frac{QK^T}{\sqrt{d_k}}\right)V",
        "Attention(Q, K, V) = softmax(QKᵀ/√dₖ)V",
    ),
    (r"\operatorname{softmax}\left(\frac{QK^\top}{\sqrt{d_k}} + M\right) V", "softmax(QKᵀ/√dₖ + M) V"),
    (r"\softmax(x)_i = \frac{e^{x_i}}{\sum_j e^{x_j}}", "softmax(x)ᵢ = e^(xᵢ)/(∑ⱼ e^(xⱼ))"),
    (r"\frac{QK^T}{\sqrt{d_k}}V", "(QKᵀ/√dₖ)V"),
    (r"\frac{1}{\sqrt{d_k}} QK^T", "(1/√dₖ) QKᵀ"),
    (r"\text{score} = \frac{q \cdot k}{\sqrt{64}} = \frac{8}{8}", "score = (q · k)/√64 = 8/8"),
    (r"\mathbf{q}_i^\top \mathbf{k}_j", "qᵢᵀkⱼ"),
    (r"\sum_j \alpha_{ij} = 1", "∑ⱼ αᵢⱼ = 1"),
    (r"\alpha_{\text{it},\text{cat}}", "α_(it,cat)"),
    (r"M_{ij} = -\infty \text{ for } j > i", "Mᵢⱼ = -∞ for j > i"),
    (r"A = \text{softmax}(S, \text{dim}=-1)", "A = softmax(S, dim = -1)"),
    # projections and shapes: one letter without a superscript keeps the others of its formula at the line
    (r"W^K, W^V", "Wᴷ, Wⱽ"),
    (r"W_i^Q, W_i^K, W_i^V", "Wᵢ^Q, Wᵢ^K, Wᵢ^V"),
    (r"O_{\text{concat}}W^O \in \mathbb{R}^{n \times d_{\text{model}}}", "O_concat Wᴼ ∈ ℝ^(n×d_model)"),
    (r"\mathbb{R}^{H \times n \times d_k}", "ℝ^(H×n×dₖ)"),
    (r"W_{\text{OV}} = W_V W_O", "W_OV = W_V W_O"),
    (r"d_{\text{model}}^2", "d_model²"),
    (r"n_{layers} \cdot d", "n_layers · d"),
    (r"q_{\text{new}} = x_{\text{new}} W^Q", "q_new = x_new W^Q"),
    (r"\mathrm{BPE\_segment}(s, M)", "BPE_segment(s, M)"),
    # layers
    (r"X'^{(l)} = X^{(l-1)} + A^{(l)}", "X′⁽ˡ⁾ = X⁽ˡ⁻¹⁾ + A⁽ˡ⁾"),
    (r"\tilde{X}^{(l)}", "X̃⁽ˡ⁾"),
    (r"\text{FFN}(x)=\max(0,xW_1+b_1)W_2+b_2", "FFN(x) = max(0, xW₁ + b₁)W₂ + b₂"),
    (r"\frac{x-\mu}{\sqrt{\sigma^2+\epsilon}} \odot \gamma + \beta", "(x - μ)/√(σ² + ϵ) ⊙ γ + β"),
    (r"\mu = \frac{1}{d}\sum_{i=1}^d x_i", "μ = (1/d) ∑ᵢ₌₁ᵈ xᵢ"),
    (r"0.5x\left(1 + \tanh\left(\sqrt{\frac{2}{\pi}}x\right)\right)", "0.5x(1 + tanh(√(2/π)x))"),
    (r"x \cdot \frac{1}{2}\left[1 + \text{erf}\left(\frac{x}{\sqrt{2}}\right)\right]", "x · (1/2)[1 + erf(x/√2)]"),
    (r"d_{\text{ffn}} = \frac{8}{3} d_{\text{model}}", "d_ffn = (8/3) d_model"),
    # positions
    (
        r"PE_{(pos, 2i)} = \sin\left(\frac{pos}{10000^{2i/d_{model}}}\right)",
        "PE_(pos,2i) = sin(pos/10000^(2i/d_model))",
    ),
    (r"e^{-i\omega t}", "e^(-iωt)"),
    (r"PE[0:n]", "PE[0:n]"),
    # losses and probabilities
    (r"-\sum_{t=1}^{n-1} \log P(x_{t+1} | x_1, \ldots, x_t)", "-∑ₜ₌₁ⁿ⁻¹ log P(xₜ₊₁ | x₁, …, xₜ)"),
    (r"\log P(x_i | x_{\setminus i})", "log P(xᵢ | x_(∖i))"),
    (r"P(\text{cat}\mid\text{the}) \approx 0.3", "P(cat | the) ≈ 0.3"),
    (r"p_i = \frac{\exp(z_i / \tau)}{\sum_{j=1}^{|V|} \exp(z_j / \tau)}", "pᵢ = exp(zᵢ / τ)/(∑ⱼ₌₁^|V| exp(zⱼ / τ))"),
    (r"\hat{y} = \arg\max_y P(y \mid x)", "ŷ = arg max_y P(y | x)"),
    (r"\mathbb{E}_{x \sim p}[\log q(x)]", "𝔼_(x~p)[log q(x)]"),
    (r"\mathcal{L}_{CE}", "ℒ_CE"),
    (r"D_{KL}(P\|Q)", "D_KL(P‖Q)"),
    (r"\{i : \sum_{j \in \text{top}(p)} p_j \leq p\}", "{i : ∑_(j∈top(p)) pⱼ ≤ p}"),
    (r"L(N) \propto N^{-0.076}", "L(N) ∝ N^(-0.076)"),
    # what costs how much
    (r"O(n^2 \cdot d_{\text{model}})", "O(n² · d_model)"),
    (r"\Theta(n \log n)", "Θ(n log n)"),
    (r"\log_2 8 = 3", "log₂ 8 = 3"),
    (r"10{,}000 \times 1,000,000", "10,000 × 1,000,000"),
    # precedence
    (r"\frac{a+b}{c-d}", "(a + b)/(c - d)"),
    (r"\frac{\frac{a}{b}}{c}", "(a/b)/c"),
    (r"\frac{1}{2\pi}", "1/(2π)"),
    (r"\frac{n!}{k!(n-k)!}", "n!/(k!(n - k)!)"),
    (r"\frac{a}{b}^2", "(a/b)²"),
    (r"\frac12 x^2", "(1/2) x²"),
    (r"\frac{\partial L}{\partial W}", "∂L/∂W"),
    (r"\frac{-1}{x}", "(-1)/x"),
    (r"\frac{1}{|V|}", "1/|V|"),
    (r"x^{y^2}", "x^(y²)"),
    (r"x_{a_{b_c}}", "x_(a_(b_c))"),
    (r"\sqrt{a+b}", "√(a + b)"),
    (r"\sqrt{2\pi}\sigma", "√(2π)σ"),
    (r"\sqrt2 x", "√2 x"),
    (r"\sqrt[3]{x}", "³√x"),
    (r"\|x\|_2 = \sqrt{\sum_i x_i^2}", "‖x‖₂ = √(∑ᵢ xᵢ²)"),
    (r"\cos\theta = \frac{u \cdot v}{\|u\|\,\|v\|}", "cos θ = (u · v)/(‖u‖ ‖v‖)"),
    # signs, sets, accents, alphabets
    (r"T: \Sigma^* \to \{0, 1, \ldots, V-1\}^*", "T: Σ* → {0, 1, …, V - 1}*"),
    (r"a \not= b, x \not\in S, c \neq d", "a ≠ b, x ∉ S, c ≠ d"),
    (r"\alpha\beta\gamma\Gamma\Delta", "αβγΓΔ"),
    (r"A \to B \Rightarrow C", "A → B ⇒ C"),
    (r"90^\circ", "90°"),
    (r"\lfloor x \rfloor", "⌊x⌋"),
    (r"\bar{x}\hat{y}\vec{v}", "x̄ŷv⃗"),
    (r"\underbrace{a+b}_{\text{sum}}", "(a + b)_sum"),
    (r"\binom{n}{k}", "C(n, k)"),
    (r"\text{if $x > 0$ and ``y''}", "if x > 0 and “y”"),
    (r"\boxed{E=mc^2}", "E = mc²"),
    # environments on one line
    (r"\begin{bmatrix}1 & 0\\0 & 1\end{bmatrix}^T", "[1, 0; 0, 1]ᵀ"),
    (r"\begin{cases} x & \text{if } x > 0 \\ 0 & \text{else} \end{cases}", "{x, if x > 0; 0, else}"),
    (r"\begin{aligned} a &= b \newline &= c \end{aligned}", "a = b; = c"),
    # a macro that nobody knows stays, and all around it is read
    (r"\foo{x_1}[y] + \alpha", r"\foo{x_1}[y] + α"),
]


@pytest.mark.parametrize(("latex", "shown"), FORMULAS, ids=[latex for latex, _ in FORMULAS])
def test_a_formula_on_a_line(latex: str, shown: str) -> None:
    assert to_unicode(latex) == shown


BLOCKS = [
    (
        r"\begin{aligned} Q &= XW^Q \newline \text{head}_i &= A \end{aligned}",
        """
    Q = XW^Q
headᵢ = A""",
    ),
    (
        r"\text{mask}[i, j] = \begin{cases} 0 & \text{if } j \leq i \\ -\infty & \text{if } j > i \end{cases}",
        """
mask[i, j] = ⎧ 0   if j ≤ i
             ⎩ -∞  if j > i""",
    ),
    (
        r"f = \begin{cases} 1 & a \\ 2 & b \\ 3 & c \end{cases}",
        """
    ⎧ 1  a
f = ⎨ 2  b
    ⎩ 3  c""",
    ),
    (
        r"R = \begin{bmatrix} \cos\theta & -1 \\ 0 & x \\ 1 & 1 \end{bmatrix}^T",
        """
    ⎡cos θ  -1⎤ᵀ
R = ⎢  0    x ⎥
    ⎣  1    1 ⎦""",
    ),
    (
        r"\left(\begin{matrix} a & b \\ c & d \end{matrix}\right) x",
        """
⎛a  b⎞ x
⎝c  d⎠""",
    ),
    ("x = 1 \\\\ y = 2 \\\\", "\nx = 1\ny = 2"),
    (r"\frac{a}{b}", "\na/b"),
]


@pytest.mark.parametrize(("latex", "shown"), BLOCKS, ids=[latex for latex, _ in BLOCKS])
def test_a_formula_over_several_lines(latex: str, shown: str) -> None:
    assert to_unicode(latex, block=True) == shown[1:]


@pytest.mark.parametrize(
    "latex",
    [
        "",
        "   ",
        "{",
        "}",
        r"\frac{a}",
        r"\left( x",
        r"x \right)",
        r"\begin{cases} a",
        r"\begin{matrix} a \end{cases}",
        r"\begin{tikzpicture} a \end{tikzpicture}",
        "x^",
        "a^^b",
        r"\text{a",
        r"\foo{a",
        "{" * 60 + "x" + "}" * 60,
        "x" * (MAX_CHARACTERS + 1),
        r"\\".join(["a" * 200, *["&" * 8] * 130]),
    ],
)
def test_what_cannot_be_read_is_left_alone(latex: str) -> None:
    assert to_unicode(latex, block=True) is None


@pytest.mark.parametrize("folder", ["decks", "concept_maps"])
def test_every_bundled_formula_is_read(folder: str) -> None:
    documents = sorted((Path(__file__).parents[3] / folder).glob("*.md"))
    assert documents
    check(documents)


def test_every_sample_formula_is_read(samples: Path) -> None:
    assert check(sorted(samples.glob("*.md"))) > 50


def check(documents: list[Path]) -> int:
    """Look at each formula of some documents: it is read, and no command of it is left."""
    seen = 0
    for document in documents:
        for token in dialect.parse(document.read_text(encoding="utf-8")):
            for formula in [token, *(token.children or [])]:
                if formula.type in ("math_inline", "math_block"):
                    shown = to_unicode(formula.content, block=formula.type == "math_block")
                    assert shown is not None and "\\" not in shown, formula.content
                    seen += 1
    return seen
