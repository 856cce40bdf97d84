/** Payloads, state updates, documents and webhook events, with JavaScript values that JSON does not have. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { importPackage } from "./support/project.mjs";
import { issuesOf, jsonForm, jsValues, UNSUPPORTED } from "./support/workflow_values.mjs";

const {
  deepMerge,
  hashSessionId,
  InjectionPayload,
  serializeContext,
  StateUpdate,
  ValidationError,
  Variable,
  webhookVariables,
} = await importPackage();

/** Sorts `[name, value]` pairs in place by name. */
function sortByName(entries) {
  return entries.sort(([a], [b]) => (a < b ? -1 : 1));
}

describe("InjectionPayload", () => {
  test("the body has dates, maps, sets, BigInts and expiry times in their JSON form", () => {
    const payload = new InjectionPayload("s-1", [
      { key: "a", value: jsValues, scope: "user", expiresAt: new Date("2100-01-02T03:04:05.678Z") },
      { key: "b", value: null, expiresAt: "2100-01-02T03:04:05+02:00" },
    ], { mergeStrategy: "replace" });
    assert.deepEqual(payload.toApiBody(), {
      variables: [
        { key: "a", value: jsonForm, scope: "user", expiresAt: "2100-01-02T03:04:05.678Z" },
        { key: "b", value: null, scope: "session", expiresAt: "2100-01-02T03:04:05+02:00" },
      ],
      mergeStrategy: "replace",
    });
    assert.equal(payload.toJson(), JSON.stringify(payload.toApiBody()));
    assert.equal(payload.check().ok, true);
  });
  test("invalid variables are rejected by check, toJson and toApiBody, not by the constructor", () => {
    const payload = new InjectionPayload("s-1", [{ key: "", value: NaN, scope: "x" }]);
    assert.equal(payload.check().ok, false);
    assert.throws(() => payload.toJson(), ValidationError);
    assert.throws(() => payload.toApiBody(), ValidationError);
  });
  test("every missing field and every field of the wrong type causes an issue with its path", () => {
    const variables = [
      { value: 1 },
      { key: "a" },
      { key: 7, value: 1 },
      { key: "b", value: 1, scope: 1 },
      { key: "c", value: 1, expiresAt: 5 },
      null,
      { key: "d", value: 1, expiresAt: new Date(NaN) },
      { key: "\ud83d", value: 1 },
      { key: "e", value: [NaN] },
      { scope: 1, expiresAt: 2 },
    ];
    assert.deepEqual(issuesOf(() => new InjectionPayload("s-1", variables).toJson()), [
      "missing_field /variables/0/key",
      "missing_field /variables/1/value",
      "wrong_type /variables/2/key",
      "wrong_type /variables/3/scope",
      "wrong_type /variables/4/expiresAt",
      "wrong_type /variables/5",
      "invalid_timestamp /variables/6/expiresAt",
      "lone_surrogate /variables/7/key",
      "non_finite_number /variables/8/value/0",
      "missing_field /variables/9/key",
      "missing_field /variables/9/value",
      "wrong_type /variables/9/scope",
      "wrong_type /variables/9/expiresAt",
    ]);
  });
  test("a value without a JSON form is rejected with its path", () => {
    for (const [make, code, pathSuffix] of UNSUPPORTED) {
      const payload = new InjectionPayload("s-1", [{ key: "k", value: make() }]);
      assert.deepEqual(issuesOf(() => payload.toJson()), [`${code} /variables/0/value${pathSuffix}`]);
    }
  });
  test("a BigInt beyond the safe range keeps its digits and causes a warning", () => {
    const payload = new InjectionPayload("s-1", [{ key: "n", value: [2n ** 64n + 1n, 1e20] }]);
    assert.match(payload.toJson(), /"value":\[18446744073709551617,100000000000000000000\]/);
    assert.deepEqual(payload.toApiBody().variables[0].value, [2n ** 64n + 1n, 1e20]);
    assert.equal(payload.check().warnings[0].code, "unsafe_integer");
  });
  test("__proto__ in a value is an ordinary key", () => {
    const value = JSON.parse('{"__proto__": {"polluted": 1}}');
    const body = new InjectionPayload("s-1", [{ key: "k", value }]).toApiBody();
    assert.deepEqual(Object.keys(body.variables[0].value), ["__proto__"]);
    assert.equal({}.polluted, undefined);
  });
  test("a payload accepts `Variable` instances, and the merge strategy as a string", () => {
    const instances = [
      new Variable("tier", "gold"),
      new Variable("turn", 3, "user", "2030-01-31T12:00:00Z"),
    ];
    const literals = [
      { key: "tier", value: "gold" },
      { key: "turn", value: 3, scope: "user", expiresAt: "2030-01-31T12:00:00Z" },
    ];
    assert.equal(
      new InjectionPayload("s", instances, "replace").toJson(),
      new InjectionPayload("s", literals, { mergeStrategy: "replace" }).toJson(),
    );
    assert.throws(() => new InjectionPayload("s", instances, 7).toJson(), TypeError);
    assert.ok(!new InjectionPayload("s", [new Variable("a", 1, "bot")]).check().ok);
  });

  // All calls share one input buffer, so the nested call could overwrite the text of the outer one.
  test("a toJSON that serialises another payload does not affect the outer payload", () => {
    const other = new InjectionPayload("s-2", [{ key: "x", value: "y".repeat(5000) }]);
    const nestedPayload = { toJSON: () => other.toJson().length };
    const payload = new InjectionPayload("s-1", [
      { key: "a", value: "first" },
      { key: "b", value: nestedPayload },
    ]);
    assert.deepEqual(payload.toApiBody().variables.map(({ value }) => value), ["first", other.toJson().length]);
  });
});

