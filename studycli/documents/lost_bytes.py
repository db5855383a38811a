"""Characters that lost one of their UTF-8 bytes: the single common character that fits what is left, if there is one.

A reader that drops the bytes a code page doesn't define turns `←` (E2 86 90) into E2 86. Many characters could have
been there, most of them rare; only the common ones below compete. Where several fit, the lines of a box may decide.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache

# Characters that documents are full of. A character not listed here is never guessed; one that is listed also
# stands in the way of a wrong guess, so plausible rivals belong here too.
_COMMON = (
    "”←⇐₁⁰⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ≠∏∝∞●ρύώΞℝà⚠\ufe0f\u200d❌❓❗❤⏰⏱⏳✏✍"
    "┐━┏═╝╠"
    "🎯🎓🎨🎉🎲🎮🎵🎬🎧🏆🏗📁📍📎📏📐📝📞🔍🔎🔐🔝🌍🌎🌏🌐👍👏👎👐👁🐛🤝💎😍😎😁😐🕐🗝🧐🍀"
)

# Which box characters reach out to the left and to the right, by the weight of their line.
_RIGHT = {"light": "─┌└├┬┴┼╭╰", "heavy": "━┏┗┣┳┻╋", "double": "═╔╚╠╦╩╬"}
_LEFT = {"light": "─┐┘┤┬┴┼╮╯", "heavy": "━┓┛┫┳┻╋", "double": "═╗╝╣╦╩╬"}
_REACHES_RIGHT = {character: weight for weight, members in _RIGHT.items() for character in members}
_REACHES_LEFT = {character: weight for weight, members in _LEFT.items() for character in members}
_UPRIGHT = "│┃║"
_SHORTEST_BOX_EDGE = 4  # a shorter run that starts with ╚ is the branch of a tree

UNKNOWN = "\N{REPLACEMENT CHARACTER}"


@cache
def _fitting(lost: bytes) -> dict[bytes, str]:
    """What is left of a character -> the common characters that it can have been."""
    found: defaultdict[bytes, str] = defaultdict(str)
    for character in _COMMON:
        whole = character.encode()
        for index in range(1, len(whole)):
            if whole[index] in lost:
                for rest in (whole[:index] + whole[index + 1 :], whole[:index] + b"\xff" + whole[index + 1 :]):
                    found[rest] += character
        if whole[-1] == 0xA0:
            found[whole[:-1] + b" "] += character
    return dict(found)


def restore(rest: bytes, lost: bytes, run: str, after: str) -> str | None:
    """The one common character that `rest` can have been, or None.

    `lost` are the bytes that the code page drops, `run` the characters directly before, once repaired (UNKNOWN for one
    that couldn't be), `after` the next character ("" at the end, UNKNOWN for another one with a lost byte). A byte FF
    in `rest` marks where the byte went; a space at its end stands for a no-break space that became one.
    """
    candidates = [character for character in _fitting(lost).get(rest, "") if _plausible(character, run, after)]
    return candidates[0] if len(candidates) == 1 else None


def known(rest: bytes, lost: bytes) -> bool:
    """Whether `rest` can be what is left of any common character."""
    return rest in _fitting(lost)


def _plausible(character: str, run: str, after: str) -> bool:
    before = run[-1:]
    if character in _REACHES_LEFT or character in _REACHES_RIGHT:
        return _joins(character, run, after)
    if character == "\u200d":
        return _is_pictograph(before) and (_is_pictograph(after) or after in ("♂", "♀", UNKNOWN))
    if character == "”":
        return not (_is_pictograph(before) and _is_pictograph(after))
    if character in "ύώ":
        return _is_greek(before) or _is_greek(after)
    return True


def _joins(character: str, run: str, after: str) -> bool:
    """Whether a box character continues the lines to its left and right."""
    if run.endswith(UNKNOWN):
        return True
    left, right = _REACHES_LEFT.get(character), _REACHES_RIGHT.get(character)
    straight = left == right
    open_left, open_right = _REACHES_RIGHT.get(run[-1:]), _REACHES_LEFT.get(after)
    if open_left != left and not (straight and open_left is None and run[-1:] not in _REACHES_LEFT):
        return False
    if left == "double":
        closes = after != UNKNOWN and open_right is None and _closes_box(run)
        return closes == (character == "╝")
    loose_end = straight and after not in _REACHES_LEFT and after not in _UPRIGHT
    return after == UNKNOWN or open_right == right or loose_end


def _closes_box(run: str) -> bool:
    start = run.rfind("╚")
    return start >= 0 and len(run) - start + 1 >= _SHORTEST_BOX_EDGE and set(run[start + 1 :]) <= set("═╩╧")


def _is_pictograph(character: str) -> bool:
    return character == "\ufe0f" or character >= "\U0001f000"


def _is_greek(character: str) -> bool:
    return "\u0370" <= character < "\u0400"
