/** Checks of JavaScript values, with and without a JSON form. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import vm from "node:vm";
import { importPackage } from "./support/project.mjs";

const api = await importPackage();
const { check, checkJson, measure, ValidationError } = api;

/** Returns `code path` of every issue. */
function issuesOf(value, policy = "context") {
  return check(value, policy).issues.map(({ code, path }) => `${code} ${path}`);
}

/** Asserts that a value has no issues and the same sizes as its JSON form. */
function assertMeasuredAs(value, json) {
  assert.deepEqual(issuesOf(value), []);
  assert.deepEqual(measure(value), measure(JSON.parse(json)));
}

/** Returns the number 1 within lists. */
function nested(levels) {
  let value = 1;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

describe("a value without a JSON form is reported as an issue:", () => {
  const throwing = {
    get getter() {
      throw new Error("no");
    },
  };
  const cases = {
    "NaN": [{ a: { b: NaN } }, "non_finite_number /a/b"],
    "an infinity in a list": [{ a: [1, -Infinity] }, "non_finite_number /a/1"],
    "undefined": [{ a: { b: undefined } }, "unserializable_type /a/b"],
    "a hole in a list": [{ a: [1, , 2] }, "unserializable_type /a"],
    "undefined in a list": [{ a: [1, undefined] }, "unserializable_type /a/1"],
    "an array-like object whose length is not a number": [{ a: { length: NaN } }, "non_finite_number /a/length"],
    "a function": [{ a: () => {} }, "unserializable_type /a"],
    "a symbol": [{ a: Symbol("s") }, "unserializable_type /a"],
    "an error": [{ a: new Error("e") }, "unserializable_type /a"],
    "a regular expression": [{ a: /x/ }, "unserializable_type /a"],
    "a promise": [{ a: Promise.resolve() }, "unserializable_type /a"],
    "a typed array": [{ a: new Float64Array(2) }, "unserializable_type /a"],
    "an array buffer": [{ a: new ArrayBuffer(2) }, "unserializable_type /a"],
    "an invalid date": [{ a: new Date(NaN) }, "unserializable_type /a"],
    "a getter that throws": [{ a: throwing }, "unserializable_type /a/getter"],
    "a toJSON that throws": [
      { a: { toJSON: () => assert.fail() } },
      "unserializable_type /a",
    ],
    "a toJSON that returns undefined": [{ a: { toJSON() {} } }, "unserializable_type /a"],
    "a proxy that throws": [
      { a: new Proxy({}, { ownKeys: () => assert.fail() }) },
      "unserializable_type /a",
    ],
    "a revoked proxy": [{ a: revoked() }, "unserializable_type /a"],
    "a key of a map that is not a string": [{ a: new Map([[1, 2]]) }, "non_string_key /a"],
    "a lone surrogate": [{ a: "\ud83d" }, "lone_surrogate /a"],
    "a lone surrogate in a key": [{ a: { "\udc00": 1 } }, "lone_surrogate /a/\ufffd"],
    "NaN in a boxed number": [{ a: new Number(NaN) }, "non_finite_number /a"],
    "undefined at the top level": [undefined, "unserializable_type "],
  };
  for (const [name, [value, expected]] of Object.entries(cases)) {
    test(name, () => assert.ok(issuesOf(value).includes(expected), issuesOf(value).join()));
  }

  function revoked() {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  }

  test("every issue is reported, not only the first", () => {
    assert.deepEqual(issuesOf({ a: NaN, b: [undefined], c: { d: () => {} } }), [
      "non_finite_number /a",
      "unserializable_type /b/0",
      "unserializable_type /c/d",
    ]);
  });

  test("measure of such a value throws a ValidationError with the report", () => {
    assert.throws(
      () => measure({ a: NaN }),
      (error) =>
        error instanceof ValidationError && error.report.issues[0].code === "non_finite_number",
    );
  });
});

describe("a list with holes is one issue, in time and memory that do not follow its length:", () => {
  const longList = [];
  longList[4_000_000_000] = { tier: "gold" };
  const listOfIds = Object.assign([], { 5_000_000_000: "gold" });
  const message = "the list has 4,000,000,000 holes";
  const onlyIssue = (report) => report.issues.map(({ code, path, message }) => [code, path, message]);

  test("check and measure report the list, with the number of its holes", () => {
    assert.deepEqual(onlyIssue(check({ a: longList, b: [1, , 3, ,] })), [
      ["unserializable_type", "/a", message],
      ["unserializable_type", "/b", "the list has 2 holes"],
    ]);
    assert.deepEqual(onlyIssue(check({ a: [, 1] })), [["unserializable_type", "/a", "the list has 1 hole"]]);
    assert.deepEqual(onlyIssue(check({ a: new Array(20_000_000) })), [
      ["unserializable_type", "/a", "the list has 20,000,000 holes"],
    ]);
    assert.match(check({ a: longList }).issues[0].hint, /object/);
    assert.throws(() => measure(longList), ValidationError);
    assert.deepEqual(onlyIssue(check({ a: 1 }, "platform", { a: longList })), [
      ["unserializable_type", "/a", `in the existing context: ${message}`],
    ]);
  });

  test("a list without items that has properties, such as one with an index beyond 2^32, is an issue", () => {
    const expected = "the list has properties but no items, and JSON lists have only items";
    assert.deepEqual(onlyIssue(check({ a: listOfIds })), [["unserializable_type", "/a", expected]]);
    assert.deepEqual(onlyIssue(check({ a: Object.assign([], { tier: 1 }), d: new Date(0) })), [
      ["unserializable_type", "/a", expected],
    ]);
    // The result of a match has properties as well.
    assertMeasuredAs({ a: "gold".match(/o(.)/) }, '{"a":["ol","l"]}');
    assertMeasuredAs({ a: [] }, '{"a":[]}');
  });

  test("a proxy of a list is as long as its target", () => {
    const proxied = new Proxy([], { get: (target, key) => (key === "length" ? 4e9 : (Reflect.get(target, key) ?? 1)) });
    assert.equal(onlyIssue(check({ a: proxied })).length, 1);
    assertMeasuredAs({ a: new Proxy([1, 2], {}) }, '{"a":[1,2]}');
  });

  test("an array-like object is an object", () => assertMeasuredAs({ a: { length: 1e9 } }, '{"a":{"length":1000000000}}'));

  test("a long list without holes is no issue", () => {
    const list = Array.from({ length: 1_200_000 }, () => 1);
    assert.equal(measure({ list }).jsonBytes, 2_400_010);
  });

  test("every function that takes values reports the list", () => {
    const policy = new api.Policy("platform");
    const address = { baseUrl: "https://api.example", sessionId: "s", userId: "u" };
    const manager = new api.ContextManager();
    const calls = {
      serializeContext: () => api.serializeContext({ longList }),
      deepMerge: () => api.deepMerge({ longList }, {}),
      debugView: () => api.debugView([{ name: "n", scope: "user", value: longList }]),
      InjectionPayload: () => new api.InjectionPayload("s", [{ key: "k", value: longList }]).toJson(),
      StateUpdate: () => new api.StateUpdate({ session: { longList } }).toJson(),
      "StateUpdate.split": () => new api.StateUpdate({ user: { longList } }).split(),
      injectContextRequest: () => api.injectContextRequest({ ...address, context: { longList }, policy }),
      appendVariablesRequest: () => api.appendVariablesRequest({ ...address, variables: { longList } }),
      webhookVariables: () =>
        api.webhookVariables({ sessionId: "s", userId: "u", message: "", channel: "", timestamp: 1, custom: { longList } }),
      "new Schema": () => new api.Schema({ enum: longList }),
      "Schema.apply": () => new api.Schema({}).apply({ longList }),
      "ContextManager.update": () => manager.update("s", { longList }),
      applyTo: () => api.applyTo({ addToContext: assert.fail }, { longList }, { throws: true }),
    };
    for (const [name, call] of Object.entries(calls)) {
      assert.throws(call, (error) => {
        assert.ok(error instanceof ValidationError, `${name}: ${error}`);
        const found = error.report.issues.filter(({ code }) => code === "unserializable_type");
        assert.deepEqual(found.map((issue) => issue.message), [message], name);
        return true;
      });
    }
  });

  test("a list of arguments with holes is a TypeError", () => {
    for (const call of [
      () => new api.InjectionPayload("s", longList),
      () => api.resolveScopes(longList),
      () => api.debugView(longList),
      () => api.parseVariables(longList),
      () => new api.ContextManager({ prunePaths: longList }),
      () => new api.Client({ baseUrl: "https://api.example", apiKey: "k" }).injectMany(longList),
    ]) {
      assert.throws(call, { name: "TypeError", message: /^\w+ must be a list without holes$/ });
    }
    assert.throws(() => new api.Policy("platform", { reservedPrefixes: longList }), api.ConfigurationError);
  });
});

describe("a value with a JSON form is measured in that form:", () => {
  const date = new Date("2026-01-02T03:04:05.678Z");
  test("a date", () => assertMeasuredAs({ d: date }, '{"d":"2026-01-02T03:04:05.678Z"}'));
  test("a map", () => assertMeasuredAs({ m: new Map([["k", new Map([["l", 1]])]]) }, '{"m":{"k":{"l":1}}}'));
  test("a map at the top level", () => assertMeasuredAs(new Map([["k", 1]]), '{"k":1}'));
  test("a set", () => assertMeasuredAs({ s: new Set(["a", "b"]) }, '{"s":["a","b"]}'));
  test("a BigInt", () => assertMeasuredAs({ n: 12n, m: -7n }, '{"n":12,"m":-7}'));
  test("boxed values", () =>
    assertMeasuredAs(
      { n: new Number(1), s: new String("x"), b: new Boolean(false), i: Object(5n) },
      '{"n":1,"s":"x","b":false,"i":5}',
    ));
  test("an instance of a class", () => {
    class Customer {
      #secret = 1;
      tier = "gold";
      get computed() {
        return this.#secret;
      }
    }
    assertMeasuredAs({ c: new Customer() }, '{"c":{"tier":"gold"}}');
  });
  test("the result of toJSON", () =>
    assertMeasuredAs(
      { u: new URL("https://example.org/"), v: { toJSON: (key) => key } },
      '{"u":"https://example.org/","v":"v"}',
    ));
  test("minus zero", () => assertMeasuredAs({ z: -0 }, '{"z":0}'));
  test("an object with symbol keys and non-enumerable properties, which are ignored", () => {
    const value = { a: 1, [Symbol("s")]: NaN };
    Object.defineProperty(value, "hidden", { value: NaN });
    assertMeasuredAs(value, '{"a":1}');
  });
  test("an object without a prototype", () =>
    assertMeasuredAs(Object.assign(Object.create(null), { a: 1 }), '{"a":1}'));
  test("values of another realm", () => {
    const foreign = vm.runInNewContext(
      "({ d: new Date(0), m: new Map([['k', 1]]), s: new Set([1]), a: [1], o: { p: true } })",
    );
    assertMeasuredAs(foreign, '{"d":"1970-01-01T00:00:00.000Z","m":{"k":1},"s":[1],"a":[1],"o":{"p":true}}');
  });
  test("a key called __proto__ is data", () => {
    const value = JSON.parse('{"a": {"__proto__": {"x": 1}}}');
    assert.equal(check(value, "platform").sizes.jsonBytes, 27);
    assert.deepEqual(measure(value), { jsonBytes: 27, platformBytes: 30, depth: 2, variables: 1 });
    assert.equal({}.x, undefined);
  });
});

describe("the value of an internal key", () => {
  test("is not checked by a policy that removes internal keys", () => {
    assert.deepEqual(issuesOf({ a: 1, __x: NaN, b: { __y: () => {} } }), []);
  });
  test("is checked by other policies", () => {
    assert.deepEqual(issuesOf({ __x: NaN }, "platform"), ["non_finite_number /__x"]);
  });
});

describe("nesting and cycles", () => {
  test("128 levels are accepted", () => assert.deepEqual(issuesOf({ a: nested(128) }), []));
  for (const levels of [129, 200, 100_000]) {
    test(`${levels} levels are one issue, the same for an object and for text`, () => {
      const value = { a: nested(levels) };
      const text = `{"a":${"[".repeat(levels)}1${"]".repeat(levels)}}`;
      const issues = check(value).issues;
      assert.deepEqual(issues.map(({ code }) => code), ["nesting_too_deep"]);
      assert.deepEqual(checkJson(text).issues, issues);
    });
  }
  test("an object that contains itself is circular", () => {
    const value = { a: { b: [] } };
    value.a.b.push(value.a);
    assert.deepEqual(issuesOf(value), ["circular_reference /a/b/0"]);
  });
  test("a top-level value that contains itself is circular", () => {
    const value = {};
    value.self = value;
    assert.deepEqual(issuesOf(value), ["circular_reference /self"]);
  });
  test("a set that contains itself is circular", () => {
    const set = new Set();
    set.add(set);
    assert.deepEqual(issuesOf({ set }), ["circular_reference /set/0"]);
  });
  test("the same object twice is not circular", () => {
    const shared = { x: 1 };
    assertMeasuredAs({ a: shared, b: [shared, shared] }, '{"a":{"x":1},"b":[{"x":1},{"x":1}]}');
  });
});

describe("JSON text", () => {
  const codes = (text) => checkJson(text, "context").issues.map(({ code }) => code);
  test("the report is the same for a string, bytes and buffers", () => {
    const text = '{"a": "ü€😀", "b": 1}';
    const bytes = new TextEncoder().encode(text);
    assert.deepEqual(checkJson(bytes), checkJson(text));
    assert.deepEqual(checkJson(bytes.buffer), checkJson(text));
    assert.deepEqual(checkJson(Buffer.from(text)), checkJson(text));
    const foreign = vm.runInNewContext("bytes => new Uint8Array(bytes)")([...bytes]);
    assert.deepEqual(checkJson(foreign), checkJson(text));
    assert.deepEqual(checkJson(foreign.buffer), checkJson(text));
  });
  test("an unescaped lone surrogate is reported, and a surrogate pair is not", () => {
    assert.deepEqual(codes('{"a":"x\ud83dy"}'), ["lone_surrogate"]);
    assert.deepEqual(codes('{"a":"\\\\\ud83d"}'), ["lone_surrogate"]);
    assert.deepEqual(codes('{"a":"\\\ud83d"}'), ["invalid_json"]);
    assert.deepEqual(codes('{"a":"\ud83d\ude00"}'), []);
  });
  test("a sentinel, which the package uses internally, is not valid JSON", () => {
    assert.deepEqual(codes('{"a":\u0001N}'), ["invalid_json"]);
  });
  test("an argument that is neither text nor bytes causes a TypeError", () => {
    for (const text of [undefined, null, 7, { a: 1 }, [1]]) {
      assert.throws(() => checkJson(text), TypeError);
    }
  });
  test("the size is correct for short texts after long ones, with 3 bytes for each €", () => {
    for (const length of [1, 100_000, 10, 3_000_000, 0]) {
      const text = JSON.stringify({ a: "€".repeat(length) });
      assert.equal(checkJson(text, "context").sizes.jsonBytes, 8 + 3 * length);
    }
  });
});

test("a toJSON that calls checkJson does not affect the outer check", () => {
  const nestedCheck = {
    toJSON() {
      checkJson(JSON.stringify({ other: "x".repeat(5000) }));
      return "mine";
    },
  };
  assertMeasuredAs({ a: nestedCheck, b: 1 }, '{"a":"mine","b":1}');
  const report = check({ b: 1 }, "platform", { a: nestedCheck });
  assert.deepEqual(report.sizes, measure({ b: 1 }));
});
