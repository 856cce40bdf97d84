/** The Code-node script in a bare V8 isolate, which has no web or Node globals. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readCorpus, runCorpus } from "../node/support/corpus.mjs";
import { importPackage, packageFolder } from "../node/support/project.mjs";
import { newContext } from "./support/isolates.mjs";

const script = readFileSync(join(packageFolder, "pkg", "code-node.js"), "utf8");

/** Loads the script in a new isolate. Returns the globals that it added, and a function that evaluates code. */
async function loadScript() {
  const context = await newContext();
  const globals = () => context.eval("Object.getOwnPropertyNames(globalThis)", { copy: true });
  const before = await globals();
  await context.eval(script);
  const after = await globals();
  return {
    added: after.filter((name) => !before.includes(name)),
    evaluate: (source, ...args) =>
      context.evalClosure(source, args, { arguments: { copy: true }, result: { copy: true } }),
  };
}

test("the isolate has no web or Node globals", async () => {
  const context = await newContext();
  for (const name of ["TextEncoder", "TextDecoder", "atob", "setTimeout", "require", "process"]) {
    assert.equal(await context.eval(`typeof ${name}`), "undefined", name);
  }
});

test("the script defines one global", async () => {
  assert.deepEqual((await loadScript()).added, ["cognigyContext"]);
});

for (const runner of ["isolate/objects", "isolate/text"]) {
  test(`every corpus case passes in an isolate, ${runner}`, async () => {
    const { can, cases, files } = readCorpus(runner);
    const { evaluate } = await loadScript();
    const { ran, failures } = await evaluate(
      `return (${runCorpus.toString()})(cognigyContext, $0, $1);`,
      can,
      files,
    );
    assert.deepEqual(failures, []);
    assert.equal(ran, cases, "the number of cases in the index");
  });
}

test("an issue's path has the key unchanged, with UTF-8 sequences of every length", async () => {
  const { evaluate } = await loadScript();
  const path = await evaluate(
    `return cognigyContext.check({ ["ü€😀" + "x".repeat(5000)]: NaN }, "context").issues[0].path;`,
  );
  assert.equal(path, `/ü€😀${"x".repeat(5000)}`);
});

test("the script builds requests for an HTTP Request node", async () => {
  const { evaluate } = await loadScript();
  const request = await evaluate(`
    return cognigyContext.injectContextRequest({
      baseUrl: "https://api-trial.cognigy.ai",
      apiKey: "key",
      sessionId: "s/1",
      userId: "u",
      context: { tier: "gold" },
    });`);
  assert.deepEqual(request, {
    method: "POST",
    url: "https://api-trial.cognigy.ai/new/v2.0/sessions/s%2F1/context/inject",
    headers: {
      accept: "application/json",
      "content-type": "application/json",
      "x-api-key": "key",
    },
    body: '{"userId":"u","context":{"tier":"gold"}}',
  });
});

test("the script builds requests for variables, injections and state updates", async () => {
  const { evaluate } = await loadScript();
  const found = await evaluate(`
    const { getVariablesRequest, injectRequest, InjectionPayload, updateStateRequest } = cognigyContext;
    const baseUrl = "https://api.example";
    const payload = new InjectionPayload("s", [{ key: "tier", value: "gold" }]);
    return [
      getVariablesRequest({ baseUrl, sessionId: "s", scope: "user" }),
      injectRequest({ baseUrl, payload }),
      updateStateRequest({ baseUrl, dialogId: "d", update: { session: { turn: 4 } } }),
    ].map(({ method, url, body }) => [method, url.replace(baseUrl, ""), body]);`);
  assert.deepEqual(found.slice(0, 1).concat(found.slice(2)), [
    ["GET", "/api/v2/botsessions/s/variables?scope=user", null],
    ["PATCH", "/runtime/v2/dialogs/d/state", '{"session":{"turn":4}}'],
  ]);
  assert.deepEqual(found[1].slice(0, 2), ["PUT", "/api/v2/sessions/s/context"]);
  assert.equal(JSON.parse(found[1][2]).variables[0].key, "tier");
});

test("the script exports everything except the client, schemas and context managers", async () => {
  const { evaluate } = await loadScript();
  const names = await evaluate(`return Object.keys(cognigyContext);`);
  const installed = Object.keys(await importPackage());
  const absent = installed.filter((name) => !names.includes(name));
  assert.deepEqual(absent.sort(), ["Client", "ContextManager", "Schema", "fileJournal", "onWarning"]);
});

test("a payload reports a variable that expired before the current time", async () => {
  const { evaluate } = await loadScript();
  const found = await evaluate(`
    const variable = (expiresAt) => ({ key: "a", value: new Map([["k", 2n]]), expiresAt });
    const payload = (time) => new cognigyContext.InjectionPayload("s", [variable(time)]);
    const hour = 3_600_000;
    return [Date.now() - hour, Date.now() + hour].map((time) =>
      payload(new Date(time)).check().issues.map(({ code }) => code).join());`);
  assert.deepEqual(found, ["expired", ""]);
});

