"""LaTeX mathematics read in one pass, into the pieces that make up its Unicode form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from studycli.render import latex_box, latex_layout, latex_symbols
from studycli.render.latex_box import Box
from studycli.render.latex_pieces import ATOM, SUM, Piece, fraction, in_parentheses, join, piece, root, scripts
from studycli.render.latex_symbols import Kind
from studycli.render.latex_tokens import Tokens, UnreadableError

MAX_DEPTH = 30
_UNRAISED = re.compile(r"\^\s*\{?\s*[CFQSXYZ]")
_TEXTS = frozenset(("text", "textrm", "textbf", "textit", "textsf", "texttt", "textnormal", "mbox", "hbox"))
_UPRIGHT = frozenset(("mathrm", "mathsf", "mathtt", "operatorname", "mathop"))
_PASSED = frozenset(("mathbf", "boldsymbol", "bm", "mathit", "mathnormal", "boxed"))
_FRACTIONS = frozenset(("frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac"))
_BRACED = frozenset(("underbrace", "overbrace"))
_STACKED = frozenset(("underset", "overset", "stackrel"))
_MATRICES = {"matrix": "", "smallmatrix": "", "array": "", "pmatrix": "()", "bmatrix": "[]", "Bmatrix": "{}",
             "vmatrix": "||", "Vmatrix": "‖‖"}  # fmt: skip
_EQUATIONS = """aligned align align* alignat alignedat split eqnarray eqnarray* flalign flalign* gathered gather gather*
equation equation* multline multline* math displaymath
"""
_CASES = frozenset(("cases", "dcases", "rcases"))
_ROW_ENDS = frozenset(("\\\\", "\\newline", "\\cr", "\\tabularnewline"))
_ESCAPED = {"\\_": "_", "\\%": "%", "\\&": "&", "\\#": "#", "\\$": "$", "\\{": "{", "\\}": "}", "\\ ": " ", "~": "~"}
Cells = list[Piece]


class Reader:
    """Reads one formula. With `flat` all of it comes on one line, rows of an environment parted by `;`."""

    def __init__(self, source: str, *, flat: bool) -> None:
        self._tokens = Tokens(source)
        self._depth = 0
        self._capitals = not _UNRAISED.search(source)
        self._flat = flat

    def read(self) -> Box:
        """The whole formula. Raises UnreadableError and TooLargeError."""
        rows = self._rows("", self._flat)
        return latex_layout.equations(rows, self._flat)

    def _rows(self, stop: str, flat: bool) -> list[list[Cells]]:
        """Rows of cells up to the token `stop`, which is taken too; "" is the end of the formula."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise UnreadableError
        rows: list[list[Cells]] = [[[]]]
        while (token := self._tokens.take()) != stop:
            if token in ("", "}", "\\right", "\\end"):
                raise UnreadableError
            if token in _ROW_ENDS:
                self._skip_row_space(token)
                rows.append([[]])
            elif token == "&":
                rows[-1].append([])
            else:
                self._append(rows[-1][-1], token, flat)
        self._depth -= 1
        if len(rows) > 1 and not any(item.kind is not Kind.SPACE for cell in rows[-1] for item in cell):
            rows.pop()
        return rows

    def _sequence(self, stop: str, flat: bool = True) -> Cells:
        rows = self._rows(stop, flat)
        if len(rows) == 1 and len(rows[0]) == 1:
            return rows[0][0]
        return [latex_layout.as_piece(latex_layout.equations(rows, flat))]

    def _append(self, cell: Cells, token: str, flat: bool) -> None:
        if token in ("^", "_"):
            base = cell.pop() if cell and cell[-1].kind is not Kind.SPACE else piece(Kind.ORD, "")
            cell.append(self._scripts(base, token))
        elif token == "'":
            base = cell.pop() if cell else piece(Kind.ORD, "")
            cell.append(scripts(base, None, [piece(Kind.ORD, "′")], True))
        else:
            cell += self._atom(token, flat)

    def _scripts(self, base: Piece, token: str) -> Piece:
        """The base with up to one subscript and one superscript, in either order."""
        found: dict[str, Cells] = {}
        while token in ("^", "_") and token not in found:
            found[token] = self._argument()
            self._tokens.skip_space_before(("^", "_"))
            token = self._tokens.peek()
            if token in ("^", "_") and token not in found:
                self._tokens.take()
        return scripts(base, found.get("_"), found.get("^"), self._capitals)

    def _atom(self, token: str, flat: bool) -> Cells:
        if token.isspace():
            return [piece(Kind.SPACE, " ")]
        if token == "~":
            return [piece(Kind.SPACE, " ")]
        if token == "{":
            content = self._sequence("}", flat)
            return [latex_layout.group(content)]
        if token[0] == "\\" and len(token) > 1:
            return self._macro(token[1:], flat)
        return [piece(latex_symbols.kind_of(token), token)]

    def _macro(self, name: str, flat: bool) -> Cells:
        if name in latex_symbols.SPACES:
            return [piece(Kind.SPACE, latex_symbols.SPACES[name])]
        if name in latex_symbols.IGNORED:
            return []
        if name == "left":
            return [self._delimited(flat)]
        if name == "begin":
            return [self._environment(flat)]
        command = self._command(name)
        if command is not None:
            return command()
        sign = latex_symbols.symbol(name)
        if sign is None:
            return [self._unknown(name)]
        if name.isalpha():
            self._tokens.skip_space_before(None)
        return [piece(latex_symbols.kind_of(sign), sign)]

    def _command(self, name: str) -> Callable[[], Cells] | None:
        """What reads the arguments of the macro `name`; None where it has none that are known."""
        for names, read in (
            (_TEXTS, self._text),
            (_UPRIGHT, lambda: self._upright(name)),
            (_PASSED, lambda: [latex_layout.group(self._argument())]),
            (_FRACTIONS, lambda: [fraction(self._argument(), self._argument())]),
            (_BRACED, lambda: [latex_layout.closed(self._argument())]),
            (_STACKED, lambda: self._stacked(name)),
            (latex_symbols.ACCENTS.keys(), lambda: [self._accented(name)]),
            (latex_symbols.ALPHABETS, lambda: [self._lettered(name)]),
        ):
            if name in names:
                return read
        return {
            "sqrt": self._root,
            "binom": lambda: [
                piece(Kind.ORD, f"C({latex_layout.line(self._argument())}, {latex_layout.line(self._argument())})")
            ],
            "pmod": lambda: [piece(Kind.WORD, f" (mod {self._line()})")],
            "tag": lambda: [piece(Kind.WORD, f"  ({self._line()})")],
            "not": self._negated,
            "mid": lambda: [piece(Kind.REL, "|")],
            "substack": lambda: [piece(Kind.ORD, self._line().replace("; ", ", "), SUM)],
        }.get(name)

    def _argument(self) -> Cells:
        """A group, a macro with its arguments, or a single character."""
        self._tokens.skip_space_before(None)
        token = self._tokens.take()
        if token in ("", "}", "&", "^", "_", "\\right", "\\end") or token in _ROW_ENDS:
            raise UnreadableError
        if token == "{":
            return self._sequence("}")
        if len(token) > 1 and token[0] != "\\":
            self._tokens.put_back(token[1:])
            token = token[0]
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise UnreadableError
        found = self._atom(token, True)
        self._depth -= 1
        return found

    def _line(self) -> str:
        return latex_layout.line(self._argument())

    def _text(self) -> Cells:
        """Upright text; mathematics in it stands between dollars."""
        self._tokens.skip_space_before(None)
        if self._tokens.take() != "{":
            raise UnreadableError
        found: Cells = []
        words, depth = "", 1
        while True:
            token = self._tokens.take()
            depth += (token == "{") - (token == "}")
            if not token:
                raise UnreadableError
            if not depth:
                break
            if token == "$":
                found += [piece(Kind.WORD, latex_layout.typeset(words)), *self._sequence("$")]
                words = ""
            elif token not in ("{", "}"):
                words += " " if token.isspace() else _ESCAPED.get(token, token)
        found.append(piece(Kind.WORD, latex_layout.typeset(words)))
        return [item for item in found if item.text]

    def _upright(self, name: str) -> Cells:
        if self._tokens.peek() == "*":
            self._tokens.take()
        content = self._argument()
        text = latex_layout.line(content).strip()
        is_name = all(item.kind in (Kind.ORD, Kind.SPACE, Kind.SIGN, Kind.BIN, Kind.WORD) for item in content)
        if len(text) < 2 or not is_name:
            return [latex_layout.group(content)]
        return [piece(Kind.OP if name in ("operatorname", "mathop") else Kind.WORD, text)]

    def _stacked(self, name: str) -> Cells:
        mark, base = self._argument(), latex_layout.closed(self._argument())
        return [scripts(base, mark if name == "underset" else None, mark if name != "underset" else None, True)]

    def _accented(self, name: str) -> Piece:
        content = self._argument()
        text = latex_layout.line(content)
        if len(text) == 1:
            return piece(Kind.ORD, unicodedata.normalize("NFC", text + latex_symbols.ACCENTS[name]))
        if text and content[0].text == text and text[0].isalpha() and not text[1:].isalnum():
            return piece(Kind.ORD, unicodedata.normalize("NFC", text[0] + latex_symbols.ACCENTS[name]) + text[1:])
        return piece(Kind.ORD, f"{name.removeprefix('wide')}{in_parentheses(text)}")

    def _lettered(self, name: str) -> Piece:
        return piece(Kind.ORD, latex_symbols.in_alphabet(name, self._line()))

    def _root(self) -> Cells:
        self._tokens.skip_space_before(("[",))
        degree: Cells = []
        if self._tokens.peek() == "[":
            self._tokens.take()
            degree = self._sequence("]")
        return [root(self._argument(), degree)]

    def _negated(self) -> Cells:
        content = self._argument()
        text = latex_layout.line(content)
        return [piece(Kind.REL, latex_symbols.NEGATED.get(text) or f"{text}\u0338" if len(text) == 1 else f"¬{text}")]

    def _delimited(self, flat: bool) -> Piece:
        left = self._delimiter()
        content = self._sequence("\\right", flat)
        right = self._delimiter()
        return Piece(Kind.ORD, latex_box.fenced(join(content), left, right), ATOM if left and right else SUM)

    def _delimiter(self) -> str:
        self._tokens.skip_space_before(None)
        token = self._tokens.take()
        if token == ".":
            return ""
        sign = latex_symbols.symbol(token[1:]) if token[:1] == "\\" and len(token) > 1 else token
        if not sign or len(sign) > 1:
            raise UnreadableError
        return sign

    def _environment(self, flat: bool) -> Piece:
        name = self._name()
        if name in ("array", "alignat", "alignedat"):
            self._tokens.raw_group()
        elif self._tokens.peek() == "[":
            self._tokens.raw_group("[", "]")
        rows = self._rows("\\end", flat)
        if self._name() != name:
            raise UnreadableError
        if name in _MATRICES:
            return latex_layout.matrix(rows, _MATRICES[name], flat)
        if name in _CASES:
            return latex_layout.cases(rows, name == "rcases", flat)
        if name in _EQUATIONS.split():
            return latex_layout.as_piece(latex_layout.equations(rows, flat))
        raise UnreadableError

    def _name(self) -> str:
        self._tokens.skip_space_before(None)
        return self._tokens.raw_group()[1:-1].strip()

    def _unknown(self, name: str) -> Piece:
        """A macro that nobody knows, as it was written, with its arguments."""
        text = "\\" + name
        while name.isalpha() and self._tokens.peek() in ("{", "["):
            text += self._tokens.raw_group() if self._tokens.peek() == "{" else self._tokens.raw_group("[", "]")
        return piece(Kind.ORD, text, loose=True)

    def _skip_row_space(self, token: str) -> None:
        """The `[2pt]` behind a row's end."""
        if token == "\\\\" and self._tokens.peek() == "[" and re.match(r"\d", self._tokens.peek(1)):
            self._tokens.raw_group("[", "]")
