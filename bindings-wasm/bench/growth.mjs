// How the time of the work of rows 8 to 10, and of the other three, grows with its input. Prints a JSON
// line for each work and size; `make bench` draws them.

import assert from "node:assert/strict";
import {
  checkJson,
  ContextManager,
  debugView,
  InjectionPayload,
  injectContextRequest,
  parseVariables,
  Policy,
  StateUpdate,
} from "cognigy-context";

const SIZES = [100, 316, 1_000, 3_162, 10_000, 31_623, 100_000, 316_228, 1_000_000];
const SCOPES = ["session", "user", "global", "bot"];

/** So many variables of the kinds that CRMs have. */
function values(count) {
  const kinds = [
    () => "gold, since the spring",
    (index) => index,
    (index) => index * 1.25,
    () => true,
    (index) => ["crm", index],
    (index) => ({ id: `A-${index}`, open: true }),
  ];
  const given = {};
  for (let index = 0; index < count; index++) {
    given[`variable_${index}`] = kinds[index % kinds.length](index);
  }
  return given;
}

/** The answer that shows so many variables, as flows store them: as text. */
function answer(count) {
  const kinds = [
    () => "gold since spring",
    (index) => String(index),
    () => "129.5",
    () => "true",
    (index) => `{"id":"A-${index}","open":true}`,
  ];
  const variables = Array.from({ length: count }, (_, index) => ({
    name: `variable_${index}`,
    value: kinds[index % kinds.length](index),
    scope: SCOPES[index % SCOPES.length],
  }));
  return Buffer.from(JSON.stringify({ variables }));
}

/** Seconds of the processor's time so far: what else the machine does is not what grows. */
function clock() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** The median of the seconds of a call, over a fifth of a second. */
function seconds(work) {
  const timed = (calls) => {
    const start = clock();
    for (let call = 0; call < calls; call++) work();
    return (clock() - start) / calls;
  };
  // Long calls twice: the smaller sizes have made the engine compile them.
  const first = timed(1);
  if (first > 0.3) return Math.min(first, timed(1));
  // Until the engine has compiled it.
  const warm = clock();
  while (clock() - warm < 0.1) work();
  const calls = 1 + Math.floor(0.002 / timed(2));
  const rounds = [];
  const start = clock();
  while (rounds.length < 3 || clock() - start < 0.2) rounds.push(timed(calls));
  return rounds.sort((a, b) => a - b)[rounds.length >> 1];
}

function report(work, rows, size, call) {
  const line = { language: "Node", growth: work, rows, size, seconds: seconds(call) };
  console.log(JSON.stringify(line));
}

/** All was gone through, and nothing found but that it is more than one request takes. */
function hold({ issues, sizes }, size) {
  assert.ok(issues.every(({ code }) => code === "payload_too_large"));
  assert.ok(sizes.jsonBytes > 10 * size);
}

const policy = new Policy("platform", { maxContextBytes: null, maxPayloadBytes: null });
const call = { baseUrl: "https://api.example", sessionId: "s", userId: "u", policy };

let firstUpdate = 0;

for (const size of SIZES) {
  const given = values(size);
  const text = JSON.stringify(given);
  assert.ok(checkJson(text, policy).ok);
  report("check of JSON text", "8", size, () => checkJson(text, policy));

  const written = () => injectContextRequest({ ...call, context: given }).body;
  assert.equal(written(), JSON.stringify({ userId: "u", context: given }));
  report("check and write", "9", size, written);

  // Their limits are the APIs' and stay: beyond them a body is refused after the same work.
  const variables = Object.entries(given).map(([key, value], index) => ({
    key,
    value,
    scope: SCOPES[index % 3],
  }));
  const payload = () => new InjectionPayload("s", variables).check();
  hold(payload(), size);
  report("payload of an injection", "", size, payload);
  const update = () => new StateUpdate({ session: given }).check();
  hold(update(), size);
  report("state update", "", size, update);

  const page = answer(size);
  const view = () => debugView(parseVariables(page));
  assert.equal(Object.keys(view()).length, size);
  report("response to debug view", "10", size, view);

  // The first update of a context makes the wasm memory grow page by page. Once that takes seconds,
  // larger contexts are left out, and their lines in the picture end.
  if (firstUpdate < 2) {
    const fresh = () => new ContextManager({ maxSizeBytes: Number.MAX_SAFE_INTEGER });
    const manager = fresh();
    const start = clock();
    manager.update("s", given);
    firstUpdate = clock() - start;
    const updated = () => manager.update("s", { variable_1: 2 }).context;
    assert.equal(Object.keys(updated()).length, size);
    report("update of a context", "", size, updated);
    report("first update of a context", "", size, () => fresh().update("s", given));
  }

  report("JSON.stringify alone", "", size, () => JSON.stringify(given));
  report("JSON.parse alone", "", size, () => JSON.parse(text));
}
