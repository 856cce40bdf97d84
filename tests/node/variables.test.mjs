/** Variables: coercion, scopes, the debug view, responses and URLs, with values that JSON does not have. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { importPackage } from "./support/project.mjs";
import { issuesOf, jsonForm, jsValues, UNSUPPORTED } from "./support/workflow_values.mjs";

const {
  coerce,
  ConfigurationError,
  debugView,
  InjectionPayload,
  parseVariables,
  ProtocolError,
  resolveScopes,
  ValidationError,
  Variables,
  variablesUrl,
} = await importPackage();

describe("coerce", () => {
  test("only strings are coerced; other values are returned as they are", () => {
    const object = {};
    for (const value of [7, null, undefined, true, object, 7n]) {
      assert.equal(coerce(value, "compat", "string"), value);
    }
  });
  test("text with an integer beyond the safe range stays text", () => {
    for (const text of ["9007199254740993", "[9007199254740993]", '{"a":18446744073709551616}']) {
      assert.equal(coerce(text), text);
      assert.equal(coerce(text, "compat"), text);
    }
    assert.equal(coerce("9007199254740991"), Number.MAX_SAFE_INTEGER);
  });
  test("text with a lone surrogate stays text and is rejected with the hint json", () => {
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
  const tier = { name: "tier", value: jsValues, scope: "bot", more: 1 };
  const gold = { name: "tier", value: "gold", scope: "user" };
  test("resolveScopes returns the objects that were passed", () => {
    const resolved = resolveScopes(new Set([tier, { name: "x", value: 1, scope: "bot" }, gold]));
    assert.ok(resolved instanceof Map);
    assert.deepEqual([...resolved.keys()], ["tier", "x"]);
    assert.equal(resolved.get("tier"), gold);
  });
  test("resolveScopes keeps names with lone surrogates and unusual characters distinct", () => {
    const names = ["\ud83d", "\ufffd", "__proto__", "", "0"];
    const variables = names.map((name) => ({ name, value: name, scope: "\udc00" }));
    assert.deepEqual([...resolveScopes(variables).keys()], names);
  });
  test("debugView accepts a list, a map and parsed variables", () => {
    const expected = { tier: { value: jsonForm, scope: "bot", type: "object", is_system: false } };
    assert.deepEqual(debugView([tier]), expected);
    assert.deepEqual(debugView(resolveScopes([tier])), expected);
    const page = JSON.stringify({ variables: [{ ...tier, value: JSON.stringify(jsonForm) }] });
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
  test("debugView rejects a value without a JSON form with its path", () => {
    for (const [make, code, pathSuffix] of UNSUPPORTED) {
      const variables = [gold, { name: "n", value: make(), scope: "bot" }];
      assert.deepEqual(issuesOf(() => debugView(variables)), [`${code} /variables/1/value${pathSuffix}`]);
    }
  });
  test("an argument that is not a list of variables causes a TypeError that names `variables`", () => {
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
  /** Returns the JSON text of a page. */
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
  test("a page with an invalid field causes a ProtocolError with the path and without values", () => {
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
