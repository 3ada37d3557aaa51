// When each state ran, with attempts, waits and jobs, in real time or with every step as wide.

const ROW = 30;

// Times to a share of the width.
function realScale(execution) {
  const whole = Math.max(1, execution.end - execution.start);
  return { share: (time) => Math.max(0, Math.min(1, (time - execution.start) / whole)), marks: [0, 0.25, 0.5, 0.75, 1].map((part) => [part, took(part * whole)]) };
}

// Each moment at which something happened is a step: what is short can be seen beside what is long.
function evenScale(execution) {
  const moments = new Set([execution.start, execution.end]);
  for (const visit of execution.visits) {
    moments.add(visit.start).add(ended(execution, visit));
    for (const attempt of visit.attempts) moments.add(attempt.start).add(attempt.end ?? ended(execution, visit));
  }
  const order = [...moments].sort((one, other) => one - other);
  const share = (time) => {
    let low = 0, high = order.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (order[middle] < time) low = middle + 1; else high = middle;
    }
    const before = order[Math.max(0, low - 1)], after = order[low];
    const part = after > before && time < after ? (time - before) / (after - before) : 1;
    return Math.max(0, Math.min(1, (Math.max(0, low - 1) + (low === 0 ? 0 : part)) / Math.max(1, order.length - 1)));
  };
  const marks = [0, 0.25, 0.5, 0.75, 1].map((part) => [part, took(order[Math.round(part * (order.length - 1))] - execution.start)]);
  return { share, marks };
}

function depths(execution) {
  const depth = [];
  for (const visit of execution.visits) depth.push(visit.parent === undefined ? 0 : depth[visit.parent] + 1);
  return depth;
}

// Visits, each before those inside of it, whatever ran at the same time.
function inOrder(execution) {
  const inside = new Map();
  for (const visit of execution.visits) {
    const key = visit.parent ?? -1;
    if (!inside.has(key)) inside.set(key, []);
    inside.get(key).push(visit);
  }
  const order = [];
  const pending = [...(inside.get(-1) || [])].reverse();
  while (pending.length) {
    const visit = pending.pop();
    order.push(visit);
    const inner = inside.get(visit.number) || [];
    if (visit.type === "Map") inner.sort((one, other) => (one.item ?? 0) - (other.item ?? 0) || one.number - other.number);
    for (let position = inner.length - 1; position >= 0; position -= 1) pending.push(inner[position]);
  }
  return order;
}

function barsOf(execution, visit, scale) {
  const bars = [];
  const add = (kind, start, end, title) => {
    const bar = el("span", { class: `span ${kind}`, title });
    const left = scale.share(start);
    bar.style.left = `min(${left * 100}%, calc(100% - 3px))`;
    bar.style.width = `${Math.max(0, scale.share(end) - left) * 100}%`;
    bars.push(bar);
  };
  const end = ended(execution, visit);
  const colour = PILLS[visit.status] || "";
  if (visit.attempts.length) {
    visit.attempts.forEach((attempt, index) => {
      const before = visit.attempts[index - 1];
      if (before && before.end !== undefined) add("waiting", before.end, attempt.start, "waiting to try again");
      add(attempt.error ? (visit.status === "succeeded" || index < visit.attempts.length - 1 ? "bad" : colour) : "good", attempt.start, attempt.end ?? end, `attempt ${index + 1}`);
      for (const job of attempt.jobs || []) {
        const { start, end: stop, status, name } = jobs[job];
        if (start !== undefined) add(`job ${status === "FAILED" ? "bad" : ""}`, start, stop ?? end, `job ${name}`);
      }
    });
  } else if (visit.type === "Wait") {
    add("waiting", visit.start, end, "waiting");
  } else {
    add(visit.type === "Map" || visit.type === "Parallel" ? `around ${colour}` : colour, visit.start, end, visit.status);
  }
  return bars;
}

