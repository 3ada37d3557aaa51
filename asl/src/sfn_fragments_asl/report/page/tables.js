// Jobs and functions, and the executions that the run started: those that failed first.

function jobsView(place) {
  const all = [
    ...jobs.map((job, index) => ({ ...job, show: `job-${index}`, what: "job" })),
    ...functions.map((call, index) => ({ ...call, show: `function-${index}`, what: "function" })),
  ].sort((one, other) => RANK[one.status] - RANK[other.status] || (one.start ?? 0) - (other.start ?? 0));
  return listOf("Jobs and functions", all, place, (one) => [
    pill(one.status), el("span", { class: "cell-type" }, one.name), el("span", { class: "cell-time" }, one.start === undefined ? "–" : at(one.start)),
    el("span", { class: "cell-took" }, one.end === undefined ? "–" : took(one.end - one.start)),
    el("span", { class: "cell-told" }, one.what === "function" ? `function ${one.handler || ""}` : one.reason || (one.command || []).join(" ")),
  ], (one) => go({ show: one.show }));
}

function executionsView(place) {
  const all = executions.slice(1).sort(failedFirst).map((one) => ({ ...one, show: `execution-${one.index}`, name: executionName(one) }));
  return listOf("Executions", all, place, (one) => [
    pill(one.status), el("span", { class: "cell-type" }, one.name), el("span", { class: "cell-time" }, at(one.start)),
    el("span", { class: "cell-took" }, took(one.end - one.start)),
    el("span", { class: "cell-told" }, [one.machine, one.error, counted(one.entered, "state")].filter(Boolean).join(" · ")),
  ], (one) => go({ tab: "timeline", execution: one.index, show: null }));
}

function listOf(label, all, place, cells, open) {
  let query = "", failedOnly = false;
  const list = new LongList({ label, height: 34, open, row: (one) => ({ kind: RANK[one.status] < 2 ? "bad" : "", content: cells(one) }) });
  const told = el("span", { class: "muted", role: "status" });
  const apply = () => {
    const shown = all.filter((one) => (!failedOnly || RANK[one.status] < 2) && (!query || one.name.toLowerCase().includes(query)));
    told.textContent = `${shown.length.toLocaleString("en")} of ${all.length.toLocaleString("en")}`;
    list.show(shown, shown.findIndex((one) => place.show && place.show.startsWith(one.show)));
  };
  const only = el("input", { type: "checkbox", onchange: (event) => { failedOnly = event.target.checked; apply(); } });
  requestAnimationFrame(apply);
  apply();
  return [el("div", { class: "row bar-of-tools" }, filterField("Filter by name", (text) => { query = text; apply(); }), el("label", {}, only, "Failed only"), told), list.element];
}
