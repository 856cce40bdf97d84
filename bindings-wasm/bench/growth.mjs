// Measures how the time of each operation grows with the number of variables. Prints a JSON line for each
// operation and number of variables. `make bench` draws the lines.

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

/** Creates a context of `count` variables: text, numbers, booleans, lists and objects. */
function createContext(count) {
  const kinds = [
    () => "gold, since the spring",
    (index) => index,
    (index) => index * 1.25,
    () => true,
    (index) => ["crm", index],
    (index) => ({ id: `A-${index}`, open: true }),
  ];
  const context = {};
  for (let index = 0; index < count; index++) {
    context[`variable_${index}`] = kinds[index % kinds.length](index);
  }
  return context;
}

/** Creates the bytes of a response with `count` variables. Their values are text, as the API returns them. */
function createResponse(count) {
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

/** Returns the CPU seconds of this process, which do not include other programs. */
function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/**
 * Returns the CPU seconds of a call: the median of rounds during 0.2 s. For a call of more than 0.3 s, returns
 * the shorter of two calls.
 */
function measure(run) {
  const timeCalls = (calls) => {
    const start = cpuSeconds();
    for (let call = 0; call < calls; call++) run();
    return (cpuSeconds() - start) / calls;
  };
  // Runs a long call only twice: the engine compiled the code during the smaller sizes.
  const first = timeCalls(1);
  if (first > 0.3) return Math.min(first, timeCalls(1));
  // Warms up until the engine has compiled the code.
  const warmUpStart = cpuSeconds();
  while (cpuSeconds() - warmUpStart < 0.1) run();
  const calls = 1 + Math.floor(0.002 / timeCalls(2));
  const rounds = [];
  const start = cpuSeconds();
  while (rounds.length < 3 || cpuSeconds() - start < 0.2) rounds.push(timeCalls(calls));
  return rounds.sort((a, b) => a - b)[rounds.length >> 1];
}

/**
 * Measures and prints an operation. `rows` is the row of BENCHMARKS.md that measures the same operation, or an
 * empty string. `size` is the number of variables.
 */
function report(operation, rows, size, run) {
  const line = { language: "Node", growth: operation, rows, size, seconds: measure(run) };
  console.log(JSON.stringify(line));
}

/** Asserts that the check measured all `size` variables and found no issue except their size. */
function assertOnlyTooLarge({ issues, sizes }, size) {
  assert.ok(issues.every(({ code }) => code === "payload_too_large"));
  assert.ok(sizes.jsonBytes > 10 * size);
}

const policy = new Policy("platform", { maxContextBytes: null, maxPayloadBytes: null });
const address = { baseUrl: "https://api.example", sessionId: "s", userId: "u", policy };

let firstUpdateSeconds = 0;

for (const size of SIZES) {
  const context = createContext(size);
  const text = JSON.stringify(context);
  assert.ok(checkJson(text, policy).ok);
  report("check of JSON text", "8", size, () => checkJson(text, policy));

  const write = () => injectContextRequest({ ...address, context }).body;
  assert.equal(write(), JSON.stringify({ userId: "u", context }));
  report("check and write", "9", size, write);

  // The limits of these APIs cannot be lifted. The check of a body that exceeds them does the same work.
  const variables = Object.entries(context).map(([key, value], index) => ({
    key,
    value,
    scope: SCOPES[index % 3],
  }));
  const payload = () => new InjectionPayload("s", variables).check();
  assertOnlyTooLarge(payload(), size);
  report("payload of an injection", "", size, payload);
  const update = () => new StateUpdate({ session: context }).check();
  assertOnlyTooLarge(update(), size);
  report("state update", "", size, update);

  const page = createResponse(size);
  const view = () => debugView(parseVariables(page));
  assert.equal(Object.keys(view()).length, size);
  report("response to debug view", "10", size, view);

  // During the first update of a context the WebAssembly memory grows page by page. After a first update of
  // 2 s or more, larger contexts are skipped.
  if (firstUpdateSeconds < 2) {
    const createManager = () => new ContextManager({ maxSizeBytes: Number.MAX_SAFE_INTEGER });
    const manager = createManager();
    const start = cpuSeconds();
    manager.update("s", context);
    firstUpdateSeconds = cpuSeconds() - start;
    const updateAgain = () => manager.update("s", { variable_1: 2 }).context;
    assert.equal(Object.keys(updateAgain()).length, size);
    report("update of a context", "", size, updateAgain);
    report("first update of a context", "", size, () => createManager().update("s", context));
  }

  report("JSON.stringify alone", "", size, () => JSON.stringify(context));
  report("JSON.parse alone", "", size, () => JSON.parse(text));
}
