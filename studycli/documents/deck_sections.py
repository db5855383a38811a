"""The sections of a deck outside its cards, known by the names of their headings and columns."""

from __future__ import annotations

import re
from collections.abc import Mapping

from studycli.documents import brief_forms, card_heading, numbers, schedule
from studycli.documents.deck_draft import Draft
from studycli.documents.outline import Node, Outline, plain
from studycli.model.card import Difficulty
from studycli.model.deck import CriticalKnowledge, Table
from studycli.model.lesson import Section

_PLAIN_ITEM = re.compile(r"^(?P<name>[^:–—]+?)\s*(?::|[–—]|\s-\s)\s*(?P<rest>.*)$")
_CRITICAL_ITEM = re.compile(r"^\*\*(?P<name>[^*]+?):?\*\*:?\s*(?P<rest>.*)$")


def read(draft: Draft, inside: Mapping[int, int]) -> None:
    """Read every section that is not a card; `inside` maps the first line of each card to its last (0-based)."""
    skip_until = -1
    for node in draft.outline.root.walk():
        if node.level == 0 or node.start <= skip_until:
            continue
        if node.start in inside:
            skip_until = inside[node.start]
            continue
        _read_section(draft, node)


def _read_section(draft: Draft, node: Node) -> None:
    outline = draft.outline
    key = " ".join(ancestor.key for ancestor in _ancestry(node))
    known = False
    for block in outline.tables(node.body_start, node.body_end):
        table = Table(title=node.title, header=block.header, rows=tuple(block.rows), line=block.start + 1)
        if schedule.is_schedule(block):
            keys = [schedule.CardKey(card.number, card.difficulty) for card in draft.cards]
            found, problems = schedule.rows(block, keys)
            draft.schedule += found
            draft.problems += problems
        elif schedule.is_plan(block):
            draft.review_days += schedule.plan(block)
        elif "critical" in key:
            draft.critical_knowledge += _critical_rows(table)
        elif "connection" in key or "cross lesson" in key:
            draft.connections.append(table)
        elif "source" in key or "mapping" in key:
            draft.source_mapping.append(table)
        elif "distribution" in key:
            _distribution_table(draft, table)
        else:
            continue
        known = True
    known |= _read_fences(draft, node, key)
    if "recommendation" in key or "study tip" in key:
        draft.recommendations += [text for _, text in outline.items(node.body_start, node.body_end)]
        known = True
    elif "critical" in key:
        draft.critical_knowledge += _critical_items(outline, node)
        known = True
    body = outline.body(node)
    if body and not known and node.level > 1:
        draft.other_sections.append(Section(level=node.level, title=node.title, line=node.start + 1, text=body))


def _ancestry(node: Node) -> list[Node]:
    chain = []
    here: Node | None = node
    while here and here.level > 1:
        chain.append(here)
        here = here.parent
    return chain


def _read_fences(draft: Draft, node: Node, key: str) -> bool:
    known = False
    for fence in draft.outline.fences_in(node.body_start, node.body_end):
        language = fence.language.lower()
        if language == "csv" or ("csv" in node.key and "tsv" not in node.key):
            forms, problems = brief_forms.read_csv(fence)
            draft.csv += forms
        elif language in ("tsv", "anki") or any(word in key for word in ("anki", "tsv", "tab separated")):
            forms, problems = brief_forms.read_tsv(fence)
            draft.tsv += forms
        else:
            continue
        draft.problems += problems
        known = True
    return known


def _critical_items(outline: Outline, node: Node) -> list[CriticalKnowledge]:
    found = []
    for line, text in outline.items(node.body_start, node.body_end):
        match = _CRITICAL_ITEM.match(text) or _PLAIN_ITEM.match(text)
        name, rest = (match["name"], match["rest"]) if match else (text, "")
        cards = numbers.card_numbers(text)
        found.append(
            CriticalKnowledge(concept=name.strip(" :*"), cards=cards, reason=_critical_reason(rest), line=line + 1)
        )
    return found


def _critical_reason(text: str) -> str:
    """Why it is critical: parentheses that name no card, else what is left once the cards are taken out."""
    for inner in re.findall(r"\(([^()]*)\)", text):
        if not numbers.card_numbers(inner):
            return str(inner).strip()
    rest = re.sub(r"\([^()]*\)", "", text)
    return "" if numbers.card_numbers(rest) else rest.strip(" :–—-.")


def _critical_rows(table: Table) -> list[CriticalKnowledge]:
    names = [plain(name) for name in table.header]
    cards = next((n for n, name in enumerate(names) if "card" in name or "appear" in name), None)
    reason = next((n for n, name in enumerate(names) if name.startswith(("why", "reason", "importance", "note"))), None)
    concept = next((n for n, name in enumerate(names) if "concept" in name or "term" in name), 0)
    return [
        CriticalKnowledge(
            concept=row[concept].strip("*` "),
            cards=numbers.integers(row[cards]) if cards is not None else (),
            reason=row[reason] if reason is not None else "",
            line=table.line + 2 + offset,
        )
        for offset, row in enumerate(table.rows)
    ]


def _distribution_table(draft: Draft, table: Table) -> None:
    counts: dict[Difficulty, int] = {}
    for row in table.rows:
        level = card_heading.difficulty(row[0])
        count = next((found for cell in row[1:] if (found := numbers.first_integer(cell)) is not None), None)
        if level and count is not None:
            counts[level] = count
    if counts:
        draft.distribution = (counts, table.line)
