// Elements are made here and nowhere else, from texts and never from markup.

function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

function button(text, act, attributes = {}) {
  return el("button", { type: "button", class: "button", onclick: act, ...attributes }, text);
}

function link(text, act) {
  return el("button", { type: "button", class: "link", onclick: act }, text);
}

const PILLS = {
  SUCCEEDED: "good", succeeded: "good", FAILED: "bad", failed: "bad", TIMED_OUT: "bad",
  ABORTED: "warn", caught: "warn", unfinished: "calm", RUNNING: "calm",
};
const SIGNS = { succeeded: "✓", failed: "✗", caught: "↷", unfinished: "…" };

function pill(status) {
  return el("span", { class: `pill ${PILLS[status] || ""}` }, status.toLowerCase().replace("_", " "));
}

function section(title, ...content) {
  return el("section", { class: "section" }, el("h3", {}, title), ...content);
}

// What a screen reader is told.
function say(text) {
  document.getElementById("said").textContent = text;
}

function copyButton(text) {
  const made = button("Copy", async () => {
    try {
      await navigator.clipboard.writeText(text);
      made.textContent = "Copied";
      say("Copied");
    } catch {
      // A page from a disk may not in every browser: then it can be copied by hand.
      const shown = made.parentElement.querySelector(".code");
      if (shown) getSelection().selectAllChildren(shown);
    }
    setTimeout(() => { made.textContent = "Copy"; }, 1500);
  });
  return made;
}

function commandBlock(text) {
  return el("div", { class: "command" }, el("pre", { class: "code", tabindex: "0" }, text), copyButton(text));
}

function table(rows) {
  return el("table", {}, el("tbody", {}, rows.filter(Boolean).map(([name, value]) =>
    el("tr", {}, el("th", { scope: "row" }, name), el("td", { class: "mono" }, value)))));
}

function counted(number, what) {
  return `${number.toLocaleString("en")} ${what}${number === 1 ? "" : "s"}`;
}

function sized(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  const units = ["KiB", "MiB", "GiB"];
  let size = bytes / 1024, unit = 0;
  while (size >= 1023.95 && unit < 2) { size /= 1024; unit += 1; }
  return `${size.toFixed(1)} ${units[unit]}`;
}

function took(milliseconds) {
  if (milliseconds === null || milliseconds === undefined) return "–";
  const ms = Math.max(0, milliseconds);
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.floor((ms % 60_000) / 1000)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function at(milliseconds) {
  return `+${(Math.max(0, milliseconds) / 1000).toFixed(milliseconds < 100_000 ? 3 : 1)} s`;
}
