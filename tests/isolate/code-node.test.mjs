/** `examples/code-node`: each paste as a Code node runs it, with the globals of a flow. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { packageFolder } from "../node/support/project.mjs";
import { newContext } from "./support/isolates.mjs";

const script = readFileSync(join(packageFolder, "pkg", "code-node.js"), "utf8");
const lines = (name) =>
  readFileSync(new URL(`../../examples/code-node/${name}`, import.meta.url), "utf8");

/** What the platform passes to a Code node: objects that it changes, and an `api` that writes dotted keys. */
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

/** Runs the pasted script with an example's lines and returns the state of the flow afterwards. */
async function run(name, overrides) {
  const host = await newContext();
  const globals = { input: {}, context: {}, profile: {}, ...overrides };
  for (const [name, value] of Object.entries(globals)) {
    await host.global.set(name, value, { copy: true });
  }
  await host.eval(flow);
  const paste = `${script}\n${lines(name)}`;
  assert.ok(paste.length <= 200_000, "the paste fits into the editor");
  await host.eval(paste);
  return host.eval("({ input, context, logged })", { copy: true });
}

test("remember-order writes a checked order, with its time as text", async () => {
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
  // The platform counts twice the length of each text and key.
  const count = (text) => 2 * text.length;
  const texts = ["topic", "delivery", "customer", "id", "c-1", "tier", "gold", "order_number"];
  texts.push("A-7", "ordered_at", "2026-01-01T00:00:00.000Z");
  const own = texts.slice(2).map(count).reduce((sum, bytes) => sum + bytes, 0);
  assert.equal(found.input.contextBytes, own);
});

test("remember-order writes nothing of an order without a number, and the flow continues", async () => {
  const found = await run("remember-order.js", { input: { data: { tier: "gold" } } });
  assert.deepEqual(found.context, {});
  assert.equal(found.input.orderRemembered, false);
  assert.equal(found.logged.length, 1);
  assert.match(found.logged[0], /^error cognigy-context: unserializable_type at \/order_number: /);
});

test("remember-order writes nothing that does not fit beside the existing context", async () => {
  const context = { transcript: "x".repeat(31_900) };
  const found = await run("remember-order.js", {
    input: { data: { order: "A-7", tier: "t".repeat(200) } },
    context,
  });
  assert.deepEqual(found.context, context);
  assert.equal(found.input.orderRemembered, false);
  assert.ok(found.logged.every((line) => !line.includes("ttt")), "no value is logged");
});

test("use-variables writes typed values, one for each name", async () => {
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

test("use-variables logs a response of an unexpected shape, and the flow continues", async () => {
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

test("prepare-injection logs an invalid request without an id", async () => {
  const { input, logged } = await run("prepare-injection.js", {
    input: { userId: "u-1", sessionId: "s-1" },
    context: {},
  });
  assert.equal(input.request, null);
  assert.equal(logged.length, 1);
  assert.doesNotMatch(logged[0], /u-1|s-1/);
});
