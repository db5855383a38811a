"""Words in the language of SQLite's full-text index; every word is quoted, so that none is taken for its syntax."""

from __future__ import annotations

from collections.abc import Sequence

from studycli.model.search_query import Group, Term


def expression(groups: Sequence[Group]) -> str | None:
    """What finds the terms of any of the groups; None where no group has a word that can be found."""
    found = [words for group in groups if (words := of_group(group)) is not None]
    return " OR ".join(found) if found else None


def of_group(group: Group) -> str | None:
    """What finds all terms of a group without the excluded ones; None where it seeks nothing that can be found."""
    sought = [of_term(term) for term in group.sought if _has_words(term.text)]
    if not sought:
        return None
    excluded = [of_term(term) for term in group.terms if term.excluded and _has_words(term.text)]
    without = f" NOT ({' OR '.join(excluded)})" if excluded else ""
    return f"(({' AND '.join(sought)}){without})"


def of_term(term: Term) -> str:
    """One word or phrase."""
    return _quoted(term.text) + ("*" if term.prefix else "")


def in_column(column: str, phrases: Sequence[str]) -> str | None:
    """Any of these phrases in one column, each the beginning of a longer one too; None where none has a word."""
    quoted = [f"{_quoted(phrase)}*" for phrase in phrases if _has_words(phrase)]
    return f"{column} : ({' OR '.join(quoted)})" if quoted else None


def excluded(group: Group) -> str | None:
    """What finds any of a group's excluded terms."""
    terms = [of_term(term) for term in group.terms if term.excluded and _has_words(term.text)]
    return " OR ".join(terms) if terms else None


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _has_words(text: str) -> bool:
    """Whether the index has anything of a text: letters and digits, no signs."""
    return any(map(str.isalnum, text))
