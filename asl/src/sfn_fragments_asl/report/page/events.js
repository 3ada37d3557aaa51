// The history, event by event.

const GROUPS = {
  "All events": () => true,
  "Errors": (type) => /Failed|TimedOut|Aborted/.test(type),
  "States entered and left": (type) => /State(Entered|Exited)$/.test(type),
  "Calls": (type) => /^(Task|LambdaFunction|Activity)(?!State)/.test(type),
  "Maps and branches": (type) => /^(Map|Parallel)(?!State(Entered|Exited))/.test(type),
  "The execution": (type) => /^Execution/.test(type),
};

function toldOf(details) {
  if (details < 0) return "";
  const told = parsed(details) || {};
  const error = told.error ? `${told.error} ` : "";
  const resource = told.resourceType ? `${told.resourceType}:${told.resource} ` : "";
  const cause = typeof told.cause === "string" ? told.cause : "";
  return `${resource}${error}${cause}`;
}

function events(place) {
  const execution = executions[place.execution];
  const wrong = run.types.map((type) => GROUPS.Errors(type));
  let query = "", group = GROUPS["All events"];
  const nameOf = (event) => (event[3] < 0 ? "" : execution.visits[event[3]].name);
  const list = new LongList({
    label: "Events", height: 28, empty: execution.left_out ? `The ${counted(execution.left_out, "event")} of this execution are left out of a page of this size.` : undefined,
    open: (event) => go({ show: `event-${execution.index}-${event[0]}` }),
    row: (event) => ({
      kind: wrong[event[1]] ? "bad" : "",
      content: [el("span", { class: "cell-number" }, String(event[0])), el("span", { class: "cell-time" }, at(event[2])),
        el("span", { class: "cell-type" }, run.types[event[1]]), el("span", { class: "cell-state" }, nameOf(event)),
        el("span", { class: "cell-told" }, toldOf(event[5]))],
    }),
  });
  const told = el("span", { class: "muted", role: "status" });
  const apply = () => {
    const wanted = run.types.map((type) => group(type));
    const named = run.types.map((type) => type.toLowerCase().includes(query));
    const shown = execution.events.filter((event) => wanted[event[1]] && (!query || named[event[1]] || nameOf(event).toLowerCase().includes(query)));
    told.textContent = `${shown.length.toLocaleString("en")} of ${counted(execution.events.length, "event")}`;
    list.show(shown, shown.findIndex((event) => place.show === `event-${execution.index}-${event[0]}`));
  };
  const choice = el("select", { "aria-label": "Kind of events", onchange: (event) => { group = GROUPS[event.target.value]; apply(); } },
    Object.keys(GROUPS).map((name) => el("option", {}, name)));
  requestAnimationFrame(apply);
  apply();
  return [crumbs(execution), el("div", { class: "row bar-of-tools" }, filterField("Filter by state or type", (text) => { query = text; apply(); }), choice, told), list.element].filter(Boolean);
}
