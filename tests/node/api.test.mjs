/** The public API: exported names, classes, policies, reports. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { inspect } from "node:util";
import { importPackage, packageFolder, requirePackage } from "./support/project.mjs";

const api = await importPackage();
const { check, codes, ConfigurationError, CognigyError, Policy, ValidationError } = api;

test("import and require export the same names and the same classes", () => {
  const cjs = requirePackage();
  assert.deepEqual(Object.keys(api).sort(), Object.keys(cjs).sort());
  for (const name of Object.keys(cjs)) assert.equal(api[name], cjs[name], name);
});

test("the package exports exactly these names", () => {
  assert.deepEqual(Object.keys(api).sort(), [
    "AuthenticationError",
    "BadRequestError",
    "Client",
    "CognigyError",
    "ConfigurationError",
    "ConflictError",
    "ContextManager",
    "DeadlineError",
    "InjectionPayload",
    "InternalError",
    "NetworkError",
    "PermissionDeniedError",
    "Policy",
    "ProtocolError",
    "RateLimitError",
    "Report",
    "Schema",
    "ServerError",
    "SessionNotFoundError",
    "StateConflictError",
    "StateUpdate",
    "ValidationError",
    "Variable",
    "Variables",
    "appendVariablesRequest",
    "applyTo",
    "check",
    "checkJson",
    "codes",
    "coerce",
    "createProfileRequest",
    "debugView",
    "deepMerge",
    "deleteProfileRequest",
    "fileJournal",
    "getDocumentRequest",
    "getInjectedRequest",
    "getProfileRequest",
    "getStateRequest",
    "getVariablesRequest",
    "hashSessionId",
    "injectContextRequest",
    "injectRequest",
    "injectStateRequest",
    "listProfilesRequest",
    "measure",
    "measureJson",
    "onWarning",
    "parseVariables",
    "resetContextRequest",
    "resetStateRequest",
    "resolveScopes",
    "serializeContext",
    "sessionExistsRequest",
    "updateProfileRequest",
    "updateStateRequest",
    "variablesUrl",
    "webhookVariables",
  ]);
});

test("the declared type Code lists exactly the codes of the core, in order", () => {
  const declared = readFileSync(join(packageFolder, "pkg", "types", "issue.d.ts"), "utf8");
  const [, union] = /type Code =([^;]+);/.exec(declared);
  assert.deepEqual(union.match(/\w+/g), codes());
});

test("every error class extends CognigyError and has its own name", () => {
  const classes = Object.entries(api).filter(([name]) => name.endsWith("Error"));
  assert.equal(classes.length, 15);
  for (const [name, type] of classes) {
    assert.ok(type === CognigyError || type.prototype instanceof CognigyError, name);
    assert.equal(type.prototype.name, name);
  }
  assert.ok(CognigyError.prototype instanceof Error);
  assert.ok(api.StateConflictError.prototype instanceof api.ConflictError);
});

test("raiseIfFailed throws a ValidationError with the report when it has errors", () => {
  const report = check({ a: NaN });
  assert.equal(report.ok, false);
  assert.throws(
    () => report.raiseIfFailed(),
    (error) => {
      assert.ok(error instanceof ValidationError && error instanceof Error);
      assert.equal(error.report, report);
      assert.equal(error.name, "ValidationError");
      assert.match(error.message, /^1 error, 0 warnings\n {2}non_finite_number at \/a: /);
      return true;
    },
  );
});

test("a report with only warnings is returned by raiseIfFailed, and its text starts with the counts", () => {
  const report = check({ "a.b": 1 });
  assert.equal(report.raiseIfFailed(), report);
  assert.deepEqual(report.errors, []);
  assert.deepEqual(report.warnings.map(({ code }) => code), ["unreadable_key"]);
  assert.match(String(report), /^0 errors, 1 warning\n/);
  assert.equal(check({}).issues.length, 0);
  assert.equal(String(check({})), "0 errors, 0 warnings");
});

test("reports and issues are frozen", () => {
  const report = check({ "a.b": 1 });
  for (const part of [report, report.issues, report.issues[0], report.sizes]) {
    assert.ok(Object.isFrozen(part));
  }
});

test("reports do not contain the checked values", () => {
  const secret = "S3CR3T";
  const values = [{ a: secret.repeat(20_000) }, { a: [secret, NaN] }, secret, [secret]];
  for (const value of values) {
    assert.ok(!JSON.stringify(check(value)).includes(secret));
    assert.ok(!String(check(value)).includes(secret));
  }
});

test("a policy has the fields of its preset, except overridden ones", () => {
  const policy = new Policy("platform", { maxContextBytes: 100, warnFrom: 0.5 });
  assert.equal(policy.preset, "platform");
  assert.equal(policy.maxContextBytes, 100);
  assert.equal(policy.maxPayloadBytes, new Policy().maxPayloadBytes);
  assert.deepEqual(Object.keys(policy), [
    "preset",
    "names",
    "reservedPrefixes",
    "maxNameLength",
    "allowNull",
    "stripInternal",
    "maxValueBytes",
    "maxPayloadBytes",
    "maxContextBytes",
    "contextUnit",
    "maxDepth",
    "warnFrom",
    "unsafeIntegers",
  ]);
  assert.ok(Object.isFrozen(policy));
  assert.equal(new Policy("state", { maxDepth: null }).maxDepth, null);
  assert.equal(new Policy("state", { maxDepth: undefined }).maxDepth, 3);
});

test("check accepts a Policy, an object with fields of a policy, or the name of a preset", () => {
  const value = { note: "x".repeat(200) };
  const policy = new Policy("platform", { maxContextBytes: 100 });
  for (const argument of [policy, { maxContextBytes: 100 }, { ...policy }]) {
    assert.equal(check(value, argument).ok, false);
  }
  assert.equal(check(value, "platform").ok, true);
});

test("an invalid policy is a ConfigurationError that uses JavaScript's field names", () => {
  assert.throws(() => check({}, "plattform"), ConfigurationError);
  assert.throws(
    () => new Policy("platform", { maxContextByte: 1 }),
    (error) => {
      assert.ok(error instanceof ConfigurationError);
      assert.match(error.message, /`maxContextByte`.*`maxContextBytes`/);
      assert.ok(!error.message.includes("max_"));
      return true;
    },
  );
  for (const policy of [[], ["state"], null, 5]) {
    assert.throws(() => check({}, policy), ConfigurationError, JSON.stringify(policy));
  }
  for (const limit of [Infinity, NaN, -1, 1.5, "1"]) {
    assert.throws(() => check({}, { maxContextBytes: limit }), ConfigurationError, String(limit));
  }
});

test("check throws a ConfigurationError for a freed policy", () => {
  const policy = new Policy();
  policy.free();
  policy.free();
  assert.throws(() => check({}, policy), ConfigurationError);
});

test("check counts the existing context, ignores null, and rejects a list", () => {
  const existing = { history: "h".repeat(31_500) };
  const report = check({ a: "x".repeat(1000) }, "platform", existing);
  assert.deepEqual(report.issues.map(({ code }) => code), ["would_be_replaced", "context_too_large"]);
  assert.equal(check({ a: 1 }, "platform", null).ok, true);
  const rejected = check({ a: 1 }, "platform", [1]);
  assert.equal(rejected.ok, false);
  assert.match(rejected.issues[0].message, /existing/);
});

test("a context of 70 kB is rejected with its sizes and the limits", () => {
  const value = { document: "x".repeat(70_000) };
  const found = check(value).issues.map(({ code, path, limit, actual }) => ({ code, path, limit, actual }));
  assert.deepEqual(found, [
    { code: "would_be_replaced", path: "/document", limit: 64_000, actual: 140_016 },
    { code: "payload_too_large", path: "", limit: 60_000, actual: 70_015 },
    { code: "context_too_large", path: "", limit: 64_000, actual: 140_016 },
  ]);
});

test("the package contains no path of the build machine", () => {
  const files = ["", "-client", "-documents"].map((part) => `cognigy-context${part}.wasm`);
  for (const file of [...files, "browser.js", "code-node.js", "cjs/node.js"]) {
    const text = readFileSync(join(packageFolder, "pkg", file), "latin1");
    const found = /\/(?:root|home|work|tmp|Users)\/[\w./-]+/.exec(text);
    assert.equal(found?.[0], undefined, file);
  }
});

test("classes keep their names in every build, and an inspected instance shows no fields", async () => {
  const script = readFileSync(join(packageFolder, "pkg", "code-node.js"), "utf8");
  const builds = { cjs: requirePackage(), browser: await import(join(packageFolder, "pkg", "browser.js")) };
  builds["code-node"] = new Function(`${script}; return cognigyContext;`)();
  for (const [build, exported] of Object.entries(builds)) {
    for (const [name, value] of Object.entries(exported)) {
      if (/^[A-Z]/.test(name)) assert.equal(value.name, name, build);
    }
  }
  assert.equal(inspect(new api.Client({ baseUrl: "https://tenant.example", apiKey: "key" })), "Client {}");
  assert.equal(inspect(new api.Schema({})), "Schema {}");
});

test("auditTrail rejects an invalid count and accepts a count above the number of records", () => {
  const client = new api.Client({ baseUrl: "https://tenant.example", apiKey: "key" });
  for (const count of [-1, NaN, 1.5, Infinity]) {
    assert.throws(() => client.auditTrail(count), { name: "ConfigurationError", message: /^count must be / });
  }
  for (const count of ["5", null]) {
    assert.throws(() => client.auditTrail(count), { name: "TypeError", message: /^count must be a number/ });
  }
  client.inject({ sessionId: "..", variables: [] }).catch(() => {});
  for (const count of [1, 2 ** 32, 2 ** 64]) assert.equal(client.auditTrail(count).length, 1);
});
