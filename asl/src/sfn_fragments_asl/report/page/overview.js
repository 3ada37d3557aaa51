// The first view: what went wrong, or what came out; the graph; figures.

function wayElement(failure) {
  const parts = failure.way.flatMap(([execution, visit, name], position) => [
    position ? " › " : null, link(name, () => go({ show: `visit-${execution}-${visit}` })),
  ]);
  return failure.way.length > 1 ? el("p", { class: "way" }, "In ", parts) : null;
}

function failureCard() {
  const failure = run.failure;
  const card = el("section", { class: "card bad", "aria-labelledby": "wrong" });
  const place = failure.place;
  const how = { ABORTED: "Stopped in ", TIMED_OUT: "Timed out in " }[failure.status] || "Failed in ";
  const title = el("h2", { id: "wrong" }, failure.state ? [how, link(failure.state, () => go({ show: `visit-${place[0]}-${place[1]}` }))]
    : failure.status === "ABORTED" ? "It was stopped" : "It did not succeed");
  card.append(title);
  if (failure.error) card.append(el("p", { class: "error-name" }, failure.error));
  if (failure.cause) card.append(el("p", { class: "cause" }, failure.cause));
  if (failure.way) card.append(...[wayElement(failure)].filter(Boolean));
  if (failure.ended) {
    card.append(el("p", {}, "The error was caught; the execution then ended with ",
      el("span", { class: "error-name" }, failure.ended[0] || "no error name"), failure.ended[1] ? `: ${failure.ended[1]}` : "."));
  }
  if (failure.job) {
    const { index, line, first, lines } = failure.job;
    const open = () => go({ show: `job-${index}` });
    card.append(
      el("div", { class: "row" }, el("h3", { class: "grow" }, "End of the job's log"),
        button("Open the log", open, { class: "button main", id: "open-log" })),
      el("div", { class: "log", tabindex: "0", role: "region", "aria-label": "End of the log" }, lines.map((text, position) =>
        el("div", { class: `line${first + position === line ? " failing" : ""}` },
          el("span", { class: "number" }, String(first + position + 1)), el("span", { class: "text" }, text)))));
  }
  if (run.command) card.append(el("h3", {}, "Run it again"), commandBlock(run.command));
  return card;
}

function outcomeCard() {
  const execution = executions[0];
  if (run.failure) return failureCard();
  if (execution.output === undefined) return null;
  return el("section", { class: "card good" }, valueSection("Output", execution.output, execution.input, "input"));
}

function repeatCard() {
  if (!run.command || run.failure) return null;
  return el("section", { class: "card" }, el("h2", {}, "Run it again"), commandBlock(run.command));
}

function graphCard() {
  const shown = run.graphs || [];
  if (!shown.length) return statesCard();
  const frame = el("div", { class: "graph-frame", tabindex: "0", role: "region", "aria-label": "Graph of the state machine" });
  const note = el("p", { class: "muted" });
  let current = null;
  const put = (number) => {
    if (current) document.getElementById("graphs").append(current);
    current = document.getElementById(`graph-${number}`);
    prepareGraph(current, shown[number]);
    current.hidden = false;
    frame.replaceChildren(current);
    requestAnimationFrame(() => {
      const svg = current.querySelector("svg");
      const share = svg ? frame.clientWidth / svg.width.baseVal.value : 1;
      // A little too wide is made to fit; what would be too small to read is scrolled.
      fitTo(share < 1 && share > 0.55);
      frame.scrollLeft = (frame.scrollWidth - frame.clientWidth) / 2;
      showInFrame(frame, run.failure && run.failure.state);
    });
    note.textContent = shown[number].why ? `Not drawn: ${shown[number].why}` : "";
  };
  const choice = shown.length > 1
    ? el("label", {}, "Machine", el("select", { onchange: (event) => put(Number(event.target.value)) },
      shown.map((graph, number) => el("option", { value: number }, graph.machine)))) : null;
  const fitTo = (fitted) => {
    current.classList.toggle("fitted", fitted);
    fit.setAttribute("aria-pressed", String(fitted));
  };
  const fit = button("Fit", () => fitTo(!current.classList.contains("fitted")), { "aria-pressed": "false" });
  put(0);
  return el("section", { class: "card" },
    el("div", { class: "row" }, el("h2", { class: "grow" }, "Graph"), choice, fit), frame, note, graphLegend());
}

