/** Runs each example of `examples/code-node` in an isolate, with the globals of a Code node. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { packageFolder } from "../node/support/project.mjs";
import { newContext } from "./support/isolates.mjs";

const script = readFileSync(join(packageFolder, "pkg", "code-node.js"), "utf8");
/** Returns the text of an example. */
const readExample = (name) =>
  readFileSync(new URL(`../../examples/code-node/${name}`, import.meta.url), "utf8");

/** The `api` that the platform passes to a Code node. `addToContext` writes a dotted key as nested objects. */
const flow = `
  const logged = [];
  const api = {
    addToContext(key, value, mode) {
      const names = key.split(".");
      const last = names.pop();
      let target = context;
      for (const name of names) target = target[name] ??= {};
      if (mode === "array") (target[last] ??= []).push(value);
      else target[last] = value;
    },
    log: (level, text) => void logged.push(level + " " + text),
  };`;

/** Runs the script of the package and an example in one paste. Returns `{input, context, logged}` afterwards. */
async function run(name, overrides) {
  const host = await newContext();
  const globals = { input: {}, context: {}, profile: {}, ...overrides };
  for (const [name, value] of Object.entries(globals)) {
    await host.global.set(name, value, { copy: true });
  }
  await host.eval(flow);
  const paste = `${script}\n${readExample(name)}`;
  assert.ok(paste.length <= 200_000, "the paste has at most 200,000 characters, the limit of the editor");
  await host.eval(paste);
  return host.eval("({ input, context, logged })", { copy: true });
}

test("remember-order writes an order with its time as text, and stores the size of the order", async () => {
  const data = { order: "A-7", tier: "gold", orderedAt: 1_767_225_600_000 };
  const found = await run("remember-order.js", {
    input: { data },
    profile: { customerId: "c-1" },
    context: { topic: "delivery" },
  });
  assert.deepEqual(found.context, {
    topic: "delivery",
    customer: { id: "c-1", tier: "gold" },
    order_number: "A-7",
    ordered_at: "2026-01-01T00:00:00.000Z",
  });
  assert.deepEqual(found.logged, []);
  assert.equal(found.input.orderRemembered, true);
  // The platform counts 2 bytes for each UTF-16 unit of a text or key.
  const platformBytes = (text) => 2 * text.length;
  const texts = ["topic", "delivery", "customer", "id", "c-1", "tier", "gold", "order_number"];
  texts.push("A-7", "ordered_at", "2026-01-01T00:00:00.000Z");
  // The first two are not part of the order.
  const orderBytes = texts.slice(2).map(platformBytes).reduce((sum, bytes) => sum + bytes, 0);
  assert.equal(found.input.contextBytes, orderBytes);
});

test("remember-order writes nothing and logs an error for an order without a number, and the flow continues", async () => {
  const found = await run("remember-order.js", { input: { data: { tier: "gold" } } });
  assert.deepEqual(found.context, {});
  assert.equal(found.input.orderRemembered, false);
  assert.equal(found.logged.length, 1);
  assert.match(found.logged[0], /^error cognigy-context: unserializable_type at \/order_number: /);
});

test("remember-order writes nothing when the order and the existing context exceed the limit", async () => {
  const context = { transcript: "x".repeat(31_900) };
  const found = await run("remember-order.js", {
    input: { data: { order: "A-7", tier: "t".repeat(200) } },
    context,
  });
  assert.deepEqual(found.context, context);
  assert.equal(found.input.orderRemembered, false);
  assert.ok(found.logged.every((line) => !line.includes("ttt")), "no value is logged");
});

test("use-variables writes one typed value for each name", async () => {
  const variables = [
    { name: "visits", value: "42", scope: "session", type: "integer" },
    { name: "tier", value: "silver", scope: "global" },
    { name: "tier", value: "gold", scope: "session" },
  ];
  const found = await run("use-variables.js", { input: { variables: { variables } } });
  assert.deepEqual(found.context, { visits: 42, tier: "gold" });
  assert.deepEqual(found.input.variablesWritten, ["visits", "tier"]);
  assert.deepEqual(found.logged, []);
});

