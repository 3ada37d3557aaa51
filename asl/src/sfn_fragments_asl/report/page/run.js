// The run, as the page was given it.

const run = JSON.parse(document.getElementById("run-data").textContent);

// Texts are most of a page; they are read when the first one is shown.
let allTexts = null;

function rawText(number) {
  if (number === undefined || number === null || number < 0) return null;
  if (allTexts === null) allTexts = JSON.parse(document.getElementById("text-data").textContent);
  return allTexts[number];
}

// {text, size}: size is that of the whole text in bytes, where it is cut.
function textOf(number) {
  const raw = rawText(number);
  if (raw === null || raw === undefined) return null;
  return Array.isArray(raw) ? { text: raw[0], size: raw[1] } : { text: raw, size: null };
}

function parsed(number) {
  const found = textOf(number);
  if (found === null || found.size !== null) return undefined;
  try {
    return JSON.parse(found.text);
  } catch {
    return undefined;
  }
}

const executions = run.executions;
for (const [index, execution] of executions.entries()) {
  execution.index = index;
  execution.visits ||= [];
  execution.events ||= [];
  execution.children = new Map();
  for (const [number, visit] of execution.visits.entries()) {
    visit.number = number;
    visit.attempts ||= [];
  }
}
for (const execution of executions) {
  if (!execution.parent) continue;
  const [parent, visit] = execution.parent;
  const { children } = executions[parent];
  if (!children.has(visit)) children.set(visit, []);
  children.get(visit).push(execution);
}
const RANK = { FAILED: 0, TIMED_OUT: 0, ABORTED: 1, RUNNING: 2, SUCCEEDED: 3 };
const failedFirst = (one, other) => RANK[one.status] - RANK[other.status] || one.index - other.index;
const jobs = run.jobs || [];
const functions = run.functions || [];

function executionName(execution) {
  if (execution.kind === "item") return `item ${execution.item} (${execution.name.slice(0, 8)})`;
  return execution.name || execution.machine || "execution";
}

function childrenOf(execution, number) {
  return (execution.children.get(number) || []).sort(failedFirst);
}

function ended(execution, visit) {
  return visit.end === undefined ? execution.end : visit.end;
}

function visitsOf(execution, name) {
  return execution.visits.filter((visit) => visit.name === name);
}