describe("StateUpdate", () => {
  test("the body has objects and maps in their JSON form", () => {
    const update = new StateUpdate({ session: new Map([["a", jsValues]]), user: { b: jsValues } });
    assert.deepEqual(update.toApiBody(), { session: { a: jsonForm }, user: { b: jsonForm } });
    assert.equal(update.toJson(), JSON.stringify(update.toApiBody()));
  });
  test("an update without variables and next step causes an empty_update issue", () => {
    assert.deepEqual(issuesOf(() => new StateUpdate().toJson()), ["empty_update "]);
    assert.deepEqual(issuesOf(() => new StateUpdate({ session: null }).toJson()), ["empty_update "]);
  });
  test("a map of the wrong type and a value without a JSON form cause issues with their paths", () => {
    assert.deepEqual(issuesOf(() => new StateUpdate({ session: [1] }).toJson()), ["wrong_type /session"]);
    for (const [make, code, pathSuffix] of UNSUPPORTED) {
      const update = new StateUpdate({ session: { ok: 1 }, user: { v: make() } });
      assert.deepEqual(issuesOf(() => update.toJson()), [`${code} /user/v${pathSuffix}`]);
      assert.deepEqual(issuesOf(() => update.split()), [`${code} /user/v${pathSuffix}`]);
    }
    assert.throws(() => new StateUpdate({ nextStep: 7 }).toJson(), TypeError);
    assert.deepEqual(issuesOf(() => new StateUpdate({ nextStep: "\ud83d" }).toJson()), [
      "lone_surrogate /transition/nextStep",
    ]);
  });
  test("check reports an unreadable step or merge strategy with the other issues", () => {
    const codes = (report) => report.issues.map(({ code, path }) => `${code} ${path}`);
    assert.deepEqual(codes(new StateUpdate({ session: { a: null }, nextStep: "\ud83d" }).check()), [
      "lone_surrogate /transition/nextStep",
      "null_value /session/a",
    ]);
    const payload = new InjectionPayload("s", [{ key: "", value: 1 }], "\ud83d");
    assert.deepEqual(codes(payload.check()), ["lone_surrogate /mergeStrategy", "invalid_name /variables/0/key"]);
    assert.throws(() => payload.toJson(), { name: "ValidationError" });
  });
  test("the parts of a split fit the limit and together contain every variable once", () => {
    const session = Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => [`v${n}`, "x".repeat(n * 1000)]),
    );
    const user = new Map([["__proto__", { polluted: 1 }], ["at", new Date(0)], ["big", 2n ** 60n + 1n]]);
    const parts = new StateUpdate({ session, user, nextStep: "end" }).split();
    assert.ok(parts.length > 1);
    for (const part of parts) assert.ok(Buffer.byteLength(part.toJson()) <= 524_288);
    const bodies = parts.map((part) => part.toApiBody());
    // Lists of entries, because merged objects would hide a variable that two parts contain.
    const entriesOf = (map) => bodies.flatMap((body) => Object.entries(body[map] ?? {}));
    assert.deepEqual(sortByName(entriesOf("session")), sortByName(Object.entries(session)));
    assert.deepEqual(bodies.at(-1).transition, { nextStep: "end" });
    assert.deepEqual(sortByName(entriesOf("user")), [
      ["__proto__", { polluted: 1 }],
      ["at", "1970-01-01T00:00:00.000Z"],
      ["big", 2n ** 60n + 1n],
    ]);
    assert.equal({}.polluted, undefined);
    assert.deepEqual(bodies.slice(0, -1).filter((body) => body.transition), []);
  });
});

