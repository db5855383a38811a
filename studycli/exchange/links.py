"""Links and images made safe for another program: nothing is loaded, nothing runs."""

from __future__ import annotations

import re

from markdown_it.token import Token

_WEB = re.compile(r"(?:https?|mailto):", re.IGNORECASE)


def local_only(tokens: list[Token]) -> list[Token]:
    """The same tokens, where links lead only to the web or a mail address, and images are text."""
    for token in tokens:
        if token.children:
            token.children = _without_links_and_images(token.children)
    return tokens


def _without_links_and_images(tokens: list[Token]) -> list[Token]:
    kept: list[Token] = []
    link_is_kept = False
    for token in tokens:
        if token.type == "link_open":
            link_is_kept = bool(_WEB.match(str(token.attrs.get("href", ""))))
            token.attrs = {"href": token.attrs["href"]} if link_is_kept else {}
        if token.type == "image":
            token = Token("text", "", 0, content=_image_text(token))
        if token.type not in ("link_open", "link_close") or link_is_kept:
            kept.append(token)
    return kept


def _image_text(token: Token) -> str:
    """What stands for an image: its text, and its address on the web. Nothing is ever loaded."""
    source = str(token.attrs.get("src", ""))
    words = [token.content.strip(), source if _WEB.match(source) else ""]
    return f"[image: {', '.join(word for word in words if word)}]" if any(words) else "[image]"
