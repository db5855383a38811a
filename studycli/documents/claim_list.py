"""The entries of a `Claims` field: names, and quantities with what they should be."""

from __future__ import annotations

_OPEN, _CLOSE = "([", ")]"


def claim_list(text: str) -> tuple[str, ...]:
    """The claims of a field as written, each once: parted by semicolons, or by commas outside brackets before a
    letter.

    `rows-sum-to-1, attention-weights(scores=[2, 1], d_k=4) = [0.62, 0.38]` are two.
    """
    entries, depth, start = [], 0, 0
    for place, character in enumerate(text):
        depth += (character in _OPEN) - (character in _CLOSE)
        following = text[place + 1 :].lstrip(" `")[:1]
        if character == ";" or (character == "," and depth <= 0 and following.isalpha()):
            entries.append(text[start:place])
            start = place + 1
    entries.append(text[start:])
    return tuple(dict.fromkeys(entry for entry in (" ".join(entry.strip("` ").split()) for entry in entries) if entry))
