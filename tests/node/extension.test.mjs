/** The Extension of `examples/extension`, unpacked from the archive that users upload. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { apiKey, startSandbox } from "./support/sandbox.mjs";

const archive = fileURLToPath(
  new URL("../../dist/cognigy-context-extension-0.1.0.tar.gz", import.meta.url),
);
const folder = mkdtempSync(join(tmpdir(), "extension-"));
execFileSync("tar", ["-xzf", archive, "-C", folder]);
const extension = createRequire(join(folder, "package.json"))("./build/module.js");

let sandbox;
before(async () => {
  sandbox = await startSandbox();
});
after(async () => {
  await sandbox.stop();
  rmSync(folder, { recursive: true });
});

/** Runs a node as a flow does: its fields' defaults, overridden by its configuration. */
async function run(type, config, context = {}) {
  const node = extension.nodes.find((node) => node.type === type);
  const defaults = node.fields.map(({ key, defaultValue }) => [key, defaultValue]);
  const logged = [];
  const input = {};
  const api = {
    addToContext: (key, value, mode) => {
      assert.equal(mode, "simple");
      context[key] = value;
    },
    log: (level, text) => logged.push({ level, text }),
  };
  await node.function({
    cognigy: { api, input, context, profile: {} },
    config: { ...Object.fromEntries(defaults), ...config },
  });
  return { input, context, logged, outcome: input.cognigyContext };
}

test("the archive contains the bundle and its description, and no dependencies", () => {
  assert.deepEqual(readdirSync(folder).sort(), ["README.md", "build", "package.json"]);
  const { main, dependencies } = createRequire(join(folder, "package.json"))("./package.json");
  assert.equal(main, "build/module.js");
  assert.equal(dependencies, undefined);
});

test("the Extension has four nodes, and each of their fields has a key, a label and a type", () => {
  assert.deepEqual(
    extension.nodes.map(({ defaultLabel }) => defaultLabel),
    ["Check context", "Measure context", "Resolve variables", "Inject context"],
  );
  for (const { fields } of extension.nodes) {
    for (const { key, label, type } of fields) assert.ok(key && label && type);
  }
});

test("Check context counts the existing context, stores the issues and logs one error", async () => {
  const { outcome, logged } = await run(
    "checkContext",
    { values: { note: "y".repeat(1000) } },
    { history: "x".repeat(31_000) },
  );
  assert.equal(outcome.ok, false);
  assert.deepEqual(
    outcome.issues.map(({ code, path }) => `${code} ${path}`),
    ["would_be_replaced /note", "context_too_large "],
  );
  assert.equal(logged.length, 1);
  assert.equal(logged[0].level, "error");
});

test("Check context stores no issues for valid values", async () => {
  const { outcome, logged } = await run("checkContext", { values: { tier: "gold" } });
  assert.equal(outcome.ok, true);
  assert.deepEqual(outcome.issues, []);
  assert.deepEqual(logged, []);
});

test("an unknown policy stores and logs a ConfigurationError, and the flow continues", async () => {
  const { outcome, logged } = await run("checkContext", { values: {}, policy: "none" });
  assert.equal(outcome.ok, false);
  assert.equal(outcome.error, "ConfigurationError");
  assert.equal(logged.length, 1);
});

test("Measure context stores the sizes in the context if storeLocation is context", async () => {
  const { input, context } = await run(
    "measureContext",
    { storeLocation: "context", storeKey: "sizes" },
    { name: "Ann" },
  );
  assert.deepEqual(input, {});
  assert.deepEqual(context.sizes, {
    ok: true,
    sizes: { jsonBytes: 14, platformBytes: 14, depth: 0, variables: 1 },
  });
});

test("Resolve variables stores the resolved value of each name, or a ProtocolError", async () => {
  const response = {
    variables: [
      { name: "visits", value: "3", scope: "session" },
      { name: "visits", value: "40", scope: "user" },
      { name: "zip", value: "00770", scope: "session" },
    ],
  };
  for (const given of [response, JSON.stringify(response)]) {
    const { outcome } = await run("resolveVariables", { response: given });
    assert.deepEqual(outcome.values, { visits: 40, zip: "00770" });
    assert.equal(outcome.view.visits.scope, "user");
  }
  const { outcome } = await run("resolveVariables", { response: undefined });
  assert.equal(outcome.error, "ProtocolError");
});

test("Inject context sends valid values and rejects others", async () => {
  const connection = { baseUrl: sandbox.url, apiKey };
  const config = { connection, sessionId: "session-1", userId: "user-1" };
  const sent = await run("injectContext", { ...config, values: { tier: "gold" } });
  assert.deepEqual(sent.outcome, { ok: true, injected: ["tier"] });
  assert.deepEqual((await sandbox.session("session-1")).context, { tier: "gold" });

  const rejected = await run("injectContext", { ...config, values: { note: "x".repeat(70_000) } });
  assert.equal(rejected.outcome.error, "ValidationError");
  assert.deepEqual(
    rejected.outcome.issues.map(({ code }) => code).sort(),
    ["context_too_large", "payload_too_large", "would_be_replaced"],
  );
});