// Scroll a picture to a state, and the page not at all.
function showInFrame(frame, name) {
  const group = [...frame.querySelectorAll("[data-state]")].find((each) => each.dataset.state === name);
  if (!group) return;
  const own = group.getBoundingClientRect(), around = frame.getBoundingClientRect();
  frame.scrollTop += own.top + own.height / 2 - around.top - frame.clientHeight / 2;
  frame.scrollLeft += own.left + own.width / 2 - around.left - frame.clientWidth / 2;
}

function graphLegend() {
  return el("ul", { class: "legend" },
    [["✓", "succeeded", "good"], ["✗", "failed", "bad"], ["↷", "its error was caught", "warn"], ["…", "not left", "calm"], ["↻", "tried again", ""]].map(([sign, text, kind]) =>
      el("li", {}, el("span", { class: `sign ${kind}` }, `${sign} `), text)));
}

// States of the picture lead to their visits: the failed one first, else the last.
function prepareGraph(place, graph) {
  const svg = place.querySelector("svg");
  if (!svg || svg.dataset.ready) return;
  svg.dataset.ready = "true";
  // As an image, it would have no parts to a screen reader.
  svg.setAttribute("role", "group");
  const visits = new Map();
  for (const index of graph.executions) {
    for (const visit of executions[index].visits) {
      const known = visits.get(visit.name);
      if (!known || known[1].status !== "failed") visits.set(visit.name, [index, visit]);
    }
  }
  for (const group of svg.querySelectorAll("[data-state]")) {
    const found = visits.get(group.dataset.state);
    if (!found) continue;
    const open = (event) => {
      event.stopPropagation();
      event.preventDefault();
      go({ show: `visit-${found[0]}-${found[1].number}` });
    };
    group.setAttribute("tabindex", "0");
    group.setAttribute("role", "button");
    group.setAttribute("aria-label", `${group.dataset.state}: ${found[1].status}`);
    group.addEventListener("click", open);
    group.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") open(event); });
  }
}

// Without a definition there is no graph, but still the states.
function statesCard() {
  const counts = new Map();
  for (const visit of executions[0].visits) {
    const known = counts.get(visit.name) || { visit, total: 0 };
    known.total += 1;
    if (visit.status === "failed") known.visit = visit;
    counts.set(visit.name, known);
  }
  return el("section", { class: "card" }, el("h2", {}, "States"),
    el("p", { class: "muted" }, "The definition is not known, so there is no graph."),
    el("ul", { class: "names" }, [...counts].map(([name, { visit, total }]) => el("li", {},
      link(name, () => go({ show: `visit-0-${visit.number}` })), total > 1 ? ` × ${total}` : ""))));
}

function figuresCard() {
  const { figures, coverage } = run;
  const rows = [
    ["States entered", figures.states.toLocaleString("en")],
    figures.transitions ? ["Transitions billed", figures.transitions.toLocaleString("en")] : null,
    figures.express ? ["Express executions", figures.express.toLocaleString("en")] : null,
    ["At list price", `$${figures.dollars.toFixed(6)}${figures.express ? " and the duration of the Express executions" : ""}`],
    ["Events", `${figures.events.toLocaleString("en")} of 25,000`],
    ["Took", took(executions[0].end - executions[0].start)],
  ];
  const card = el("section", { class: "card" }, el("h2", {}, "Figures"), table(rows));
  if (coverage) {
    card.append(el("h3", {}, "Run of the definition"), table([
      ["States", `${coverage.entered} of ${coverage.states}`], ["Transitions", `${coverage.taken} of ${coverage.transitions}`]]));
    if (coverage.left_out.length) {
      card.append(el("details", {}, el("summary", {}, `${counted(coverage.left_out.length, "state")} not entered`),
        el("ul", { class: "names" }, coverage.left_out.map((name) => el("li", {}, name)))));
    }
  }
  return card;
}

function notesCard() {
  if (!run.notes.length) return null;
  return el("section", { class: "card" }, el("h2", {}, "Notes"), run.notes.map((note) => el("p", {}, note)));
}

function overview() {
  return [outcomeCard(), el("div", { class: "two" }, graphCard(),
    el("div", {}, [figuresCard(), repeatCard(), notesCard()].filter(Boolean)))].filter(Boolean);
}
