"use strict";
// What a cell is made of, out of the numbers on this page alone; the page reads whole without it.
(() => {
  const steps = JSON.parse(document.getElementById("numbers").textContent);
  const byName = new Map(steps.map((step) => [step.name, step]));
  const box = document.getElementById("cell");
  const LARGEST = 4;

  const number = (x) => (typeof x === "number" ? x : { inf: Infinity, "-inf": -Infinity }[x] ?? NaN);
  const short = (x) => (typeof x === "number" ? String(Number(x.toPrecision(4))) : String(x));
  const at = (step, place) => place.reduce((values, index) => values[index], step.values);
  const slice = (step, place) => `${step.name}[${place.map((index, axis) => whole(step, axis, index) ?? ":").join(", ")}]`;

  function whole(step, axis, index) { // of a layer or head that was picked out, its number among all
    const of = step.axes[axis], label = (step.labels[of] ?? [])[0];
    const picked = ["layer", "head"].includes(of) && step.shape[axis] === 1 && /^\d/.test(label ?? "");
    return picked && index !== null ? parseInt(label, 10) : index;
  }

  function indexName(step, axis, index) {
    const of = step.axes[axis] ?? "index";
    const label = (step.labels[of] ?? [])[index];
    if (/^\d/.test(label ?? "") && step.shape[axis] === 1) return `${of} ${label}`; // one of several, picked out
    return label && label !== String(index) ? `${of} ${index} '${label}'` : `${of} ${index}`;
  }

  function aligned(place, shape) {
    if (shape.length > place.length) return null;
    const own = place.slice(place.length - shape.length).map((index, axis) => (shape[axis] === 1 ? 0 : index));
    return own.every((index, axis) => index < shape[axis]) ? own : null;
  }

  const same = (place, step) => {
    const found = aligned(place, step.shape);
    return found && { step, place: found, value: at(step, found), text: slice(step, found) };
  };

  function left(step, place, factor) {
    const rows = step.shape.length < 2 && factor.shape.length === 2 ? place : place.slice(0, -1);
    const lead = aligned(rows, factor.shape.slice(0, -1));
    return lead && { place: [...lead, null], numbers: at(factor, lead) };
  }

  function right(place, factor, transposed) {
    if (factor.shape.length === 1) return { place: [null], numbers: factor.values };
    const outer = aligned(place.slice(0, -2), factor.shape.slice(0, -2));
    const column = place.at(-1);
    if (!outer || column === undefined || column >= factor.shape.at(transposed ? -2 : -1)) return null;
    const matrix = at(factor, outer);
    return transposed
      ? { place: [...outer, column, null], numbers: matrix[column] }
      : { place: [...outer, null, column], numbers: matrix.map((row) => row[column]) };
  }

  function product(step, place, origin, [first, second]) {
    const xs = left(step, place, first), ys = right(place, second, origin.transposed);
    if (!xs || !ys || xs.numbers.length !== ys.numbers.length) return null;
    const terms = xs.numbers.map((x, index) => [index, x, ys.numbers[index], number(x) * number(ys.numbers[index])]);
    const largest = [...terms].sort((a, b) => Math.abs(b[3]) - Math.abs(a[3])).slice(0, LARGEST);
    const lines = largest.map(([index, x, y, z]) =>
      `${short(x)} · ${short(y)} = ${short(z)}  (${indexName(first, first.shape.length - 1, index)})`);
    const rest = terms.length - largest.length;
    return [`the dot product of ${slice(first, xs.place)} and ${slice(second, ys.place)}, ${terms.length} terms:`,
      ...lines, ...(rest > 0 ? [`and ${rest} smaller ones`] : [])];
  }

  function softmax(step, place, origin, [before]) {
    const cell = same(place, before);
    if (!cell) return null;
    const row = at(before, cell.place.slice(0, -1)).map(number);
    const top = Math.max(...row);
    const powers = row.map((x) => (x === -Infinity ? 0 : Math.exp(x - top)));
    const sum = powers.reduce((a, b) => a + b, 0);
    return [`the softmax of ${slice(before, [...cell.place.slice(0, -1), null])}:`,
      `exp(${short(cell.value)} - ${short(top)}) = ${short(powers[cell.place.at(-1)])}, ` +
      `over ${short(sum)}, the sum of all ${row.length}; ${short(top)} is the row's largest`];
  }

  function normalised(step, place, origin, [before]) {
    const cell = same(place, before);
    if (!cell) return null;
    const row = at(before, cell.place.slice(0, -1)).map(number);
    const mean = row.reduce((a, b) => a + b, 0) / row.length;
    const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / row.length;
    const small = origin.by ? ` + ${origin.by}` : "";
    return [`(${cell.text} - mean of its row) / sqrt(variance${small}):`,
      `(${short(cell.value)} - ${short(mean)}) / sqrt(${short(variance)}${small})`];
  }

  const kinds = {
    product, softmax, normalised,
    ratio: (step, place, origin, [before]) => {
      const cell = same(place, before);
      return cell && [`${cell.text} / ${short(origin.by)} = ${short(cell.value)} / ${short(origin.by)}`];
    },
    sum: (step, place, origin, of) => {
      const cells = of.map((each) => same(place, each));
      return cells.every(Boolean) && [cells.map((cell) => `${cell.text} (${short(cell.value)})`).join(" + ")];
    },
    masked: (step, place, origin, of) => {
      const [cell, mask] = of.map((each) => same(place, each));
      if (!cell || !mask) return null;
      return [number(mask.value) === 1 ? `${mask.text} is 1: ${cell.text} stays` : `${mask.text} is not 1: minus infinity`];
    },
    function: (step, place, origin, [before]) => {
      const cell = same(place, before);
      return cell && [`${origin.note || "a function"} of ${cell.text}, which is ${short(cell.value)}`];
    },
  };

  function explained(step, place) {
    const origin = step.origin;
    const of = (origin?.of ?? []).map((name) => byName.get(name));
    const lines = origin && kinds[origin.kind] && of.every(Boolean) ? kinds[origin.kind](step, place, origin, of) : null;
    return lines || (origin?.note ? [origin.note] : []);
  }

  function placeOf(td) {
    const table = td.closest("table.grid");
    if (!table) return null;
    const step = steps[Number(table.dataset.step)];
    const lead = table.dataset.lead ? table.dataset.lead.split(",").map(Number) : [];
    const row = td.parentElement.sectionRowIndex, column = td.cellIndex - 1;
    const place = step.shape.length < 2 ? (table.dataset.upright ? [row] : [column]) : [...lead, row, column];
    return { step, place };
  }

  function show(td) {
    const found = placeOf(td);
    if (!found) return hide();
    const { step, place } = found;
    document.querySelectorAll("td.seen").forEach((other) => other.classList.remove("seen"));
    td.classList.add("seen");
    const head = document.createElement("strong");
    head.textContent = `${slice(step, place)} = ${at(step, place)}`;
    const names = place.map((index, axis) => indexName(step, axis, index)).join(", ");
    box.replaceChildren(head, `\n${[names, ...explained(step, place)].join("\n")}`);
    const cell = td.getBoundingClientRect(), size = box.getBoundingClientRect();
    const below = cell.bottom + 8 + size.height < window.innerHeight;
    box.style.top = `${below ? cell.bottom + 8 : Math.max(cell.top - size.height - 8, 0)}px`;
    box.style.left = `${Math.max(Math.min(cell.left, window.innerWidth - size.width - 8), 0)}px`;
  }

  function hide() {
    document.querySelectorAll("td.seen").forEach((other) => other.classList.remove("seen"));
    box.replaceChildren();
  }

  const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

  function move(td, [down, across]) {
    const row = td.parentElement.parentElement.rows[td.parentElement.sectionRowIndex + down];
    const next = row?.cells[td.cellIndex + across];
    if (!next || next.tagName !== "TD") return;
    td.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  document.querySelectorAll("table.grid").forEach((table) => {
    const first = table.querySelector("td");
    if (first) first.tabIndex = 0; // one stop for the tab key; the arrow keys go on from there
    table.addEventListener("pointerover", (event) => event.target.closest("td") && show(event.target.closest("td")));
    table.addEventListener("pointerleave", hide);
    table.addEventListener("focusin", (event) => event.target.tagName === "TD" && show(event.target));
    table.addEventListener("focusout", hide);
    table.addEventListener("keydown", (event) => {
      if (event.target.tagName !== "TD" || event.ctrlKey || event.altKey || event.metaKey) return;
      if (event.key === "Escape") hide();
      if (!(event.key in MOVES)) return;
      event.preventDefault();
      move(event.target, MOVES[event.key]);
    });
  });
  const follow = () => (document.activeElement?.matches("table.grid td") ? show(document.activeElement) : hide());
  window.addEventListener("scroll", follow, { passive: true }); // moving from cell to cell scrolls, too
})();
