// JSON as people read it, and what differs between two values.

const FOLD = 3;

function jsonLines(value, indent = 0, key = null, comma = false) {
  const pad = "  ".repeat(indent);
  const head = pad + (key === null ? "" : `${JSON.stringify(key)}: `);
  const tail = comma ? "," : "";
  if (value === null || typeof value !== "object") return [head + JSON.stringify(value) + tail];
  const list = Array.isArray(value);
  const entries = list ? value.map((item) => [null, item]) : Object.entries(value);
  if (entries.length === 0) return [head + (list ? "[]" : "{}") + tail];
  const lines = [head + (list ? "[" : "{")];
  entries.forEach(([name, item], position) => {
    lines.push(...jsonLines(item, indent + 1, name, position < entries.length - 1));
  });
  lines.push(pad + (list ? "]" : "}") + tail);
  return lines;
}

function same(one, other) {
  if (one === other) return true;
  if (one === null || other === null || typeof one !== "object" || typeof other !== "object") return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  return names.every((name) => Object.hasOwn(other, name) && same(one[name], other[name]));
}

const isTree = (value) => value !== null && typeof value === "object";

// [sign, line] for each line; the sign is " ", "+" or "-".
function diffLines(before, after, indent = 0, key = null, comma = false) {
  if (same(before, after)) return jsonLines(after, indent, key, comma).map((line) => [" ", line]);
  if (!isTree(before) || !isTree(after) || Array.isArray(before) !== Array.isArray(after)) {
    return [
      ...jsonLines(before, indent, key, comma).map((line) => ["-", line]),
      ...jsonLines(after, indent, key, comma).map((line) => ["+", line]),
    ];
  }
  const list = Array.isArray(after);
  const pad = "  ".repeat(indent);
  const names = list
    ? Array.from({ length: Math.max(before.length, after.length) }, (_, index) => index)
    : [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const lines = [[" ", pad + (key === null ? "" : `${JSON.stringify(key)}: `) + (list ? "[" : "{")]];
  names.forEach((name, position) => {
    const more = position < names.length - 1;
    const label = list ? null : name;
    const was = Object.hasOwn(before, name), is = Object.hasOwn(after, name);
    if (was && is) lines.push(...diffLines(before[name], after[name], indent + 1, label, more));
    else if (was) lines.push(...jsonLines(before[name], indent + 1, label, more).map((line) => ["-", line]));
    else lines.push(...jsonLines(after[name], indent + 1, label, more).map((line) => ["+", line]));
  });
  lines.push([" ", pad + (list ? "]" : "}") + (comma ? "," : "")]);
  return lines;
}

// What is the same is folded, but for the lines next to a difference.
function folded(lines) {
  const near = lines.map(() => false);
  lines.forEach(([sign], position) => {
    if (sign === " ") return;
    for (let other = position - 1; other <= position + 1; other += 1) near[other] = true;
  });
  const shown = [];
  for (let position = 0; position < lines.length; position += 1) {
    let end = position;
    while (end < lines.length && !near[end]) end += 1;
    if (end - position > FOLD) {
      shown.push(["…", `${counted(end - position, "line")} as before`]);
      position = end - 1;
    } else {
      shown.push(lines[position]);
    }
  }
  return shown;
}

// Lines that a text of this many characters has are shown at once; more on request.
const MOST_LINES = 2000;

function lineElements(lines) {
  const classes = { "+": "line added", "-": "line removed", "…": "line folded", " ": "line" };
  const said = { "+": "added: ", "-": "removed: " };
  return lines.map(([sign, line]) =>
    el("span", { class: classes[sign] },
      el("span", { class: "sign", "aria-hidden": "true" }, sign),
      said[sign] ? el("span", { class: "unseen" }, said[sign]) : null,
      line));
}

function codeBlock(lines, label, withSigns) {
  const block = el("pre", { class: "code", tabindex: "0", role: "region", "aria-label": label });
  const fill = (number) => {
    const part = lines.slice(0, number);
    block.replaceChildren(...(withSigns ? lineElements(part) : [part.map(([, line]) => line).join("\n")]));
    if (lines.length > number) {
      block.append("\n", button(`Show ${counted(lines.length - number, "more line")}`, () => fill(lines.length)));
    }
  };
  fill(MOST_LINES);
  return block;
}

function plainLines(number) {
  const value = parsed(number);
  const text = value === undefined ? textOf(number).text.split("\n") : jsonLines(value);
  return text.map((line) => [" ", line]);
}

function cutNote(number) {
  const found = textOf(number);
  if (found === null || found.size === null) return null;
  return el("p", { class: "muted" }, `The first ${sized(found.text.length)} of ${sized(found.size)}.`);
}

// Whether two values have anything in common; of others, all would differ.
function comparable(one, other) {
  if (!isTree(one) || !isTree(other)) return one !== undefined && same(one, other);
  return Object.keys(one).some((name) => Object.hasOwn(other, name)) || same(one, other);
}

// A value; where one before it is known, what differs from it, with a way to see the whole.
function valueSection(title, number, before = null, beforeName = "") {
  if (number === undefined || number === null) return null;
  const place = el("div");
  const bar = el("div", { class: "row" }, el("h3", { class: "grow" }, title));
  const show = (differences) => {
    let block;
    if (differences) {
      const lines = diffLines(parsed(before), parsed(number));
      block = lines.every(([sign]) => sign === " ")
        ? el("p", { class: "muted" }, `The same as the ${beforeName}.`)
        : codeBlock(folded(lines), title, true);
    } else {
      block = codeBlock(plainLines(number), title, false);
    }
    const note = cutNote(number);
    place.replaceChildren(...(note ? [note, block] : [block]));
  };
  const canDiffer = before !== null && before !== undefined && comparable(parsed(before), parsed(number));
  if (canDiffer) {
    const whole = button("Whole", () => choose(false), { "aria-pressed": "false" });
    const only = button(`Against the ${beforeName}`, () => choose(true), { "aria-pressed": "true" });
    const choose = (differences) => {
      only.setAttribute("aria-pressed", String(differences));
      whole.setAttribute("aria-pressed", String(!differences));
      show(differences);
    };
    bar.append(only, whole);
  }
  const text = textOf(number);
  if (text.size === null) bar.append(copyButton(text.text));
  show(canDiffer);
  return el("section", { class: "section" }, bar, place);
}
