// The panel at the side: a visit of a state, an event, a job, a function, an execution.

const side = document.getElementById("side");
let cameFrom = null;

function openSide(kind, title, status, facts, content, steps = null) {
  if (side.hidden) cameFrom = document.activeElement;
  const close = button("Close", () => go({ show: null }), { id: "close" });
  const heading = el("h2", { tabindex: "-1" }, title);
  side.replaceChildren(
    el("div", { class: "side-head" },
      el("div", { class: "row" },
        el("div", { class: "grow" }, el("div", { class: "muted" }, kind), heading), status ? pill(status) : null, close),
      el("div", { class: "row" }, el("span", { class: "muted grow" }, facts.filter(Boolean).join(" · ")), steps)),
    el("div", { class: "side-body" }, content.filter(Boolean)));
  side.hidden = false;
  side.scrollTop = 0;
  // On a phone it covers the page: reading goes on in it.
  if (getComputedStyle(side).position === "fixed") heading.focus({ preventScroll: true });
}

function closeSide() {
  if (side.hidden) return;
  side.hidden = true;
  if (cameFrom && cameFrom.isConnected) cameFrom.focus({ preventScroll: true });
}

function errorSection(error, cause) {
  if (!error && cause === undefined) return null;
  const found = textOf(cause);
  const block = found && found.text ? codeBlock(plainLines(cause), "Cause", false) : null;
  return section("Error", el("p", { class: "error-name" }, error || "no name"), cutNote(cause), block);
}

function stepsOf(execution, visit) {
  const all = visitsOf(execution, visit.name);
  if (all.length < 2) return null;
  const place = all.indexOf(visit);
  const to = (other) => go({ show: `visit-${execution.index}-${all[other].number}` });
  return el("span", { class: "row" },
    button("‹", () => to(place - 1), { "aria-label": "Visit before", disabled: place === 0 }),
    el("span", { class: "muted" }, `${place + 1} of ${all.length} visits`),
    button("›", () => to(place + 1), { "aria-label": "Next visit", disabled: place === all.length - 1 }));
}

function showVisit(execution, visit) {
  const from = executionName(execution);
  const facts = [
    at(visit.start), took(ended(execution, visit) - visit.start),
    visit.attempts.length > 1 ? `${visit.attempts.length} attempts` : null,
    visit.item !== undefined ? `item ${visit.item}` : null, execution.index ? from : null,
  ];
  const first = visit.attempts.at(-1);
  const content = [
    errorSection(visit.error, visit.cause),
    ...visit.attempts.flatMap((attempt) => (attempt.jobs || []).map((index) => jobLine(index))),
    ...visit.attempts.filter((attempt) => attempt.function !== undefined).map((attempt) => functionLine(attempt.function)),
    childrenSection(execution, visit),
    valueSection("Input", visit.input),
    first ? valueSection("Arguments", first.request, visit.input, "input") : null,
    first ? valueSection("Result", first.answer) : null,
    valueSection("Output", visit.output, visit.input, "input"),
    variablesSection(execution, visit),
    attemptsSection(visit),
    allowedSection(visit),
    section("In the history", link(`Event ${visit.event}`, () =>
      go({ tab: "events", execution: execution.index, show: `event-${execution.index}-${visit.event}` }))),
  ];
  openSide(visit.type, visit.name, visit.status, facts, content, stepsOf(execution, visit));
}

function jobLine(index) {
  const job = jobs[index];
  return el("section", { class: "section row" }, el("h3", {}, "Job"),
    link(job.name, () => go({ show: `job-${index}` })), pill(job.status),
    job.exit_code === undefined ? null : el("span", { class: "muted" }, `exit code ${job.exit_code}`));
}

function functionLine(index) {
  const call = functions[index];
  return el("section", { class: "section row" }, el("h3", {}, "Function"),
    link(call.name, () => go({ show: `function-${index}` })), pill(call.status));
}

function childrenSection(execution, visit) {
  const children = childrenOf(execution, visit.number);
  if (!children.length) return null;
  const failed = children.filter((child) => child.status !== "SUCCEEDED").length;
  const some = children.slice(0, 20).map((child) => el("li", {},
    pill(child.status), " ", link(executionName(child), () => go({ tab: "timeline", execution: child.index, show: null })),
    child.error ? el("span", { class: "muted" }, ` ${child.error}`) : null));
  const rest = children.length > 20
    ? link(`All ${children.length.toLocaleString("en")}`, () => go({ tab: "executions", show: null })) : null;
  return section(`Executions (${children.length.toLocaleString("en")}${failed ? `, ${failed.toLocaleString("en")} not succeeded` : ""})`,
    el("ul", { class: "names" }, some), rest);
}

// Variables that are visible to a visit: those of the visits around it and before it.
function variablesBefore(execution, visit) {
  const around = new Set([undefined]);
  for (let one = visit; one !== undefined; one = execution.visits[one.parent]) around.add(one.parent);
  const before = {};
  for (const other of execution.visits.slice(0, visit.number)) {
    if (other.end !== undefined && other.end <= visit.start && around.has(other.parent)) Object.assign(before, other.assigned || {});
  }
  return before;
}

function variablesSection(execution, visit) {
  const before = variablesBefore(execution, visit);
  const assigned = visit.assigned || {};
  if (!Object.keys(before).length && !Object.keys(assigned).length) return null;
  const values = (named) => Object.fromEntries(Object.entries(named).map(([name, number]) => {
    const value = parsed(number);
    return [name, value === undefined ? textOf(number).text : value];
  }));
  const was = values(before);
  const lines = folded(diffLines(was, { ...was, ...values(assigned) }));
  return section("Variables", Object.keys(assigned).length ? null : el("p", { class: "muted" }, "It assigns none."),
    codeBlock(lines, "Variables", true));
}

