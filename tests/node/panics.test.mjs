/** A panic in the core: the caller gets an InternalError, and the package continues in a new instance. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { breakPackage, TRIGGER } from "./support/broken_package.mjs";
import { project } from "./support/project.mjs";
import { apiKey, startSandbox } from "./support/sandbox.mjs";

const folder = join(project, "broken");
breakPackage(folder);
const api = createRequire(join(folder, "main.mjs"))(join(folder, "pkg", "cjs", "node.js"));
const { check, checkJson, Client, ContextManager, InternalError, Policy, Schema } = api;

let sandbox;
before(async () => (sandbox = await startSandbox()));
after(() => sandbox?.stop());

/** JSON text of `TRIGGER` bytes, which arms a panic. */
const text = `{"a":"${"x".repeat(TRIGGER - 8)}"}`;

/** Makes the module of the rules panic. */
function panicInRules() {
  assert.throws(() => checkJson(text), InternalError);
}

/**
 * Arms the client's module with a call and returns the call. The call encodes its text in the module of the
 * rules and arms that module too, so `panicInRules` replaces it.
 */
function armClient(client) {
  const call = client.injectContext("armed", "u", JSON.parse(text));
  panicInRules();
  return call;
}

/** Makes the client's module panic. Resolves when the call that armed the module is rejected. */
function panicInClient(client) {
  const call = armClient(client);
  assert.throws(() => client.metrics(), InternalError);
  return assert.rejects(call, InternalError);
}

/** Makes the module of schemas and context managers panic. */
function panicInDocuments() {
  assert.throws(() => new Schema(true).apply(JSON.parse(text)), InternalError);
}

test("the caller gets an InternalError with the RuntimeError as its cause", () => {
  try {
    checkJson(text);
    assert.fail("the core did not panic");
  } catch (error) {
    assert.ok(error instanceof InternalError && error instanceof api.CognigyError);
    assert.equal(error.name, "InternalError");
    assert.ok(error.cause instanceof WebAssembly.RuntimeError);
    assert.doesNotMatch(String(error), /xxx/);
  }
});

test("the calls after a panic succeed, 20 times", () => {
  for (let round = 0; round < 20; round++) {
    panicInRules();
    assert.equal(check({ "a.b": 1 }).issues[0].code, "unreadable_key");
    assert.equal(api.coerce("42"), 42);
  }
});

test("a policy from before a panic works, and a freed policy stays freed", () => {
  const policy = new Policy("context", { maxPayloadBytes: 10 });
  const freed = new Policy("context");
  panicInRules();
  assert.equal(check({ a: "more than ten bytes" }, policy).issues[0].code, "payload_too_large");
  assert.equal(policy.maxPayloadBytes, 10);
  policy.free();
  freed.free();
  assert.throws(() => check({}, policy), api.ConfigurationError);
  assert.ok(check({}).ok);
});

test("a schema from before a panic works", () => {
  const schema = new Schema({ properties: { tier: { default: "silver" } } });
  panicInDocuments();
  assert.deepEqual(schema.apply({}), { tier: "silver" });
});

test("a context manager from before a panic throws an InternalError, and a new manager works", () => {
  const manager = new ContextManager();
  manager.update("s", { a: 1 });
  panicInDocuments();
  for (const use of [() => manager.update("s", { b: 2 }), () => manager.inspect("s"), () => manager.sweep()]) {
    assert.throws(use, (error) => error instanceof InternalError && /Create a new manager/.test(error.message));
  }
  manager.free();
  assert.deepEqual(new ContextManager().update("s", { b: 2 }).context, { b: 2 });
});

test("a context manager that panics in an update throws an InternalError afterwards", () => {
  const manager = new ContextManager();
  assert.throws(() => manager.update("s", JSON.parse(text)), InternalError);
  assert.throws(() => manager.inspect("s"), InternalError);
});

