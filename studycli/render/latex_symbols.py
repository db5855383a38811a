"""What the names and signs of LaTeX mathematics are in Unicode, and what part each plays in a formula."""

from __future__ import annotations

from enum import Enum, auto
from functools import cache


class Kind(Enum):
    """The part that a piece plays in a formula; spacing and parentheses follow from it."""

    ORD = auto()  # a letter, a number, a closed group
    WORD = auto()  # upright text
    OP = auto()  # a named function
    BIG = auto()  # a sum, a product, an integral
    BIN = auto()
    SIGN = auto()  # an operator with nothing on its left
    REL = auto()
    OPEN = auto()
    CLOSE = auto()
    BAR = auto()  # a delimiter that looks the same on both sides
    PUNCT = auto()
    SPACE = auto()
    FRAC = auto()


_FUNCTION_NAMES = """
    arccos arcsin arctan arg argmax argmin cos cosh cot coth csc deg det dim erf exp gcd hom inf ker lg lim liminf
    limsup ln log max min Pr sec sin sinh sup tan tanh
    softmax logsoftmax sigmoid softplus ReLU GELU SiLU Swish SwiGLU GLU GeLU FFN MLP MHA Attention MultiHead
    MultiHeadAttention LayerNorm RMSNorm LN BatchNorm Dropout Concat concat Linear Embed Encoder Decoder PE RoPE
    attention attn head diag tr Tr trace rank sign sgn Var Cov KL BLEU ROUGE perplexity PPL topk TopK clip
"""
FUNCTIONS = frozenset(_FUNCTION_NAMES.split())
_OTHER_NAMES = {
    "ne": "≠", "neq": "≠", "le": "≤", "ge": "≥", "leqslant": "≤", "geqslant": "≥", "iff": "⟺", "implies": "⟹",
    "impliedby": "⟸", "coloneqq": ":=", "triangleq": "≜", "vert": "|", "lvert": "|", "rvert": "|", "Vert": "‖",
    "lVert": "‖", "rVert": "‖", "lbrace": "{", "rbrace": "}", "lbrack": "[", "rbrack": "]", "bmod": "mod", "sim": "~",
    "dots": "…", "ldots": "…", "cdots": "⋯", "dotsc": "…", "dotsb": "⋯", "prime": "′", "ast": "*", "mid": "|",
    "intercal": "ᵀ", "colon": ":", "backslash": "\\", "land": "∧", "lor": "∨", "lnot": "¬", "degree": "°",
    "|": "‖", "{": "{", "}": "}", "%": "%", "$": "$", "#": "#", "&": "&", "_": "_",
}  # fmt: skip
_SPACES = dict.fromkeys((",", ";", ":", " ", "enspace", "thinspace", "medspace", "thickspace", "space"), " ")
SPACES = {**_SPACES, "!": "", "negthinspace": "", "quad": "  ", "qquad": "    "}
_LAYOUT_NAMES = """
    limits nolimits displaystyle textstyle scriptstyle scriptscriptstyle nonumber notag hline centering
    big Big bigg Bigg bigl Bigl biggl Biggl bigr Bigr biggr Biggr bigm Bigm middle
"""
IGNORED = frozenset(_LAYOUT_NAMES.split())
BIG_SIGNS = frozenset("∑∏∐∫∬∭∮⋃⋂⨁⨂⋁⋀")
_BINARY = frozenset("+-±∓×·∗∘•⊙⊕⊖⊗⊘∪∩∧∨÷∖⋆⊎⊔⊓≀†‡*")
PRODUCTS = frozenset("×·∗∘•⊙⊗⊘÷*/")
_RELATIONS = frozenset("=<>~≔≜∝∣∥⊢⊣⊨∋∌⋮")
_NO_RELATIONS = frozenset("⋮⊤⊥∞")
_BRACKETS = {"(": Kind.OPEN, "[": Kind.OPEN, "{": Kind.OPEN, "⟨": Kind.OPEN, "⌊": Kind.OPEN, "⌈": Kind.OPEN,
             ")": Kind.CLOSE, "]": Kind.CLOSE, "}": Kind.CLOSE, "⟩": Kind.CLOSE, "⌋": Kind.CLOSE, "⌉": Kind.CLOSE,
             "|": Kind.BAR, "‖": Kind.BAR, ",": Kind.PUNCT, ";": Kind.PUNCT}  # fmt: skip
