// What a job or a function wrote, with a search.

// wholeSize is given where the log is the end of a larger one.
function logBlock(title, number, wholeSize, failing) {
  const found = textOf(number);
  if (found === null) return section(title, el("p", { class: "muted" }, "It is not in the history."));
  if (!found.text) return section(title, el("p", { class: "muted" }, "It wrote nothing."));
  const lines = found.text.split("\n");
  while (lines.at(-1) === "") lines.pop();
  const block = el("div", { class: "log", tabindex: "0", role: "region", "aria-label": title });
  const marked = failing === undefined || found.size !== null ? -1 : failing;
  const told = el("span", { class: "muted", role: "status" });
  let hits = [], current = -1, query = "", only = false;

  const marks = (line) => {
    if (!query) return [line];
    const parts = [];
    const low = line.toLowerCase();
    let from = 0;
    for (let place = low.indexOf(query); place >= 0; place = low.indexOf(query, from)) {
      parts.push(line.slice(from, place), el("mark", {}, line.slice(place, place + query.length)));
      from = place + query.length;
    }
    return [...parts, line.slice(from)];
  };
  const draw = () => {
    block.replaceChildren(...lines.map((line, index) => {
      if (only && query && !line.toLowerCase().includes(query)) return null;
      const kind = `line${index === marked ? " failing" : ""}${hits[current] === index ? " current" : ""}`;
      return el("div", { class: kind, "data-line": index + 1 },
        el("span", { class: "number" }, String(index + 1)), el("span", { class: "text" }, marks(line)));
    }).filter(Boolean));
  };
  const reveal = (index) => {
    const row = block.querySelector(`[data-line="${index + 1}"]`);
    if (row) block.scrollTop = row.offsetTop - block.offsetTop - block.clientHeight / 2;
  };
  const move = (step) => {
    if (!hits.length) return;
    current = (current + step + hits.length) % hits.length;
    told.textContent = `${current + 1} of ${counted(hits.length, "line")}`;
    draw();
    reveal(hits[current]);
  };
  const search = filterField("Search the log", (text) => {
    query = text;
    hits = query ? lines.flatMap((line, index) => (line.toLowerCase().includes(query) ? [index] : [])) : [];
    current = -1;
    told.textContent = query ? counted(hits.length, "line") : "";
    draw();
    if (hits.length) move(1);
  });
  search.addEventListener("keydown", (event) => { if (event.key === "Enter") move(event.shiftKey ? -1 : 1); });
  const narrow = button("Only these lines", () => {
    only = !only;
    narrow.setAttribute("aria-pressed", String(only));
    draw();
  }, { "aria-pressed": "false" });
  draw();
  const whole = wholeSize || found.size;
  const size = whole ? el("p", { class: "muted" }, `The last ${sized(found.text.length)} of ${sized(whole)}, whose lines are counted.`) : null;
  const bar = el("div", { class: "row" }, search,
    button("↑", () => move(-1), { "aria-label": "Match before" }),
    button("↓", () => move(1), { "aria-label": "Next match" }), narrow, told);
  if (marked >= 0) requestAnimationFrame(() => reveal(marked));
  return el("section", { class: "section" }, el("h3", {}, title), size, bar, block);
}