function labelOf(execution, visit) {
  const started = childrenOf(execution, visit.number).length;
  const item = visit.item === undefined ? "" : ` · ${visit.item}`;
  return `${visit.name}${item}${started ? ` · ${counted(started, "execution")}` : ""}`;
}

function crumbs(execution) {
  const way = [];
  for (let one = execution; one; one = one.parent ? executions[one.parent[0]] : null) way.unshift(one);
  if (executions.length === 1) return null;
  return el("nav", { class: "row bar-of-tools", "aria-label": "Executions" }, way.flatMap((one, position) => [
    position ? el("span", { class: "muted" }, "›") : null,
    one === execution ? el("b", {}, executionName(one)) : link(executionName(one), () => go({ execution: one.index, show: null })),
  ]), pill(execution.status), link("all executions", () => go({ tab: "executions", show: null })));
}

function timeline(place) {
  const execution = executions[place.execution];
  const depth = depths(execution);
  const ordered = inOrder(execution);
  let even = false, failedOnly = false, query = "", scale = realScale(execution);
  const ruler = el("div", { class: "ruler", "aria-hidden": "true" });
  const list = new LongList({
    label: "Visits of states", height: ROW, empty: execution.left_out ? `The ${counted(execution.left_out, "event")} of this execution are left out of a page of this size.` : undefined,
    open: (visit) => go({ show: `visit-${execution.index}-${visit.number}` }),
    row: (visit) => {
      const label = el("span", { class: "cell-label" }, el("span", { class: `sign ${PILLS[visit.status] || ""}`, "aria-hidden": "true" }, SIGNS[visit.status]),
        el("span", { class: "name" }, labelOf(execution, visit)));
      label.style.paddingLeft = `${Math.min(depth[visit.number], 8) * 12}px`;
      return {
        kind: visit.status === "failed" ? "bad" : "", title: `${visit.name} (${visit.type}): ${visit.status}`,
        content: [label, el("span", { class: "unseen" }, `, ${visit.type}, ${visit.status}, `), el("span", { class: "cell-bars" }, barsOf(execution, visit, scale)),
          el("span", { class: "cell-took" }, took(ended(execution, visit) - visit.start))],
      };
    },
  });
  const told = el("span", { class: "muted", role: "status" });
  const apply = () => {
    scale = even ? evenScale(execution) : realScale(execution);
    ruler.replaceChildren(...scale.marks.map(([part, text]) => {
      const mark = el("span", {}, text);
      mark.style.left = `${part * 100}%`;
      return mark;
    }));
    const visits = ordered.filter((visit) => (!failedOnly || (visit.status !== "succeeded" || visit.attempts.length > 1)) && (!query || visit.name.toLowerCase().includes(query)));
    told.textContent = counted(visits.length, "visit");
    list.show(visits, visits.findIndex((visit) => place.show === `visit-${execution.index}-${visit.number}`));
  };
  const real = button("Real time", () => choose(false), { "aria-pressed": "true" });
  const scaled = button("Even steps", () => choose(true), { "aria-pressed": "false" });
  const choose = (value) => {
    even = value;
    real.setAttribute("aria-pressed", String(!even));
    scaled.setAttribute("aria-pressed", String(even));
    apply();
  };
  const only = el("input", { type: "checkbox", onchange: (event) => { failedOnly = event.target.checked; apply(); } });
  requestAnimationFrame(apply);
  apply();
  return [crumbs(execution),
    el("div", { class: "row bar-of-tools" }, filterField("Filter by name", (text) => { query = text; apply(); }),
      el("label", {}, only, "Errors and retries only"), real, scaled, told),
    ruler, list.element,
    el("ul", { class: "legend" }, [["good", "succeeded"], ["bad", "failed"], ["warn", "error caught"], ["waiting", "waiting"], ["around", "Map, Parallel"], ["job", "job"]].map(([kind, text]) =>
      el("li", {}, el("i", { class: `span ${kind}` }), text)))].filter(Boolean);
}
