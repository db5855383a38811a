"""What the browse screen shows of the chosen hit: a card, a note or a concept, as one renderable."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from studycli.demos.computed import filling
from studycli.model.concept import Concept
from studycli.model.note import Note
from studycli.model.review import Status, StudyCard
from studycli.model.search import HitKind, SearchHit
from studycli.render.card import extras, facts, place
from studycli.render.markdown import render_markdown
from studycli.render.safe import one_line
from studycli.review import wording
from studycli.tui.browse_hits import asked
from studycli.tui.browse_row import FLAG
from studycli.tui.desk import Desk
from studycli.tui.map_atlas import Atlas, Place
from studycli.tui.map_page import mark
from studycli.tui.secret import ANOTHER_WAY, STAYS_HIDDEN, UNTIL, Secret


def sight(desk: Desk, atlas: Atlas, hit: SearchHit, secret: Secret) -> RenderableType:
    """Everything about a hit but what gives away the answer of the standing card. Reads: do it in a thread.

    Raises StoreError.
    """
    if hit.kind is HitKind.CONCEPT:
        return Group(*_concept(desk, atlas, hit, secret))
    if hit.kind is HitKind.NOTE:
        return Group(*_note(desk, hit, secret))
    assert hit.card is not None
    card = desk.collection.repository.card(hit.card.id, desk.collection.today)
    note = desk.collection.repository.note(card_id=card.id)
    return Group(*_card(desk, asked(desk.collection, card), note, secret))


def _card(desk: Desk, card: StudyCard, note: Note | None, secret: Secret) -> Iterator[RenderableType]:
    if secret.hides_question(card):
        yield _bold(wording.place(card))
        yield _withheld(STAYS_HIDDEN)
        return
    yield _bold(place(card))
    yield Text(" · ".join(filter(None, [*facts(card), f"{FLAG} flagged" if card.flagged else ""])), "dim")
    if card.status is not Status.NEW:
        yield Text(_schedule(desk, card), "dim")
    yield Text()
    yield render_markdown(card.card.front)
    yield Text()
    if secret.hides_answer(card):
        yield _withheld("Its answer stays hidden: this is the card that is asked now.")
        return
    yield Text("Answer", "bold underline")
    if filling.is_computed(card.card):
        yield _withheld("Its answer is computed when the card is asked.")
    else:
        yield render_markdown(card.card.back)
        for title, text in extras(card):
            yield from (Text(), _bold(title), render_markdown(text))
    if note is not None:
        yield from (Text(), Text("Your note", "bold underline"), render_markdown(note.text))


def _note(desk: Desk, hit: SearchHit, secret: Secret) -> Iterator[RenderableType]:
    repository = desk.collection.repository
    card = hit.card
    if card is not None:
        note, hidden = repository.note(card_id=card.id), secret.hides_answer(card)
        yield _bold(f"Your note on {wording.place(card)}")
    else:
        note, hidden = repository.note(concept=hit.concept), secret.hides_definition(hit.concept)
        yield _bold(f"Your note on the concept {hit.concept}")
    yield Text()
    if note is None:
        yield Text("It was taken away meanwhile.", "dim")
    elif hidden:
        yield _withheld(f"It stays hidden {UNTIL}.")
    else:
        yield render_markdown(note.text)
    if card is not None and not secret.hides_question(card):
        yield from (Text(), Text("On the question", "bold underline"))
        yield render_markdown(asked(desk.collection, card).card.front)


def _concept(desk: Desk, atlas: Atlas, hit: SearchHit, secret: Secret) -> Iterator[RenderableType]:
    concept_map = next((found for found in desk.maps if found.slug == hit.map_slug), None)
    concepts = concept_map.concepts if concept_map is not None else ()
    concept = next((found for found in concepts if found.id == hit.concept_id), None)
    yield _bold(hit.concept or "")
    if concept_map is None or concept is None:
        yield Text("Its map is there no more; `studycli sync` takes note of that.", "dim")
        return
    others = f" and of {wording.count(hit.other_maps, 'other map')}" if hit.other_maps else ""
    yield Text(f"a concept of the map {one_line(concept_map.title)}{others}", "dim")
    yield Text()
    hidden = secret.hides_definition(concept.name, *concept.aliases)
    if hidden:
        yield _withheld(f"What it is stays hidden {UNTIL}.")
    else:
        yield Text(one_line(concept.definition or "The map does not say what it is."))
    yield from _other_names(concept)
    sheet = atlas.sheet(Place(concept_map, concept.id))
    yield from (Text(), Text(f"Cards on it: {sheet.card_count}", "bold underline"))
    # A reversed card that is asked now would say here that this is the concept it asks for.
    cards = [one for one in sheet.cards if not (secret.hides_concept and secret.hides_answer(one.card))]
    for listed in cards:
        words = ANOTHER_WAY if secret.hides_question(listed.card) else listed.gist
        name = one_line(wording.place(listed.card))
        yield Text.assemble(mark(listed.level), (f" {name}  ", "cyan"), one_line(words), overflow="fold")
    if left := sheet.card_count - len(sheet.cards):
        yield Text(f"and {left} more", "dim")
    note = desk.collection.repository.note(concept=concept.name)
    if note is not None and not hidden:
        yield from (Text(), Text("Your note", "bold underline"), render_markdown(note.text))


def _other_names(concept: Concept) -> Iterator[RenderableType]:
    others = [one_line(name) for name in concept.aliases if name.casefold() != concept.name.casefold()]
    if others:
        yield Text(f"also called {', '.join(others)}", "dim")


def _schedule(desk: Desk, card: StudyCard) -> str:
    """'interval 12 d, due tomorrow (2026-03-03), ease 2.50, 3 repetitions, 1 lapse'."""
    state = card.state
    words = [wording.standing(card, desk.collection.today)]
    if state.due is not None:
        if card.set_aside:
            words.append(f"interval {wording.interval(state.interval_days)}")
        words += [f"ease {state.ease_factor:.2f}", wording.count(state.repetitions, "repetition")]
        words.append(wording.count(state.lapses, "lapse"))
    return ", ".join(words)


def _bold(words: str) -> Text:
    return Text(one_line(words), "bold")


def _withheld(words: str) -> Text:
    return Text(words, "italic")