describe("documents", () => {
  test("serializeContext writes the JSON form without keys that start with `__`", () => {
    assert.equal(serializeContext({ ...jsValues, __x: NaN }), JSON.stringify(jsonForm));
    assert.equal(serializeContext({ n: 2n ** 80n }), '{"n":1208925819614629174706176}');
  });
  test("a value without a JSON form is rejected with its path", () => {
    for (const [make, code, pathSuffix] of UNSUPPORTED) {
      assert.deepEqual(issuesOf(() => serializeContext({ v: make() })), [`${code} /v${pathSuffix}`]);
      assert.deepEqual(issuesOf(() => deepMerge({ v: make() }, {})), [`${code} /v${pathSuffix}`]);
      assert.deepEqual(issuesOf(() => deepMerge({}, { v: make() })), [`${code} /v${pathSuffix}`]);
    }
  });
  test("deepMerge changes neither argument and shares no objects with them", () => {
    const base = { a: { b: [1] } };
    const update = { a: { c: { d: 1 } } };
    const merged = deepMerge(base, update);
    merged.a.b.push(2);
    merged.a.c.d = 2;
    assert.deepEqual([base, update], [{ a: { b: [1] } }, { a: { c: { d: 1 } } }]);
    assert.deepEqual(deepMerge(jsValues, { x: new Date(0) }), { ...jsonForm, x: jsonForm.at });
  });
  test("deepMerge keeps __proto__ and constructor as ordinary keys", () => {
    const update = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}');
    const merged = deepMerge({ a: {} }, update);
    assert.deepEqual(Object.keys(merged), ["a", "__proto__", "constructor"]);
    assert.equal(Object.getPrototypeOf(merged), Object.prototype);
    assert.equal({}.polluted, undefined);
  });
  test("deepMerge does not change numbers and rejects a BigInt beyond the safe range", () => {
    const numbers = [0.1, 1e20, 2 ** 53, 2 ** 63, 1.7976931348623157e308, 5e-324, -1, 123456789.125];
    assert.deepEqual(deepMerge({ numbers }, {}), { numbers });
    assert.deepEqual(deepMerge({ numbers, n: 1n }, {}), { numbers, n: 1 });
    assert.deepEqual(issuesOf(() => deepMerge({}, { n: 2n ** 53n })), ["unserializable_type /n"]);
  });
});

describe("webhook events", () => {
  const event = { sessionId: "s", userId: "u", message: "hi", channel: "web", timestamp: 7 };
  test("the variables are the same for an event as an object, text or bytes", () => {
    const expected = {
      last_user_message: "hi",
      webhook_timestamp: 7,
      channel_type: "web",
      custom_data: JSON.stringify(jsonForm),
    };
    assert.deepEqual(webhookVariables({ ...event, custom: jsValues }), expected);
    const text = JSON.stringify({ ...event, custom: jsonForm });
    assert.deepEqual(webhookVariables(text), expected);
    assert.deepEqual(webhookVariables(new TextEncoder().encode(text)), expected);
    assert.equal(webhookVariables({ ...event, custom: undefined }).custom_data, "{}");
  });
  test("a BigInt timestamp keeps its digits", () => {
    const { webhook_timestamp } = webhookVariables({ ...event, timestamp: 2n ** 62n + 1n });
    assert.equal(webhook_timestamp, 2n ** 62n + 1n);
  });
  test("with now, a timestamp more than 24 h ahead is rejected", () => {
    const now = new Date(1_767_225_600_000);
    for (const timestamp of [7, -7, 3396.0, 1_767_312_000, 1_767_312_000_000]) {
      assert.equal(webhookVariables({ ...event, timestamp }, { now }).webhook_timestamp, timestamp);
    }
    const text = JSON.stringify(event).replace('"timestamp":7', '"timestamp":3396.0');
    assert.equal(webhookVariables(text, { now }).webhook_timestamp, 3396);
    for (const timestamp of [1_767_312_001, 1_767_312_000_001, 2n ** 63n - 1n]) {
      assert.deepEqual(issuesOf(() => webhookVariables({ ...event, timestamp }, { now })), [
        "invalid_timestamp /timestamp",
      ]);
      assert.equal(webhookVariables({ ...event, timestamp }).webhook_timestamp, timestamp);
    }
    assert.equal(webhookVariables(event, { now: new Date(-1) }).webhook_timestamp, 7);
    for (const wrong of [new Date(NaN), 7, "now", null, {}, [], { length: 1e9 }]) {
      assert.throws(() => webhookVariables(event, { now: wrong }), TypeError);
    }
    for (const options of [null, 7, "now"]) {
      assert.throws(() => webhookVariables(event, options), TypeError);
    }
  });
  test("an invalid event is rejected with its issue", () => {
    assert.deepEqual(issuesOf(() => webhookVariables({ ...event, custom: { f: () => {} } })), [
      "unserializable_type /custom/f",
    ]);
    assert.deepEqual(issuesOf(() => webhookVariables(null)), ["wrong_type "]);
    assert.deepEqual(issuesOf(() => webhookVariables("{")), ["invalid_json "]);
  });
  test("hashSessionId accepts a key as text or bytes and rejects invalid arguments", () => {
    const text = hashSessionId("s-1", "k");
    assert.equal(hashSessionId("s-1", new TextEncoder().encode("k")), text);
    assert.notEqual(hashSessionId("s-1"), text);
    assert.deepEqual(issuesOf(() => hashSessionId("\ud83d")), ["lone_surrogate /sessionId"]);
    assert.throws(() => hashSessionId(7), TypeError);
    assert.throws(() => hashSessionId("s", 7), TypeError);
  });
});