test("a panic in one module does not affect the others", async () => {
  const manager = new ContextManager();
  const client = new Client({ baseUrl: sandbox.url, apiKey });
  manager.update("s", { a: 1 });
  const call = client.injectContext("p-0", "u", { a: 1 });
  panicInRules();
  assert.deepEqual(await call, { a: 1 });
  assert.equal(client.auditTrail().length, 1, "the client keeps its audit trail");
  await panicInClient(client);
  assert.deepEqual(manager.inspect("s").current_context, { a: 1 });
});

test("a client and its copy from before a panic work", async () => {
  const client = new Client({ baseUrl: sandbox.url, apiKey });
  const copy = client.withDeadline(600);
  assert.deepEqual(await client.injectContext("p-1", "u", { a: 1 }), { a: 1 });
  await panicInClient(client);
  assert.deepEqual(await copy.injectContext("p-1", "u", { b: 2 }), { a: 1, b: 2 });
  assert.deepEqual(await client.injectContext("p-1", "u", { c: 3 }), { a: 1, b: 2, c: 3 });
});

test("pending calls reject with InternalError, and no error is unhandled", async () => {
  const responses = [];
  let allSent;
  const sent = new Promise((resolve) => (allSent = resolve));
  const client = new Client({
    baseUrl: sandbox.url,
    apiKey,
    maxConcurrent: 8,
    fetch: (url, init) => {
      const response = fetch(url, init);
      if (responses.push(response) === 8) allSent();
      return response;
    },
  });
  const unhandled = [];
  const record = (error) => unhandled.push(error);
  process.on("uncaughtException", record);
  process.on("unhandledRejection", record);
  const calls = Array.from({ length: 8 }, (_, n) => client.injectContext(`p-2-${n}`, "u", { n }));
  await sent;
  await panicInClient(client);
  for (const outcome of await Promise.allSettled(calls)) {
    assert.equal(outcome.status, "rejected");
    assert.ok(outcome.reason instanceof InternalError, String(outcome.reason));
  }
  assert.deepEqual(await client.injectContext("p-3", "u", { a: 1 }), { a: 1 });
  // Responses for the lost instance still arrive and are ignored.
  await Promise.allSettled(responses);
  await client.injectContext("p-3", "u", { b: 2 });
  process.off("uncaughtException", record);
  process.off("unhandledRejection", record);
  assert.deepEqual(unhandled, []);
});

test("a panic in a callback of a promise rejects the pending calls, and no error is unhandled", async () => {
  const client = new Client({ baseUrl: sandbox.url, apiKey });
  const unhandled = [];
  const record = (error) => unhandled.push(error);
  process.on("uncaughtException", record);
  process.on("unhandledRejection", record);
  const call = client.injectContext("p-4", "u", { a: 1 });
  // `armClient` only arms the module: the panic comes when a call continues after its `fetch`.
  const other = armClient(client);
  await Promise.all([call, other].map((call) => assert.rejects(call, InternalError)));
  assert.deepEqual(await client.injectContext("p-4", "u", { b: 2 }).then((context) => context.b), 2);
  process.off("uncaughtException", record);
  process.off("unhandledRejection", record);
  assert.deepEqual(unhandled, []);
});

test("a pending bulk rejects with InternalError, and a new call succeeds", async () => {
  const client = new Client({ baseUrl: sandbox.url, apiKey });
  const items = async function* () {
    for (let n = 0; ; n++) {
      yield { sessionId: `p-5-${n}`, userId: "u", context: n === 3 ? JSON.parse(text) : { n } };
    }
  };
  await assert.rejects(async () => {
    for await (const _ of client.injectMany(items())) continue;
  }, InternalError);
  panicInRules();
  assert.deepEqual(await client.injectContext("p-6", "u", { a: 1 }), { a: 1 });
});

test("a stack overflow throws at most an InternalError or a RangeError, and the next call succeeds", () => {
  const deep = (level) => {
    try {
      return deep(level + 1);
    } catch {
      return check({ a: [1, { b: "x" }] }).ok;
    }
  };
  // Calls near the end of the stack may fail; the next one must not.
  try {
    deep(0);
  } catch (error) {
    assert.ok(error instanceof InternalError || error instanceof RangeError, String(error));
  }
  assert.equal(check({ "a.b": 1 }).issues[0].code, "unreadable_key");
});
