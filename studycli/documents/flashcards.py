"""A flashcard document to a Deck: its cards, and what it says about them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from studycli.documents import brief_forms, card_heading, card_parts, deck_header, deck_sections, variants
from studycli.documents.card_heading import CardHeading
from studycli.documents.claim_list import claim_list
from studycli.documents.deck_draft import Draft
from studycli.documents.outline import Outline, plain
from studycli.model.card import Card, CardPart, Difficulty
from studycli.model.deck import BriefForm, Deck, ScheduleRow
from studycli.model.problem import Problem, Severity

_TITLE = re.compile(r"^flash\s*cards?(?:\s+(?:set|deck))?\s*[:–—-]\s*", re.IGNORECASE)
_YES = re.compile(r"^\W*(?:yes|true|critical|high)\b\W*(?P<reason>.*)$", re.IGNORECASE | re.DOTALL)


@dataclass
class _Place:
    """Where a card stands: its heading, its level, and the difficulty of the section it is in."""

    heading: CardHeading
    start: int
    end: int
    level: int
    section_difficulty: Difficulty | None


def parse(outline: Outline, path: str, problems: Sequence[Problem] = ()) -> Deck:
    """The deck in an outline. `path` names it in messages, and its stem is the deck's slug."""
    draft = Draft(outline, list(problems))
    places = card_places(outline)
    deck_header.read(draft, places[0].start if places else len(outline.lines))
    for place in places:
        draft.cards.append(_card(draft, place))
    draft.problems += _wrong_totals(places)
    deck_sections.read(draft, {place.start: place.end for place in places})
    cards = _with_schedule(draft)
    cards, forms = _with_brief_forms(draft, cards)
    title = next((node.title for node in outline.root.children if node.level == 1), "")
    return Deck(
        path=path,
        slug=PurePath(path).stem,
        title=_TITLE.sub("", title).strip() or PurePath(path).stem,
        source=draft.header.get("source"),
        subject_area=draft.header.get("subject_area"),
        date=draft.header.get("date"),
        declared_total=draft.total[0] if draft.total else None,
        declared_total_line=draft.total[1] if draft.total else 0,
        declared_distribution=draft.distribution[0] if draft.distribution else {},
        declared_distribution_line=draft.distribution[1] if draft.distribution else 0,
        cards=tuple(cards),
        critical_knowledge=tuple(draft.critical_knowledge),
        source_mapping=tuple(draft.source_mapping),
        schedule=tuple(draft.schedule),
        review_days=tuple(draft.review_days),
        connections=tuple(draft.connections),
        recommendations=tuple(draft.recommendations),
        brief_forms=tuple(forms),
        fields=draft.fields,
        other_sections=tuple(draft.other_sections),
        problems=tuple(draft.problems),
    )


def card_places(outline: Outline) -> list[_Place]:
    """Where each card begins and ends, in document order."""
    headings = outline.headings
    parsed = [card_heading.parse(title) for _, _, title in headings]
    places: list[_Place] = []
    section: Difficulty | None = None
    for position, ((line, level, title), heading) in enumerate(zip(headings, parsed, strict=True)):
        if heading is None:
            if not places or level < places[-1].level or line > places[-1].end:
                section = card_heading.difficulty(title)
            continue
        end = len(outline.lines) - 1
        for (following, depth, name), other in zip(headings[position + 1 :], parsed[position + 1 :], strict=True):
            if other or depth < level or (depth == level and (level < 3 or _known_section(name))):
                end = following - 1
                break
        places.append(_Place(heading, line, end, level, section))
    return places


def _wrong_totals(places: Sequence[_Place]) -> list[Problem]:
    """Headings such as `Card 3 of 12` in a deck that holds another number of cards."""
    return [
        Problem(
            severity=Severity.WARNING,
            line=place.start + 1,
            message=f"this heading says 'of {place.heading.of}', and the deck holds {len(places)}",
            hint="mend the number, or add the missing cards",
        )
        for place in places
        if place.heading.of not in (None, len(places))
    ]


def _known_section(title: str) -> bool:
    key = plain(title)
    words = ("anki", "csv", "tsv", "export", "source mapping", "schedule", "recommendation", "critical knowledge")
    return card_heading.difficulty(title) is not None or any(word in key for word in words)