test("dates, maps and BigInts are accepted, and undefined is an issue", async () => {
  const context = await newContext();
  await context.eval(script);
  const found = await context.eval(
    `cognigyContext.check({ at: new Date(0), m: new Map([["k", 1n]]), n: undefined })
       .issues.map(({ code, path }) => code + " " + path).join()`,
  );
  assert.equal(found, "unserializable_type /n");
});

/** Code that defines `context`, `logged` and `api` as in a Code node. Log lines end after the path of an issue. */
const flow = `
  const context = { tier: "silver" };
  const logged = [];
  const api = {
    addToContext: (key, value, mode) => { context[key] = mode === "simple" ? value : undefined; },
    log: (level, text) => { logged.push(level + " " + text.replace(/( at [^ ]+): .*/, "$1")); },
  };`;

test("applyTo writes checked values into the context of the flow", async () => {
  const { evaluate } = await loadScript();
  const found = await evaluate(`${flow}
    const values = { tier: "gold", since: new Date(0), seen: new Map([["a-b", 1]]), "a-b": 2 };
    const { ok, written, report } = cognigyContext.applyTo(api, values, { existing: context });
    return { ok, written, context, logged, variables: report.sizes.variables };`);
  assert.deepEqual(found, {
    ok: true,
    written: ["tier", "since", "seen", "a-b"],
    context: { tier: "gold", since: "1970-01-01T00:00:00.000Z", seen: { "a-b": 1 }, "a-b": 2 },
    logged: ["warn cognigy-context: unreadable_key at /a-b"],
    variables: 4,
  });
});

test("applyTo writes nothing when a value is invalid, and the flow continues", async () => {
  const { evaluate } = await loadScript();
  const found = await evaluate(`${flow}
    const { ok, written } = cognigyContext.applyTo(api, { tier: "gold", share: 0 / 0 });
    return { ok, written, context, logged };`);
  assert.deepEqual(found, {
    ok: false,
    written: [],
    context: { tier: "silver" },
    logged: ["error cognigy-context: non_finite_number at /share"],
  });
});

test("applyTo with an invalid policy or a failing api is not ok, and the flow continues", async () => {
  const { evaluate } = await loadScript();
  const found = await evaluate(`${flow}
    const unknown = cognigyContext.applyTo(api, { a: 1 }, { policy: "none" });
    api.addToContext = () => { throw new RangeError("secret"); };
    const failing = cognigyContext.applyTo(api, { a: 1 });
    api.log = () => { throw new Error("full"); };
    const silent = cognigyContext.applyTo(api, { a: 1 });
    const without = cognigyContext.applyTo({}, { a: 1 });
    return { oks: [unknown, failing, silent, without].map(({ ok }) => ok), logged };`);
  assert.deepEqual(found, {
    oks: [false, false, false, false],
    logged: [
      "error cognigy-context: stopped by ConfigurationError after 0 written keys",
      "error cognigy-context: stopped by RangeError after 0 written keys",
    ],
  });
});

test("applyTo with no values is not ok when the api has no addToContext", async () => {
  const { evaluate } = await loadScript();
  const found = await evaluate(`${flow}
    const { ok, written } = cognigyContext.applyTo({ log: api.log }, {});
    return { ok, written, logged };`);
  assert.deepEqual(found, {
    ok: false,
    written: [],
    logged: ["error cognigy-context: stopped by TypeError after 0 written keys"],
  });
});

test("applyTo rounds an integer beyond the safe range when the policy only warns of it", async () => {
  const { evaluate } = await loadScript();
  const found = await evaluate(`${flow}
    const { ok } = cognigyContext.applyTo(api, { id: 2n ** 60n + 1n }, { policy: "context" });
    return { ok, context, logged };`);
  assert.deepEqual(found, {
    ok: true,
    context: { tier: "silver", id: 2 ** 60 },
    logged: ["warn cognigy-context: unsafe_integer at /id"],
  });
});

test("applyTo counts the keys that were written before addToContext threw", async () => {
  const { evaluate } = await loadScript();
  const found = await evaluate(`${flow}
    api.addToContext = (key) => { if (key === "b") throw new RangeError("secret"); };
    const { ok, written } = cognigyContext.applyTo(api, { a: 1, b: 2, c: 3 });
    return { ok, written, logged };`);
  assert.deepEqual(found, {
    ok: false,
    written: ["a"],
    logged: ["error cognigy-context: stopped by RangeError after 1 written keys"],
  });
});

test("applyTo with `throws: true` throws the ValidationError and writes nothing", async () => {
  const { evaluate } = await loadScript();
  const found = await evaluate(`${flow}
    try {
      cognigyContext.applyTo(api, { share: 0 / 0 }, { throws: true });
    } catch (error) {
      return [error instanceof cognigyContext.ValidationError, Object.keys(context)];
    }`);
  assert.deepEqual(found, [true, ["tier"]]);
});

test("the script has at most 120,000 characters, which normalisation and a paste do not change", () => {
  assert.ok(script.length <= 120_000, `${script.length} characters`);
  for (const form of ["NFC", "NFD", "NFKC", "NFKD"]) assert.equal(script.normalize(form), script);
  assert.equal(script.isWellFormed(), true);
  assert.doesNotMatch(script, /[^\n\P{C}]/u, "no control, format or private character");
});
