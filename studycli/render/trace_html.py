"""What a demo computed as one HTML page: works offline, and shows what a cell is made of under the pointer."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files
from typing import Any

from studycli.model.trace import Claim, DemoResult, Origin, Step
from studycli.render.heatmap import ABOVE, BELOW, Ramp, plans, ramp
from studycli.render.panels import Panel, comparable, panels
from studycli.render.safe import one_line
from studycli.render.step_table import figure, is_table

_MOST_ROWS, _MOST_COLUMNS, _MOST_PANELS = 64, 128, 32
_DIGITS = 6
_FORMULAS = {
    "product": "Each number is a dot product of numbers of {0} and {1}.",
    "softmax": "Each row is the softmax of the row of {0}.",
    "ratio": "Each number is that of {0} over {by:.6g}.",
    "sum": "Each number is the sum of those of {all}.",
    "masked": "Each number is that of {0} where {1} is 1, and minus infinity elsewhere.",
    "normalised": "Each row is the row of {0} less its mean, over its standard deviation.",
    "function": "Each number is {note} of that of {0}.",
    "given": "{note}",
}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def draw(result: DemoResult) -> bytes:
    """The page as UTF-8."""
    steps = {step.name: step for step in result.steps}
    with_partner = {step.name: other for step in result.steps if (other := comparable(step, steps)) is not None}
    partners = with_partner | {other.name: steps[name] for name, other in with_partner.items()}
    body = "\n".join(
        part
        for index, step in enumerate(result.steps)
        for part in _section(index, step, [step, partners[step.name]] if step.name in partners else [step])
    )
    page = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(result.title)}</title>\n<style>\n{_asset('page.css')}{_shades()}</style>\n</head>\n<body>\n<main>\n"
        f"{_head(result)}\n{body}\n{_claims(result.claims)}\n</main>\n"
        f'<div id="cell" role="status" aria-live="polite"></div>\n'
        f'<script type="application/json" id="numbers">{_numbers(result.steps)}</script>\n'
        f"<script>\n{_asset('page.js')}</script>\n</body>\n</html>\n"
    )
    return page.encode("utf-8", "replace")


def _head(result: DemoResult) -> str:
    facts = "\n".join(f"<dt>{_text(name)}</dt><dd>{_text(value)}</dd>" for name, value in result.inputs.items())
    held = sum(claim.holds for claim in result.claims)
    verdict = f'<p><a href="#claims">{held} of {len(result.claims)} claims hold</a></p>' if result.claims else ""
    hint = '<p class="quiet only-on-screen">Point at a number, or move to it with the tab and arrow keys.</p>'
    return f"<h1>{_text(result.title)}</h1>\n<dl>\n{facts}\n</dl>\n{verdict}\n{hint}"


def _section(index: int, step: Step, on_one_ramp: Sequence[Step]) -> Iterator[str]:
    axes = " × ".join(step.axes)
    yield f'<section id="step-{index}">\n<h2>{_text(step.name)} <small>{step.shape} {_text(axes)}</small></h2>'
    yield f"<p>{_text(step.note)}</p>"
    if step.origin is not None and (formula := _formula(step.origin)):
        yield f'<p class="quiet">{_text(formula)}</p>'
    if not step.shape:
        yield f"<p><strong>{_text(_single(step.values))}</strong></p>"
    elif len(step.shape) == 1 and all(isinstance(value, str) for value in step.values):
        items = "".join(f"<li><span>{number}</span> {_text(word)}</li>" for number, word in enumerate(step.values))
        yield f'<ol class="tokens">{items}</ol>'
    elif 0 not in step.shape:
        drawn = _drawn(index, step, on_one_ramp)
        size = " × ".join(map(str, step.shape))
        yield f"<details><summary>all {size} numbers</summary>\n{drawn}\n</details>" if step.preview else drawn
    yield "</section>"


def _drawn(index: int, step: Step, on_one_ramp: Sequence[Step]) -> str:
    found = list(panels(step))
    shades = None if is_table(step) else ramp([panel.matrix for each in on_one_ramp for panel in panels(each)])
    upright = len(step.shape) == 1 and bool(found[0].columns)
    shown = [panel.upright if upright else panel for panel in found[:_MOST_PANELS]]
    figures = "\n".join(
        _figure(index, panel, shades, captioned=len(found) > 1 or bool(found[0].lead), upright=upright)
        for panel in shown
    )
    more = f'\n<p class="quiet">The first {len(shown)} of {len(found)}.</p>' if len(shown) < len(found) else ""
    return f'<div class="panels">\n{figures}\n</div>{more}'


def _figure(index: int, panel: Panel, shades: Ramp | None, *, captioned: bool, upright: bool) -> str:
    columns = max(len(row) for row in panel.matrix)
    count = min(columns, _MOST_COLUMNS)
    spec = plans(panel.matrix, (), len(panel.matrix))[0].spec or ".3g"
    heads = "".join(f'<th scope="col">{_label(panel.columns, column)}</th>' for column in range(count))
    rows = "\n".join(
        f'<tr><th scope="row">{_label(panel.rows, number)}</th>'
        f"{''.join(_cell(value, spec, shades) for value in row[:count])}</tr>"
        for number, row in enumerate(panel.matrix[:_MOST_ROWS])
    )
    caption = f"<figcaption>{_text(panel.caption)}</figcaption>" if captioned else ""
    parts = ((_MOST_ROWS, len(panel.matrix), "rows"), (_MOST_COLUMNS, columns, "columns"))
    cut = ", ".join(f"the first {most} of {all_} {what}" for most, all_, what in parts if all_ > most)
    place = f'data-step="{index}" data-lead="{",".join(map(str, panel.lead))}"{" data-upright=1" if upright else ""}'
    return (
        f'<figure>{caption}<div class="scroll"><table class="grid" {place}>\n<thead><tr><th></th>{heads}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody></table></div>{f'<p class=quiet>{cut}</p>' if cut else ''}</figure>"
    )


def _cell(value: float | str, spec: str, shades: Ramp | None) -> str:
    if isinstance(value, str):
        return f'<td class="w">{_text(value)}</td>'
    if shades is None or not math.isfinite(value):
        return f"<td>{figure(value)}</td>"
    return f'<td class="{"b" if value < 0 else "a"}{shades.level(value)}">{value:{spec}}</td>'


def _claims(claims: Sequence[Claim]) -> str:
    items = "\n".join(
        f'<li><b class="{"holds" if claim.holds else "fails"}">{"holds" if claim.holds else "FAILS"}</b> '
        f'{_text(claim.statement)}<br><span class="quiet">measured: {_text(_single(claim.measured))}</span></li>'
        for claim in claims
    )
    return f'<section id="claims"><h2>Claims</h2>\n<ol class="claims">\n{items}\n</ol></section>' if claims else ""


def _formula(origin: Origin) -> str:
    names = [*origin.of, "", ""]
    form = _FORMULAS[origin.kind] if origin.note or origin.kind != "function" else "Each number follows from {0}."
    return form.format(*names, all=" and ".join(origin.of), by=origin.by or 1, note=origin.note)


def _numbers(steps: Sequence[Step]) -> str:
    """What the script reads, as JSON that no text in it can end early."""
    facts = [
        {
            "name": one_line(step.name),
            "shape": step.shape,
            "axes": [one_line(axis) for axis in step.axes],
            "labels": {one_line(axis): [one_line(label) for label in labels] for axis, labels in step.labels.items()},
            "values": _rounded(step.values),
            "origin": _origin(step.origin),
        }
        for step in steps
    ]
    text = json.dumps(facts, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _origin(origin: Origin | None) -> dict[str, Any] | None:
    if origin is None:
        return None
    return {
        "kind": origin.kind,
        "of": [one_line(name) for name in origin.of],
        "by": origin.by,
        "transposed": origin.transposed,
        "note": one_line(origin.note),
    }


def _rounded(values: Any) -> Any:  # noqa: ANN401 - lists as deep as the step's shape
    if isinstance(values, list | tuple):
        return [_rounded(value) for value in values]
    return float(f"{values:.{_DIGITS}g}") if isinstance(values, float) else values


def _label(labels: Sequence[str], index: int) -> str:
    return f"{index} {_text(labels[index])}" if index < len(labels) else str(index)


def _single(value: object) -> str:
    return figure(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _text(text: object) -> str:
    return escape(one_line(str(text)))


def _asset(name: str) -> str:
    return (files("studycli.render") / "page" / name).read_text("utf-8")


def _shades() -> str:
    """The colours of the terminal's cells, which hold on a dark page and on a light one."""
    shades = [
        f"td.{sign}{level} {{ background: {ground}; color: {ink}; }}"
        for sign, ramp_of in (("a", ABOVE), ("b", BELOW))
        for level, (ground, ink, _) in enumerate(ramp_of)
    ]
    return "\n".join(shades) + "\n"