def _card(draft: Draft, place: _Place) -> Card:
    text = card_parts.take_apart(draft.outline, place.start, place.end, place.level)
    known: dict[str, str] = {}
    unknown: dict[str, str] = {}
    lines = dict(text.lines)
    for item in text.fields:
        name = card_parts.ALWAYS_FIELDS.get(item.key) or card_parts.EDGE_FIELDS.get(item.key)
        if name:
            known.setdefault(name, item.value)
            lines.setdefault(name, item.line + 1)
        else:
            unknown[item.name] = item.value
    mnemonic = next((item for item in text.fields if item.key == "mnemonic"), None)
    if mnemonic and mnemonic.value:
        text.parts.append(CardPart(title="Mnemonic", text=known.pop("mnemonic"), line=mnemonic.line + 1))
    critical = _YES.match(known.get("critical", ""))
    front = text.front if text.front is not None else text.loose or place.heading.title
    back = text.back if text.back is not None else (text.loose if text.front is None and place.heading.title else "")
    front = place.heading.title if text.front is None and back and back == text.loose else front
    if text.front is None and variants.is_cloze(text.loose):
        front, back = text.loose, text.back or ""
    both_ways = card_parts.asks_for_reverse(text.fields)
    if both_ways is not None:
        unknown.pop(both_ways.name, None)
        lines["reversed"] = both_ways.line + 1
    return Card(
        number=place.heading.number,
        title=place.heading.title,
        difficulty=place.heading.difficulty
        or card_heading.difficulty(known.get("difficulty", ""))
        or place.section_difficulty,
        cognitive_level=known.get("cognitive_level"),
        concept=known.get("concept"),
        source_section=known.get("source_section"),
        related_concepts=_names(known.get("related_concepts", "")),
        centrality=known.get("centrality"),
        front=front,
        back=back,
        parts=tuple(text.parts),
        critical=critical is not None,
        critical_reason=(critical["reason"].strip(" ()") or None) if critical else None,
        tags=brief_forms.tags(known.get("tags", "")),
        demo=known.get("demo", "").strip() or None,
        claims=claim_list(known.get("claims", "")),
        fields=unknown,
        field_lines=lines,
        explicit_id=text.explicit_id or known.get("id"),
        reversed=both_ways is not None,
        line=place.start + 1,
        end_line=place.end + 1,
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip(" .") for name in re.split(r"[,;]", text) if name.strip(" ."))


def _with_schedule(draft: Draft) -> list[Card]:
    rows: dict[int, ScheduleRow] = {}
    for row in draft.schedule:
        rows.setdefault(row.card, row)
    critical = {number for item in draft.critical_knowledge for number in item.cards}
    cards = []
    for card in draft.cards:
        update: dict[str, object] = {}
        if planned := rows.get(card.number):
            update = {"after": planned.after}
            if planned.initial_interval_days is not None:
                update["initial_interval_days"] = planned.initial_interval_days
            if planned.initial_ease is not None:
                update["initial_ease"] = planned.initial_ease
        if not card.critical and card.critical_reason is None and card.number in critical:
            update["critical"] = not _says_no(draft, card)
        cards.append(card.model_copy(update=update) if update else card)
    return cards


def _says_no(draft: Draft, card: Card) -> bool:
    fields = draft.outline.fields(card.line, card.end_line - 1)
    return any(card_parts.ALWAYS_FIELDS.get(item.key) == "critical" for item in fields)


def _with_brief_forms(draft: Draft, cards: list[Card]) -> tuple[list[Card], list[BriefForm]]:
    tsv, csv = brief_forms.match(draft.tsv, cards), brief_forms.match(draft.csv, cards)
    by_card: dict[int, list[BriefForm]] = {}
    for form in [*tsv, *csv]:
        if form.card is not None:
            by_card.setdefault(form.card, []).append(form)
        else:
            message = f"the brief form '{form.front[:60]}' fits no card"
            hint = "give it the words of its card, or remove it"
            draft.problems.append(Problem(severity=Severity.WARNING, line=form.line, message=message, hint=hint))
    told = []
    for card in cards:
        forms = by_card.get(card.number)
        if forms:
            update: dict[str, object] = {"brief_front": forms[0].front, "brief_back": forms[0].back}
            update["tags"] = card.tags or next((form.tags for form in forms if form.tags), ())
            update["difficulty"] = card.difficulty or next((form.difficulty for form in forms if form.difficulty), None)
            update["concept"] = card.concept or next((form.concept for form in forms if form.concept), None)
            level = next((form.cognitive_level for form in forms if form.cognitive_level), None)
            update["cognitive_level"] = card.cognitive_level or level
            card = card.model_copy(update=update)
        told.append(card)
    return told, [*tsv, *csv]
