/** A panic in the core: the caller gets an error, and the package works on in a new instance. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { breakPackage, TRIGGER } from "./support/broken.mjs";
import { project } from "./support/project.mjs";
import { apiKey, startSandbox } from "./support/sandbox.mjs";

const folder = join(project, "broken");
breakPackage(folder);
const api = createRequire(join(folder, "main.mjs"))(join(folder, "pkg", "cjs", "node.js"));
const { check, checkJson, Client, ContextManager, InternalError, Policy, Schema } = api;

let sandbox;
before(async () => (sandbox = await startSandbox()));
after(() => sandbox?.stop());

/** JSON text of an object, as many bytes long as it takes. */
const text = `{"a":"${"x".repeat(TRIGGER - 8)}"}`;

function panicInRules() {
  assert.throws(() => checkJson(text), InternalError);
}

/** Arms the client's module: what is sent went into the buffers of both. */
function armClient(client) {
  const call = client.injectContext("armed", "u", JSON.parse(text));
  panicInRules();
  return call;
}

/** Answers the call that armed it. */
function panicInClient(client) {
  const call = armClient(client);
  assert.throws(() => client.metrics(), InternalError);
  return assert.rejects(call, InternalError);
}

function panicInDocuments() {
  assert.throws(() => new Schema(true).apply(JSON.parse(text)), InternalError);
}

test("the one who calls gets an error that says so, with what stopped the core", () => {
  try {
    checkJson(text);
    assert.fail("it did not panic");
  } catch (error) {
    assert.ok(error instanceof InternalError && error instanceof api.CognigyError);
    assert.equal(error.name, "InternalError");
    assert.ok(error.cause instanceof WebAssembly.RuntimeError);
    assert.doesNotMatch(String(error), /xxx/);
  }
});

test("the next call has a new instance", () => {
  for (let round = 0; round < 20; round++) {
    panicInRules();
    assert.equal(check({ "a.b": 1 }).issues[0].code, "unreadable_key");
    assert.equal(api.coerce("42"), 42);
  }
});

test("a policy that was made before is made again", () => {
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

test("a schema that was made before is made again", () => {
  const schema = new Schema({ properties: { tier: { default: "silver" } } });
  panicInDocuments();
  assert.deepEqual(schema.apply({}), { tier: "silver" });
});

test("a context manager says that its contexts are gone, and a new one works", () => {
  const manager = new ContextManager();
  manager.update("s", { a: 1 });
  panicInDocuments();
  for (const use of [() => manager.update("s", { b: 2 }), () => manager.inspect("s"), () => manager.sweep()]) {
    assert.throws(use, (error) => error instanceof InternalError && /make a new manager/.test(error.message));
  }
  manager.free();
  assert.deepEqual(new ContextManager().update("s", { b: 2 }).context, { b: 2 });
});

test("a manager that panics in an update is not used any further", () => {
  const manager = new ContextManager();
  assert.throws(() => manager.update("s", JSON.parse(text)), InternalError);
  assert.throws(() => manager.inspect("s"), InternalError);
});

test("a module that panics leaves the others alone", async () => {
  const manager = new ContextManager();
  const client = new Client({ baseUrl: sandbox.url, apiKey });
  manager.update("s", { a: 1 });
  const call = client.injectContext("p-0", "u", { a: 1 });
  panicInRules();
  assert.deepEqual(await call, { a: 1 });
  assert.equal(client.auditTrail().length, 1, "it remembers what it did");
  await panicInClient(client);
  assert.deepEqual(manager.inspect("s").current_context, { a: 1 });
});

test("a client that was made before works on, its copies too", async () => {
  const client = new Client({ baseUrl: sandbox.url, apiKey });
  const copy = client.withDeadline(600);
  assert.deepEqual(await client.injectContext("p-1", "u", { a: 1 }), { a: 1 });
  await panicInClient(client);
  assert.deepEqual(await copy.injectContext("p-1", "u", { b: 2 }), { a: 1, b: 2 });
  assert.deepEqual(await client.injectContext("p-1", "u", { c: 3 }), { a: 1, b: 2, c: 3 });
});

test("calls under way are told, none of them hangs, and nothing ends the process", async () => {
  const answers = [];
  let haveLeft;
  const left = new Promise((resolve) => (haveLeft = resolve));
  const client = new Client({
    baseUrl: sandbox.url,
    apiKey,
    maxConcurrent: 8,
    fetch: (url, init) => {
      const answer = fetch(url, init);
      if (answers.push(answer) === 8) haveLeft();
      return answer;
    },
  });
  const unhandled = [];
  const note = (error) => unhandled.push(error);
  process.on("uncaughtException", note);
  process.on("unhandledRejection", note);
  const calls = Array.from({ length: 8 }, (_, at) => client.injectContext(`p-2-${at}`, "u", { at }));
  await left;
  await panicInClient(client);
  for (const outcome of await Promise.allSettled(calls)) {
    assert.equal(outcome.status, "rejected");
    assert.ok(outcome.reason instanceof InternalError, String(outcome.reason));
  }
  assert.deepEqual(await client.injectContext("p-3", "u", { a: 1 }), { a: 1 });
  // What is answered to the instance that is gone comes after all, and finds nobody.
  await Promise.allSettled(answers);
  await client.injectContext("p-3", "u", { b: 2 });
  process.off("uncaughtException", note);
  process.off("unhandledRejection", note);
  assert.deepEqual(unhandled, []);
});

test("a panic while the host calls back is told to the call, and ends no process", async () => {
  const client = new Client({ baseUrl: sandbox.url, apiKey });
  const unhandled = [];
  const note = (error) => unhandled.push(error);
  process.on("uncaughtException", note);
  process.on("unhandledRejection", note);
  const call = client.injectContext("p-4", "u", { a: 1 });
  // Armed without a panic: that comes when the call goes on.
  const other = armClient(client);
  await Promise.all([call, other].map((call) => assert.rejects(call, InternalError)));
  assert.deepEqual(await client.injectContext("p-4", "u", { b: 2 }).then((context) => context.b), 2);
  process.off("uncaughtException", note);
  process.off("unhandledRejection", note);
  assert.deepEqual(unhandled, []);
});

test("a bulk under way is told", async () => {
  const client = new Client({ baseUrl: sandbox.url, apiKey });
  const items = async function* () {
    for (let at = 0; ; at++) {
      yield { sessionId: `p-5-${at}`, userId: "u", context: at === 3 ? JSON.parse(text) : { at } };
    }
  };
  await assert.rejects(async () => {
    for await (const _ of client.injectMany(items())) continue;
  }, InternalError);
  panicInRules();
  assert.deepEqual(await client.injectContext("p-6", "u", { a: 1 }), { a: 1 });
});

test("a stack that overflows in the core is such a panic", () => {
  const deep = (level) => {
    try {
      return deep(level + 1);
    } catch {
      return check({ a: [1, { b: "x" }] }).ok;
    }
  };
  // Whatever becomes of the calls near the end of the stack, what follows is as ever.
  try {
    deep(0);
  } catch (error) {
    assert.ok(error instanceof InternalError || error instanceof RangeError, String(error));
  }
  assert.equal(check({ "a.b": 1 }).issues[0].code, "unreadable_key");
});
