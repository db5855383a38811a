"""The card: its question, which stays in sight, a field to type the answer in, and below it the answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget

from studycli.render.latex import Notation
from studycli.tui import card_edge, card_layout, card_pieces, keymap
from studycli.tui.card_edge import Edge
from studycli.tui.card_text import CardText

if TYPE_CHECKING:
    from studycli.model.review import StudyCard
    from studycli.tui.answer_field import AnswerField

_SOURCE = "formulas as LaTeX"


class CardPane(Vertical):
    """Question above, answer below; each scrolls by itself."""

    DEFAULT_CSS = """
    CardPane Edge { height: 1; padding: 0 1; display: none; color: $text-muted; }
    CardPane #back { display: none; }
    CardPane.-revealed #back { display: block; }
    CardPane.-revealed CardText:focus { border-left: vkey $primary; padding: 0; }
    CardPane AnswerField, CardPane AnswerField:focus { margin: 0 1; border: round $primary; padding: 0 1; }
    CardPane AnswerField.-low, CardPane AnswerField.-low:focus { border: none; padding: 0; }
    CardPane AnswerField { display: none; }
    CardPane.-typing AnswerField { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab,shift+tab", "other_text", "Question or answer", show=False, id="card-other"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._front = ""
        self._answer: StudyCard | None = None
        self._notation: Notation = "unicode"
        self._given: str | None = None

    def compose(self) -> Iterator[Widget]:
        """Both texts with their edges. The field between them is made when it is first asked for."""
        yield CardText(id="front")
        yield Edge(id="front-edge")
        yield CardText(id="back")
        yield Edge(id="back-edge")

    def ask(self, front: str, cloze: str | None = None, variant: str = "") -> None:
        """Show a question (Markdown), and no answer; `cloze` is the text of a cloze card with all of its clozes."""
        self._front, self._answer, self._given = front, None, None
        self._notation = "unicode"
        if self.field is not None:
            self.field.value = ""
        self.remove_class("-revealed", "-typing")
        self.front.show(card_pieces.front(front), self._notation, card_pieces.masks(cloze, variant))
        self._arrange()

    def reveal(self, study: StudyCard) -> None:
        """Show the answer under the question, below a comparison with what was typed and given."""
        was_here = self.has_focus_within
        self._answer = study
        self.add_class("-revealed")
        self.remove_class("-typing")
        self.front.scroll_home(animate=False)
        self.back.show(card_pieces.back(study, self._given or ""), self._notation)
        self._arrange()
        if was_here:
            self.back.focus()

    def page_on(self) -> bool:
        """Go a page down in what is read; False where its end is in sight, or the answer was given."""
        if not self.display or (self._given is not None and self._answer is None):
            return False
        return (self.front if self._answer is None else self.back).page_on()

    async def type_answer(self) -> str:
        """Open the field for an answer; what there is to say of it."""
        from studycli.tui.answer_field import AnswerField

        if self._answer is not None:
            return f"the answer is in sight; {keymap.key(self, 'type')} opens a field at the next question"
        if self.field is None:
            await self.mount(AnswerField(), after="#front")
        self.add_class("-typing")
        self._arrange()
        self.focus_target.focus()
        return ""

    def turn_notation(self) -> str:
        """Turn from formulas as Unicode to their LaTeX source or back, and say which."""
        study = self._answer
        texts = [self._front]
        if study is not None:
            from studycli.render.card import extras

            texts += [study.card.back, *(text for _, text in extras(study))]
        if not card_pieces.have_formulas(texts):
            return "no formulas in the question" if study is None else "no formulas on this card"
        self._notation = "source" if self._notation == "unicode" else "unicode"
        self.front.write(self._notation)
        if study is not None:
            self.back.write(self._notation)
        self._arrange()
        if self._notation == "unicode":
            return "formulas as Unicode"
        return f"formulas as their LaTeX source; {keymap.key(self, 'notation')} turns back"

    @property
    def front(self) -> CardText:
        """The question."""
        return self.query_one("#front", CardText)

    @property
    def back(self) -> CardText:
        """The answer."""
        return self.query_one("#back", CardText)

    @property
    def field(self) -> AnswerField | None:
        """The field to type in, once it was asked for."""
        return next((child for child in self.children if child.id == "answer-field"), None)  # type: ignore[return-value]

    @property
    def focus_target(self) -> Widget:
        """What gets the focus when the learner turns to the card."""
        if self.field is not None and self.has_class("-typing"):
            return self.field
        return self.front if self._answer is None else self.back

    def action_other_text(self) -> None:
        """Turn from the question to the answer, or back."""
        if self._answer is None:
            raise SkipAction
        (self.front if self.back.has_focus else self.back).focus()

    def on_answer_field_given(self) -> None:
        """Keep what was typed for the comparison; the screen shows the answer."""
        self._given = self.field.value if self.field is not None else None

    def on_answer_field_closed(self) -> None:
        """Close the field, but keep what is in it."""
        self.remove_class("-typing")
        self._arrange()
        self.front.focus()

    def on_card_text_changed(self) -> None:
        """Say anew what is out of sight, and share out the room."""
        self._arrange()

    def on_resize(self) -> None:
        """Use the new room."""
        columns = self.size.width - CardText.MARGIN
        if columns > 0:
            self.front.fit(columns)
            self.back.fit(columns)
            self._arrange()

    def _arrange(self) -> None:
        if not self.size.height:
            return
        typing = self.has_class("-typing")
        answer = self.back.page.height if self._answer is not None else None
        rows = card_layout.rows(self.size.height, self.front.page.height, answer, typing=typing)
        self.front.styles.margin = (rows.top, 0, 0, 0)
        self.front.styles.height = rows.front
        self.back.styles.height = rows.back
        if self.field is not None and typing:
            self.field.styles.height = rows.field
            self.field.set_class(rows.field == 1, "-low")
        self._draw_edge("front", self.front, rows.front, rows.front_edge)
        self._draw_edge("back", self.back, rows.back, rows.back_edge)

    def _draw_edge(self, name: str, text: CardText, height: int, edge: int) -> None:
        above = min(text.above, max(text.page.height - height, 0))
        hidden = card_edge.hidden(above, max(text.page.height - above - height, 0))
        divides = name == "front" and self._answer is not None
        title = " · ".join(["answer"] * divides + [_SOURCE] * (self._notation == "source" and divides))
        if hidden:
            on = f" ({keymap.key(self, 'reveal')})" if hidden.startswith("▼") else ""
            hidden = f"question: {hidden}" if divides else hidden + on
        widget = self.query_one(f"#{name}-edge", Edge)
        widget.display = bool(edge)
        widget.say(title, hidden)
