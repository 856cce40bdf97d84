/** The workflows with JavaScript values that JSON does not have: dates, maps, BigInts, prototypes, classes. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { imported } from "./support/project.mjs";

const {
  coerce,
  ConfigurationError,
  debugView,
  deepMerge,
  hashSessionId,
  InjectionPayload,
  parseVariables,
  ProtocolError,
  resolveScopes,
  serializeContext,
  StateUpdate,
  ValidationError,
  Variable,
  Variables,
  variablesUrl,
  webhookVariables,
} = await imported();

/** Returns `code path` of every issue of the ValidationError that `action` throws. */
function issuesOf(action) {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof ValidationError, String(error));
    return error.report.issues.map(({ code, path }) => `${code} ${path}`);
  }
  assert.fail("nothing was thrown");
}

function cycle() {
  const value = {};
  value.self = value;
  return value;
}

function sortByName(entries) {
  return entries.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Values without a JSON form: a function that creates the value, the issue's code, and its path within the value. */
const UNSUPPORTED = [
  [() => () => {}, "unserializable_type", ""],
  [() => Symbol("s"), "unserializable_type", ""],
  [() => NaN, "non_finite_number", ""],
  [() => ({ deep: [Infinity] }), "non_finite_number", "/deep/0"],
  [cycle, "circular_reference", "/self"],
  [() => "\ud83d", "lone_surrogate", ""],
  [() => new Map([[1, 2]]), "non_string_key", ""],
  [() => new Date(NaN), "unserializable_type", ""],
];

/** Values that JSON does not have. `plain` is their JSON form. */
const rich = {
  at: new Date(0),
  map: new Map([["k", new Set([1, "two"])]]),
  big: 7n,
};
const plain = { at: "1970-01-01T00:00:00.000Z", map: { k: [1, "two"] }, big: 7 };

describe("coerce", () => {
  test("only strings are coerced; other values are returned as they are", () => {
    const object = {};
    for (const value of [7, null, undefined, true, object, 7n]) {
      assert.equal(coerce(value, "compat", "string"), value);
    }
  });
  test("an integer beyond the safe range stays text, alone and inside JSON text", () => {
    for (const text of ["9007199254740993", "[9007199254740993]", '{"a":18446744073709551616}']) {
      assert.equal(coerce(text), text);
      assert.equal(coerce(text, "compat"), text);
    }
    assert.equal(coerce("9007199254740991"), Number.MAX_SAFE_INTEGER);
  });
  test("text with a lone surrogate stays text and cannot be converted", () => {
    for (const text of ["\ud83d", '"\ud83d"', "4\udc00"]) {
      assert.equal(coerce(text), text);
      assert.equal(coerce(text, "lossless", "string"), text);
      assert.deepEqual(issuesOf(() => coerce(text, "compat", "json")), ["coercion_failed "]);
    }
  });
  test("text that cannot be converted to the hinted type is rejected, and the message does not contain it", () => {
    assert.throws(
      () => coerce("S3CR3T", "lossless", "number"),
      (error) => error instanceof ValidationError && !error.message.includes("S3CR3T"),
    );
  });
  test("an unknown mode causes a ConfigurationError", () => {
    assert.throws(() => coerce("1", "eager"), ConfigurationError);
  });
  test("__proto__ in JSON text is an ordinary key", () => {
    const value = coerce('{"__proto__": {"polluted": true}}');
    assert.deepEqual(Object.keys(value), ["__proto__"]);
    assert.equal(value.polluted, undefined);
    assert.equal({}.polluted, undefined);
  });
});

describe("resolveScopes and debugView", () => {
  const tier = { name: "tier", value: rich, scope: "bot", more: 1 };
  const gold = { name: "tier", value: "gold", scope: "user" };
  test("resolveScopes returns the objects that were passed", () => {
    const resolved = resolveScopes(new Set([tier, { name: "x", value: 1, scope: "bot" }, gold]));
    assert.ok(resolved instanceof Map);
    assert.deepEqual([...resolved.keys()], ["tier", "x"]);
    assert.equal(resolved.get("tier"), gold);
  });
  test("names with any characters stay distinct", () => {
    const names = ["\ud83d", "\ufffd", "__proto__", "", "0"];
    const variables = names.map((name) => ({ name, value: name, scope: "\udc00" }));
    assert.deepEqual([...resolveScopes(variables).keys()], names);
  });
  test("debugView accepts a list, a map and parsed variables", () => {
    const expected = { tier: { value: plain, scope: "bot", type: "object", is_system: false } };
    assert.deepEqual(debugView([tier]), expected);
    assert.deepEqual(debugView(resolveScopes([tier])), expected);
    const page = JSON.stringify({ variables: [{ ...tier, value: JSON.stringify(plain) }] });
    assert.deepEqual(debugView(parseVariables(page)), expected);
  });
  test("debugView keeps every digit of a BigInt", () => {
    const view = debugView([{ name: "n", value: [2n ** 70n], scope: "bot" }]);
    assert.deepEqual(view.n.value, [2n ** 70n]);
  });
  test("debugView accepts the name __proto__", () => {
    const view = debugView([{ name: "__proto__", value: { polluted: 1 }, scope: "bot" }]);
    assert.deepEqual(Object.keys(view), ["__proto__"]);
    assert.equal({}.polluted, undefined);
  });
  test("a value without a JSON form is rejected with its path", () => {
    for (const [make, code, pathSuffix] of UNSUPPORTED) {
      const variables = [gold, { name: "n", value: make(), scope: "bot" }];
      assert.deepEqual(issuesOf(() => debugView(variables)), [`${code} /variables/1/value${pathSuffix}`]);
    }
  });
  test("an argument that is not a list of variables causes a TypeError that names it", () => {
    for (const variables of [undefined, null, 5, { a: 1 }]) {
      for (const action of [resolveScopes, debugView, (list) => new InjectionPayload("s", list)]) {
        assert.throws(() => action(variables), { name: "TypeError", message: /^variables must be/ });
      }
    }
  });

  test("an item that is not a variable causes a TypeError", () => {
    for (const variable of [null, {}, { name: 1, scope: "bot" }, { name: "n" }]) {
      assert.throws(() => resolveScopes([variable]), TypeError);
      assert.throws(() => debugView([variable]), TypeError);
    }
  });
});

describe("parseVariables", () => {
  const page = (variables, more = {}) => JSON.stringify({ variables, ...more });
  const variables = parseVariables(
    [
      page([
        { name: "tier", value: "silver", scope: "bot" },
        { name: "visits", value: "3", scope: "session", type: "integer" },
      ]),
      new TextEncoder().encode(
        page([{ name: "tier", value: '{"of":"ü"}', scope: "user" }], {
          pagination: { nextCursor: "c-3" },
        }),
      ),
    ],
    { mode: "lossless" },
  );
  test("Variables has the methods of a read-only map", () => {
    assert.ok(variables instanceof Variables);
    assert.equal(variables.size, 2);
    assert.equal(variables.has("tier"), true);
    assert.equal(variables.has("toString"), false);
    assert.deepEqual(variables.get("tier"), { name: "tier", value: { of: "ü" }, scope: "user" });
    assert.equal(variables.get("visits").type, "integer");
    assert.deepEqual([...variables].map(([name]) => name), ["tier", "visits"]);
    assert.deepEqual([...variables.keys()], ["tier", "visits"]);
    assert.equal(variables.nextCursor, "c-3");
    assert.equal(parseVariables(page([])).nextCursor, undefined);
  });
  test("shadowed variables are listed with the scope that shadows them", () => {
    assert.deepEqual(variables.shadowed, [
      { variable: { name: "tier", value: "silver", scope: "bot" }, by: "user" },
    ]);
  });
  test("Variables and its parts are frozen", () => {
    for (const part of [variables, variables.issues, variables.shadowed, variables.get("tier")]) {
      assert.ok(Object.isFrozen(part));
    }
    assert.equal(variables.set, undefined);
  });
  test("a rounded integer causes a warning", () => {
    const read = parseVariables('{"variables":[{"name":"n","value":9007199254740993,"scope":"bot"}]}');
    assert.deepEqual(
      read.issues.map(({ code, severity, path }) => [code, severity, path]),
      [["unsafe_integer", "warning", "/variables/0/value"]],
    );
  });
  test("a page with an invalid field causes a ProtocolError that has the path and no values", () => {
    assert.throws(
      () => parseVariables(page([{ name: 7, value: "S3CR3T", scope: "bot" }])),
      (error) => {
        assert.ok(error instanceof ProtocolError);
        assert.match(error.message, /\/variables\/0\/name/);
        assert.ok(!error.message.includes("S3CR3T"));
        assert.equal(error.operation, "get_variables");
        return true;
      },
    );
    assert.throws(() => parseVariables({}), TypeError);
  });
});

describe("variablesUrl", () => {
  test("an invalid base URL or session id is rejected", () => {
    assert.throws(() => variablesUrl("https://api.example", 7), TypeError);
    assert.throws(() => variablesUrl("ftp://x", "s"), ConfigurationError);
    assert.deepEqual(issuesOf(() => variablesUrl("https://api.example", "\ud83d")), [
      "lone_surrogate /sessionId",
    ]);
  });
});

describe("InjectionPayload", () => {
  test("dates, maps, sets, BigInts and expiry times are written in their JSON form", () => {
    const payload = new InjectionPayload("s-1", [
      { key: "a", value: rich, scope: "user", expiresAt: new Date("2100-01-02T03:04:05.678Z") },
      { key: "b", value: null, expiresAt: "2100-01-02T03:04:05+02:00" },
    ], { mergeStrategy: "replace" });
    assert.deepEqual(payload.toApiBody(), {
      variables: [
        { key: "a", value: plain, scope: "user", expiresAt: "2100-01-02T03:04:05.678Z" },
        { key: "b", value: null, scope: "session", expiresAt: "2100-01-02T03:04:05+02:00" },
      ],
      mergeStrategy: "replace",
    });
    assert.equal(payload.toJson(), JSON.stringify(payload.toApiBody()));
    assert.equal(payload.check().ok, true);
  });
  test("the constructor does not check the variables; check, toJson and toApiBody do", () => {
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
  test("variables may be `Variable` instances, and the merge strategy a string", () => {
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
  test("a toJSON that writes another payload does not affect the outer payload", () => {
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
  test("objects and maps are written in their JSON form", () => {
    const update = new StateUpdate({ session: new Map([["a", rich]]), user: { b: rich } });
    assert.deepEqual(update.toApiBody(), { session: { a: plain }, user: { b: plain } });
    assert.equal(update.toJson(), JSON.stringify(update.toApiBody()));
  });
  test("an update without maps causes an empty_update issue", () => {
    assert.deepEqual(issuesOf(() => new StateUpdate().toJson()), ["empty_update "]);
    assert.deepEqual(issuesOf(() => new StateUpdate({ session: null }).toJson()), ["empty_update "]);
  });
  test("a wrong type and a value without a JSON form cause issues with their paths", () => {
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
    assert.equal(serializeContext({ ...rich, __x: NaN }), JSON.stringify(plain));
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
    assert.deepEqual(deepMerge(rich, { x: new Date(0) }), { ...plain, x: plain.at });
  });
  test("deepMerge changes no prototype", () => {
    const update = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}');
    const merged = deepMerge({ a: {} }, update);
    assert.deepEqual(Object.keys(merged), ["a", "__proto__", "constructor"]);
    assert.equal(Object.getPrototypeOf(merged), Object.prototype);
    assert.equal({}.polluted, undefined);
  });
  test("deepMerge keeps every number and rejects a BigInt beyond the safe range", () => {
    const numbers = [0.1, 1e20, 2 ** 53, 2 ** 63, 1.7976931348623157e308, 5e-324, -1, 123456789.125];
    assert.deepEqual(deepMerge({ numbers }, {}), { numbers });
    assert.deepEqual(deepMerge({ numbers, n: 1n }, {}), { numbers, n: 1 });
    assert.deepEqual(issuesOf(() => deepMerge({}, { n: 2n ** 53n })), ["unserializable_type /n"]);
  });
});

describe("webhook events", () => {
  const event = { sessionId: "s", userId: "u", message: "hi", channel: "web", timestamp: 7 };
  test("an object, text and bytes result in the same variables", () => {
    const expected = {
      last_user_message: "hi",
      webhook_timestamp: 7,
      channel_type: "web",
      custom_data: JSON.stringify(plain),
    };
    assert.deepEqual(webhookVariables({ ...event, custom: rich }), expected);
    const text = JSON.stringify({ ...event, custom: plain });
    assert.deepEqual(webhookVariables(text), expected);
    assert.deepEqual(webhookVariables(new TextEncoder().encode(text)), expected);
    assert.equal(webhookVariables({ ...event, custom: undefined }).custom_data, "{}");
  });
  test("a timestamp keeps its digits", () => {
    const { webhook_timestamp } = webhookVariables({ ...event, timestamp: 2n ** 62n + 1n });
    assert.equal(webhook_timestamp, 2n ** 62n + 1n);
  });
  test("an invalid event is rejected", () => {
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
