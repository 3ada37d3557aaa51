// Where the reader is, which is in the address: going back and links to a place work.

const TABS = [
  ["overview", "Overview", () => overview(), null],
  ["timeline", "Timeline", timeline, null],
  ["events", "Events", events, executions[0].events.length],
  ["jobs", "Jobs", jobsView, jobs.length + functions.length],
  ["executions", "Executions", executionsView, executions.length - 1],
].filter(([, , , count]) => count !== 0);

let place = { tab: "overview", execution: 0, show: null };
let drawn = null;

function placeOf(hash) {
  const found = new URLSearchParams(hash.replace(/^#/, ""));
  const tab = TABS.some(([name]) => name === found.get("view")) ? found.get("view") : "overview";
  const execution = Number(found.get("execution") || 0);
  return { tab, execution: executions[execution] ? execution : 0, show: found.get("show") };
}

function go(change) {
  const next = { ...place, ...change };
  const words = new URLSearchParams({ view: next.tab });
  if (next.execution) words.set("execution", next.execution);
  if (next.show) words.set("show", next.show);
  // Drawn at once: a change of location.hash is told later, and what is typed until then is lost.
  if (location.hash !== `#${words}`) history.pushState(null, "", `#${words}`);
  draw();
}

function draw() {
  place = placeOf(location.hash);
  const key = `${place.tab} ${place.execution}`;
  if (drawn !== key) {
    drawn = key;
    const [, label, view] = TABS.find(([name]) => name === place.tab);
    const panel = document.getElementById("view");
    panel.setAttribute("aria-labelledby", `tab-${place.tab}`);
    // Pictures are in the page once: they go back to their place before the view is gone.
    for (const graph of panel.querySelectorAll(".graph")) document.getElementById("graphs").append(graph);
    panel.replaceChildren(...view(place));
    scrollTo(0, 0);
    say(label);
  }
  for (const tab of document.querySelectorAll('[role="tab"]')) {
    const chosen = tab.dataset.tab === place.tab;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
  }
  for (const graph of document.querySelectorAll(".chosen")) graph.classList.remove("chosen");
  show(place.show);
  markChosen();
}

function markChosen() {
  const [kind, execution, number] = (place.show || "").split("-");
  if (kind !== "visit" || !executions[execution] || !executions[execution].visits[number]) return;
  const name = executions[execution].visits[number].name;
  for (const group of document.querySelectorAll("#view [data-state]")) {
    if (group.dataset.state === name) group.classList.add("chosen");
  }
}

function head() {
  const execution = executions[0];
  const retries = executions.reduce((sum, each) => sum + each.visits.reduce((inner, visit) => inner + Math.max(0, visit.attempts.length - 1), 0), 0);
  const began = new Date(run.began);
  const facts = [
    [took(execution.end - execution.start), "long"], [run.figures.states.toLocaleString("en"), run.figures.states === 1 ? "state entered" : "states entered"],
    retries ? [retries.toLocaleString("en"), retries === 1 ? "retry" : "retries"] : null,
    jobs.length ? [jobs.length.toLocaleString("en"), jobs.length === 1 ? "job" : "jobs"] : null,
    executions.length > 1 ? [(executions.length - 1).toLocaleString("en"), executions.length === 2 ? "more execution" : "more executions"] : null,
    [`$${run.figures.dollars.toFixed(6)}`, "at list price"],
    run.coverage ? [`${run.coverage.entered} of ${run.coverage.states}`, "states of the definition"] : null,
  ].filter(Boolean);
  document.getElementById("head").append(
    el("div", { class: "row" }, el("h1", {}, run.title), pill(execution.status)),
    el("div", { class: "muted" }, [execution.name, began.toISOString().replace("T", " ").slice(0, 19) + " UTC"].filter(Boolean).join(" · ")),
    el("ul", { class: "facts" }, facts.map(([number, text]) => el("li", {}, el("b", {}, number), ` ${text}`))));
}

function tabs() {
  const bar = document.getElementById("tabs");
  bar.append(...TABS.map(([name, label, , count]) => el("button", {
    type: "button", role: "tab", id: `tab-${name}`, "data-tab": name, "aria-controls": "view",
    onclick: () => go({ tab: name, show: place.show }),
  }, label, count ? el("span", { class: "count" }, ` ${count.toLocaleString("en")}`) : null)));
  bar.addEventListener("keydown", (event) => {
    const steps = { ArrowRight: 1, ArrowLeft: -1 };
    const all = [...bar.children];
    const from = all.indexOf(document.activeElement);
    let to = event.key in steps ? (from + steps[event.key] + all.length) % all.length : -1;
    if (event.key === "Home") to = 0;
    if (event.key === "End") to = all.length - 1;
    if (to < 0) return;
    event.preventDefault();
    all[to].focus();
    all[to].click();
  });
}

head();
tabs();
addEventListener("hashchange", draw);
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !side.hidden) go({ show: null });
  const field = document.querySelector('#view input[type="search"]');
  if (event.key === "/" && field && !["INPUT", "SELECT", "TEXTAREA"].includes(document.activeElement.tagName)) {
    event.preventDefault();
    field.focus();
  }
});
draw();