function attemptsSection(visit) {
  if (!visit.attempts.length) return null;
  const parts = visit.attempts.map((attempt, index) => {
    const before = visit.attempts[index - 1];
    const waited = before && before.end !== undefined ? `after ${took(attempt.start - before.end)}` : null;
    const nested = attempt.execution === undefined ? null
      : link("its execution", () => go({ tab: "timeline", execution: attempt.execution, show: null }));
    return el("details", { open: visit.attempts.length === 1 || Boolean(attempt.error) },
      el("summary", {}, `${index + 1}. ${attempt.resource} `, pill(attempt.error ? "failed" : attempt.end === undefined ? "unfinished" : "succeeded"),
        " ", el("span", { class: "muted" }, [at(attempt.start), took(attempt.end === undefined ? null : attempt.end - attempt.start), waited].filter(Boolean).join(" · "))),
      el("div", {}, nested, attempt.error ? errorSection(attempt.error, attempt.cause) : null,
        valueSection("Request", attempt.request), valueSection("First answer", attempt.submitted), valueSection("Answer", attempt.answer)));
  });
  return section(`Service call (${counted(visit.attempts.length, "attempt")})`, parts);
}

function allowedSection(visit) {
  if (!visit.allowed) return null;
  const parts = visit.allowed.map(([action, resource, statement, role]) => el("details", {},
    el("summary", {}, el("code", {}, action), " on ", el("code", {}, resource)),
    el("p", { class: "muted" }, `role ${role}`),
    statement < 0 ? el("p", { class: "muted" }, "No statement of this role is known to allow it: the role is not one of this engine, or the policy of the resource does.")
      : el("pre", { class: "code", tabindex: "0" }, jsonLines(run.statements[statement]).join("\n"))));
  return section("Allowed by", parts);
}

function showEvent(execution, id) {
  const event = execution.events.find((each) => each[0] === id);
  if (!event) return go({ show: null });
  const [, type, time, visit, previous, details] = event;
  const told = details < 0 ? {} : parsed(details) || {};
  const sections = Object.entries(told).filter(([, value]) => value !== null).map(([name, value]) => (
    value && typeof value === "object" && typeof value.text === "number"
      ? valueSection(name, value.text)
      : section(name, el("pre", { class: "code", tabindex: "0" }, typeof value === "string" ? value : jsonLines(value).join("\n")))));
  const toVisit = visit < 0 ? null : section("State", link(execution.visits[visit].name, () => go({ show: `visit-${execution.index}-${visit}` })));
  openSide(`Event ${id}`, run.types[type], null, [at(time), previous ? `follows event ${previous}` : null], [toVisit, ...sections]);
}

function environmentSection(environment = {}, secrets = {}) {
  const rows = [
    ...Object.entries(secrets).map(([name, from]) => [name, el("span", { class: "muted" }, `secret, from ${from}`)]),
    ...Object.entries(environment).sort(([one], [other]) => (one < other ? -1 : 1)),
  ];
  return section(`Environment (${rows.length})`, rows.length ? table(rows) : el("p", { class: "muted" }, "It is given no variables of its own."));
}

function shellQuoted(part) {
  return /^[\w@%+=:,./-]+$/.test(part) ? part : `'${part.replaceAll("'", "'\\''")}'`;
}

function showJob(index) {
  const job = jobs[index];
  const attempts = job.attempts || [];
  const command = (job.command || []).map(shellQuoted).join(" ");
  openSide("Batch job", job.name, job.status, [
    job.start === undefined ? null : at(job.start), job.end === undefined ? null : took(job.end - job.start),
    job.exit_code === undefined ? null : `exit code ${job.exit_code}`, job.reason,
  ], [
    logBlock("Log", job.log, job.log_size, job.line),
    job.log_stream ? commandBlock(`aws logs tail /aws/batch/job --since 30d --log-stream-names ${job.log_stream}`) : null,
    command ? section("Command", commandBlock(command)) : null,
    attempts.length ? section(`Attempts (${attempts.length})`, el("table", {},
      el("thead", {}, el("tr", {}, ["", "began", "took", "exit code", "reason"].map((name) => el("th", { scope: "col" }, name || el("span", { class: "unseen" }, "number"))))),
      el("tbody", {}, attempts.map((each, number) => el("tr", {}, [
        number + 1, each.start === undefined ? "–" : at(each.start),
        each.end === undefined ? "–" : took(each.end - each.start), each.exit_code === undefined ? "–" : each.exit_code, each.reason || "",
      ].map((cell) => el("td", {}, String(cell)))))))) : null,
    environmentSection(job.environment, job.secrets),
    job.mounts ? section("Mounts", table(job.mounts.map((mount) => [mount.target, `${mount.source}${mount.read_only ? " (read-only)" : ""}`]))) : null,
    section("Job", table([["Id", job.id], ["Image", job.image || "–"], ["Queue", job.queue || "–"], ["Definition", job.definition || "–"]])),
  ]);
}

function showFunction(index) {
  const call = functions[index];
  openSide("Lambda function", call.name, call.status, [at(call.start), took(call.end - call.start), call.handler], [
    logBlock("Log", call.log, call.log_size, call.line),
    valueSection("Event", call.event), valueSection("Answer", call.answer),
    environmentSection(call.environment),
  ]);
}

function show(what) {
  if (!what) return closeSide();
  const [kind, one, other] = what.split("-");
  const execution = executions[Number(one)];
  if (kind === "visit" && execution && execution.visits[other]) return showVisit(execution, execution.visits[other]);
  if (kind === "event" && execution) return showEvent(execution, Number(other));
  if (kind === "job" && jobs[one]) return showJob(Number(one));
  if (kind === "function" && functions[one]) return showFunction(Number(one));
  return closeSide();
}