NEGATED = {"=": "≠", "∈": "∉", "<": "≮", ">": "≯", "≤": "≰", "≥": "≱", "⊂": "⊄", "⊆": "⊈", "∃": "∄", "|": "∤"}
ACCENTS = {"hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303", "widetilde": "\u0303", "bar": "\u0304",
           "overline": "\u0305", "underline": "\u0332", "vec": "\u20d7", "dot": "\u0307", "ddot": "\u0308",
           "check": "\u030c", "breve": "\u0306", "mathring": "\u030a"}  # fmt: skip

_SUBSCRIPTS = dict(zip("0123456789+-=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True))
_SUPERSCRIPTS = dict(
    zip(
        "0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδθφχ⊤*′∘†",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᶿᵠᵡᵀ*′°†",
        strict=True,
    )
)
_FIRST_LETTERS = {  # of an alphabet: its A and a, and the letters that stand elsewhere
    "mathbb": (0x1D538, 0x1D552, dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True))),
    "mathcal": (0x1D49C, 0x1D4B6, dict(zip("BEFHILMRego", "ℬℰℱℋℐℒℳℛℯℊℴ", strict=True))),
    "mathfrak": (0x1D504, 0x1D51E, dict(zip("CHIRZ", "ℭℌℑℜℨ", strict=True))),
}
_ALPHABETS = {**_FIRST_LETTERS, "mathscr": _FIRST_LETTERS["mathcal"], "Bbb": _FIRST_LETTERS["mathbb"]}
ALPHABETS = frozenset(_ALPHABETS)


@cache
def symbol(name: str) -> str | None:
    """What the macro `name` (without its backslash) stands for: a sign, or the name of a function; None if unknown."""
    if name in FUNCTIONS:
        return name
    if name in _OTHER_NAMES:
        return _OTHER_NAMES[name]
    sign = _replacement(name)
    return sign.strip() if isinstance(sign, str) and 0 < len(sign.strip()) <= 4 and "%" not in sign else None


def kind_of(sign: str) -> Kind:
    """The part that a sign or a function's name plays."""
    if sign in _BRACKETS:
        return _BRACKETS[sign]
    if sign in BIG_SIGNS:
        return Kind.BIG
    if sign in _BINARY or sign == "mod":
        return Kind.BIN
    if len(sign) > 1 and sign.isalpha():
        return Kind.OP
    return Kind.REL if _is_relation(sign) else Kind.ORD


def subscript(text: str) -> str | None:
    """`text` in subscript characters; None where one is missing."""
    return _in(_SUBSCRIPTS, text)


def superscript(text: str) -> str | None:
    """`text` in superscript characters; None where one is missing."""
    return _in(_SUPERSCRIPTS, text)


def in_alphabet(alphabet: str, text: str) -> str:
    """The letters of `text` in an alphabet such as `mathbb`."""
    upper, lower, elsewhere = _ALPHABETS[alphabet]
    return "".join(elsewhere.get(letter) or _shifted(letter, upper, lower) for letter in text)


def _shifted(letter: str, upper: int, lower: int) -> str:
    if "A" <= letter <= "Z":
        return chr(upper + ord(letter) - ord("A"))
    return chr(lower + ord(letter) - ord("a")) if "a" <= letter <= "z" else letter


def _in(characters: dict[str, str], text: str) -> str | None:
    found = [characters.get(character) for character in text]
    return "".join(character for character in found if character) if text and None not in found else None


def _is_relation(sign: str) -> bool:
    if sign in _NO_RELATIONS:
        return False
    return sign == ":=" or sign in _RELATIONS or (len(sign) == 1 and _in_relation_block(ord(sign)))


def _in_relation_block(code: int) -> bool:
    arrows = 0x2190 <= code <= 0x21FF or 0x27F0 <= code <= 0x27FF
    return arrows or 0x2208 <= code <= 0x220D or 0x223C <= code <= 0x2294 or 0x22A2 <= code <= 0x22B7


def _replacement(name: str) -> object:
    from pylatexenc.latex2text import get_default_latex_context_db

    return getattr(get_default_latex_context_db().get_macro_spec(name), "simplify_repl", None)
