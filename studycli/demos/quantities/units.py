"""Units: a number as a deck states it, with its digits, a word for its size and a unit."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from studycli.errors import UsageError

_NUMBER = re.compile(
    r"(?P<digits>[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.[0-9]+)?)"
    r"(?:[eE](?P<e>[+-]?[0-9]{1,2})|\s*[×x*]\s*10\^\(?(?P<power>[+-]?[0-9]{1,2})\)?)?\s*(?P<words>.*)",
    re.DOTALL,
)
_SIZES = {"k": 3, "thousand": 3, "million": 6, "billion": 9, "trillion": 12, "quadrillion": 15}
_BYTES: dict[str, int] = {
    **{name: 1000**power for power, name in enumerate(("bytes", "kB", "MB", "GB", "TB", "PB"))},
    **{name: 1024**power for power, name in enumerate(("KiB", "MiB", "GiB", "TiB"), start=1)},
    "B": 1,
    "byte": 1,
    "KB": 1000,
}
_TIMES: dict[str, float] = {"ms": 1e-3, "s": 1, "seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400}
_TIMES.update({"second": 1, "minute": 60, "hour": 3600, "day": 86_400})
_SHARES: dict[str, float] = {"%": 0.01, "x": 1, "×": 1}
_LONGEST = 60


@dataclass(frozen=True)
class Stated:
    """A value as it was written: `value` is `number` times `scale`, in bytes, seconds or no unit.

    `decimals` are the digits after the point, `unit` is how a word for the size and the unit were written, `exponent`
    the power of ten that was written out.
    """

    number: float
    decimals: int
    scale: float
    unit: str = ""
    exponent: int | None = None

    @property
    def value(self) -> float:
        """What was stated."""
        return self.number * self.scale

    @property
    def half_digit(self) -> float:
        """Half of the last digit that was stated."""
        return 0.5 * 10.0**-self.decimals * self.scale


def parse(text: str, unit: str = "") -> Stated:
    """The number that a text states of a quantity that is measured in `unit`. Raises UsageError."""
    plain = text.strip().replace("−", "-")
    found = _NUMBER.fullmatch(plain) if len(plain) <= _LONGEST else None
    if found is None or not any(character.isdigit() for character in found["digits"]):
        raise UsageError(f"'{plain[:_LONGEST]}' is no value", hint="write 4,096, 0.5, 12%, 64x, 124 million or 2.15 GB")
    digits = found["digits"].replace(",", "")
    exponent = int(found["e"] or found["power"] or 0)
    size, factor, words = _sized(found["words"].split(), unit)
    decimals = len(digits.partition(".")[2])
    spelled = f"{'' if words == '%' or words in ('x', '×') else ' '}{words}" if words else ""
    written = exponent if found["e"] or found["power"] else None
    return Stated(float(digits), decimals, 10.0 ** (exponent + size) * factor, spelled, written)


_DIGITS = 3  # before the one that shows a difference


def shown(measured: float, stated: Stated, *, precise: bool = False) -> str:
    """A measured number in the unit of a stated one, with a digit more where it differs; whole numbers as they are.

    A `precise` one has at least four digits, for whoever mends what was stated.
    """
    if isinstance(measured, int) and stated.scale == 1 and abs(measured) < 10**15:
        return f"{measured:,}{stated.unit}"
    scaled = measured / stated.scale
    decimals = max(stated.decimals, _DIGITS - len(f"{abs(scaled):.0f}")) if precise else stated.decimals
    power = "" if stated.exponent is None else f" × 10^{stated.exponent}"
    if scaled and not 0.001 <= abs(scaled) < 1e9:
        return f"{_power_of_ten(scaled * 10.0 ** (stated.exponent or 0))}{stated.unit}"
    is_stated = math.isclose(scaled, round(scaled, decimals), abs_tol=1e-12)
    return f"{scaled:,.{decimals + (not is_stated)}f}{power}{stated.unit}"


def _power_of_ten(number: float) -> str:
    mantissa, _, exponent = f"{number:.2e}".partition("e")
    return f"{mantissa} × 10^{int(exponent)}"


def _sized(words: list[str], unit: str) -> tuple[int, float, str]:
    """Power of ten of a word such as million, factor of a unit, and both as written. Raises UsageError."""
    rest = list(words)
    size = _SIZES[rest.pop(0)] if rest and rest[0] in _SIZES else 0
    name = " ".join(rest)
    if not name or name.casefold() in (unit.casefold(), unit.casefold().removesuffix("s")):
        return size, 1, " ".join(words)
    known = {**(_BYTES if unit in ("bytes", "") else {}), **(_TIMES if unit in ("seconds", "") else {})}
    known.update({} if unit else _SHARES)
    if name not in known:
        hint = f"it is measured in {unit}" if unit else f"units are {', '.join(known)}"
        raise UsageError(f"'{name[:_LONGEST]}' is no unit of this", hint=hint)
    return size, known[name], " ".join(words)