test("use-variables logs a ProtocolError for an invalid response, and the flow continues", async () => {
  const found = await run("use-variables.js", { input: { variables: { error: "none" } } });
  assert.deepEqual(found.context, {});
  assert.deepEqual(found.input.variablesWritten, []);
  assert.match(found.logged[0], /^error ProtocolError: /);
});

test("prepare-injection builds the request for an HTTP Request node", async () => {
  const { input, logged } = await run("prepare-injection.js", {
    input: { userId: "u-1", sessionId: "s-1" },
    context: { handoverSessionId: "s/2", topic: "delivery" },
  });
  assert.deepEqual(logged, []);
  const { method, url, headers, body } = input.request;
  assert.equal(`${method} ${url}`, "POST https://api-trial.cognigy.ai/new/v2.0/sessions/s%2F2/context/inject");
  assert.deepEqual(headers, { accept: "application/json", "content-type": "application/json" });
  const { userId, context } = JSON.parse(body);
  assert.equal(userId, "u-1");
  assert.equal(context.handover.from, "s-1");
});

test("prepare-injection logs an invalid request without the ids in the message", async () => {
  const { input, logged } = await run("prepare-injection.js", {
    input: { userId: "u-1", sessionId: "s-1" },
    context: {},
  });
  assert.equal(input.request, null);
  assert.equal(logged.length, 1);
  assert.doesNotMatch(logged[0], /u-1|s-1/);
});

/** Calls exports with wrong values in every place, in the isolate. Returns the messages of unexpected errors. */
const tryWrongArguments = `(() => {
  const throwing = () => { throw new TypeError("thrown by the caller"); };
  const page = '{"variables": []}';
  const address = { baseUrl: "https://api.example", sessionId: "s", userId: "u" };
  const calls = {
    applyTo: [{ addToContext() {} }, { tier: "gold" }, { throws: true }],
    check: [{ tier: "gold" }, "platform", {}],
    checkJson: ["{}", "platform", {}],
    measure: [{}],
    measureJson: ["{}"],
    coerce: ["42", "lossless", "integer"],
    deepMerge: [{}, {}],
    serializeContext: [{}],
    parseVariables: [page, { mode: "compat" }],
    resolveScopes: [[]],
    debugView: [[]],
    variablesUrl: ["https://api.example", "s", {}],
    webhookVariables: [{ sessionId: "s", userId: "u", message: "m", channel: "c", timestamp: 1 }],
    hashSessionId: ["s", "key"],
    injectContextRequest: [{ ...address, context: {} }],
    getVariablesRequest: [address],
  };
  const wrongValues = [
    () => undefined, () => null, () => true, () => 5, () => NaN, () => 5n, () => Symbol("s"), () => "\\ud83d",
    () => "text", () => ({ length: 1e9 }), () => { const list = []; list[4e9] = 1; return list; }, () => () => {},
    () => new Map([[1, 2]]), () => new Date(NaN), () => new Uint8Array([255]), () => new String("text"),
    () => new Proxy({}, { get: throwing, has: throwing, ownKeys: throwing }),
    () => ({ toString: throwing, valueOf: throwing, toJSON: throwing }),
    () => ({ [Symbol.toStringTag]: "ArrayBuffer", length: 1e9 }),
  ];
  const failures = [];
  const attempt = (name, args) => {
    try {
      cognigyContext[name](...args);
    } catch (error) {
      if (error instanceof cognigyContext.CognigyError || error instanceof TypeError) return;
      failures.push(name + ": " + error);
    }
  };
  let attempts = 0;
  for (const [name, valid] of Object.entries(calls)) {
    for (let index = 0; index < valid.length; index++) {
      for (const create of wrongValues) {
        attempts++;
        attempt(name, valid.with ? valid.with(index, create()) : Object.assign([...valid], { [index]: create() }));
        for (const field of Object.keys(Object(valid[index]))) {
          attempt(name, Object.assign([...valid], { [index]: { ...valid[index], [field]: create() } }));
        }
      }
    }
    cognigyContext[name](...valid);
  }
  return { failures, attempts };
})()`;

test("wrong arguments throw documented errors, and the script still works", async () => {
  const host = await newContext();
  await host.eval(script);
  const { failures, attempts } = await host.eval(tryWrongArguments, { copy: true });
  assert.deepEqual(failures, []);
  assert.ok(attempts > 500, `${attempts} calls`);
});
