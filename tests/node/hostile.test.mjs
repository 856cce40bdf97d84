/** Hostile input returns a result or throws a CognigyError, and the next calls succeed. */
import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { importPackage } from "./support/project.mjs";

const api = await importPackage();
const { CognigyError } = api;

/** The number of characters of a long key, name or id. */
const LONG = 1_000_000;
const BRACKETS = "[".repeat(10_000_000);
const DIGITS = "9".repeat(400);
const BAD_UTF8 = [
  Uint8Array.of(0xff),
  Uint8Array.of(0x22, 0xc3, 0x22),
  Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22),
  Uint8Array.of(0xf8, 0x88, 0x80, 0x80, 0x80),
];

/** Returns the JSON of a page with one variable. */
function page(value) {
  return `{"variables":[{"name":"n","value":${value},"scope":"bot"}]}`;
}

/** Returns 200,000 nested lists, more than any call stack can visit recursively. */
function deepList() {
  let value = [];
  for (let level = 0; level < 200_000; level++) value = [value];
  return value;
}

/** Functions with a text argument. */
const TEXTS = {
  coerce: (text) => api.coerce(text),
  "coerce, compat": (text) => api.coerce(text, "compat"),
  "coerce, hinted": (text) => api.coerce(text, "lossless", "json"),
  parseVariables: (text) => api.parseVariables(text),
  "parseVariables, a value": (text) => api.parseVariables(page(text)),
  "parseVariables, text in a value": (text) => api.parseVariables(page(JSON.stringify(text))),
  webhookVariables: (text) => api.webhookVariables(text),
  "webhookVariables, a member": (text) => api.webhookVariables(`{"custom":{"c":${text}}}`),
};

const manager = new api.ContextManager();
const schema = new api.Schema({ properties: { v: { type: "string", pattern: "^(a+)+$" } } });
/** Functions with a value of any type as the argument. */
const VALUES = {
  serializeContext: (v) => api.serializeContext({ v }),
  deepMerge: (v) => api.deepMerge({ v }, { v }),
  debugView: (value) => api.debugView([{ name: "n", value, scope: "bot" }]),
  InjectionPayload: (value) => new api.InjectionPayload("s", [{ key: "k", value }]).toApiBody(),
  StateUpdate: (v) => new api.StateUpdate({ session: { v }, user: { v } }).toApiBody(),
  "StateUpdate, split": (v) => new api.StateUpdate({ session: { v } }).split(),
  webhookVariables: (custom) => api.webhookVariables({ custom }),
  "Schema.apply": (v) => schema.apply({ v }),
  "new Schema": (document) => new api.Schema(document),
  "ContextManager.update": (v) => manager.update("s", { v }),
};

/** Calls a function and asserts that it succeeds or throws a CognigyError. */
function throwsOnlyCognigyErrors(action) {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof CognigyError, `${error?.name}: ${String(error?.message).slice(0, 200)}`);
    // The message may contain the path, and a key in it may have 1 MB.
    assert.ok(error.message.length < 20_000_000);
  }
}

afterEach(() => {
  assert.equal(api.check({ a: 1 }).ok, true);
  assert.deepEqual(api.deepMerge({ a: 1 }, { b: 2 }), { a: 1, b: 2 });
  assert.deepEqual(new api.Schema({}).apply({ a: [1] }), { a: [1] });
  assert.deepEqual(new api.ContextManager().update("s", { a: 1 }).context, { a: 1 });
});

describe("hostile text is accepted or throws a CognigyError:", () => {
  const texts = {
    "10 MB of brackets": BRACKETS,
    "10 MB of brackets after a key": `{"a":${BRACKETS}`,
    "a key of 1 MB": `{"${"k".repeat(LONG)}":1}`,
    "a key of 1 MB twice": `{"${"k".repeat(LONG)}":1,"${"k".repeat(LONG)}":2}`,
    "100,000 equal keys": `{${'"k":1,'.repeat(100_000)}"k":1}`,
    "400 digits": DIGITS,
    "400 digits in a list": `[${DIGITS}]`,
    "400 digits after the decimal point": `0.${DIGITS}`,
    "an exponent of 400 digits": `1e${DIGITS}`,
    "a lone surrogate": '"\\ud83d"',
    "a lone surrogate, unescaped": '"\ud83d"',
    "a zero byte": "\0",
    "a sentinel": "\u0001U",
    nothing: "",
  };
  for (const [name, run] of Object.entries(TEXTS)) {
    for (const [what, text] of Object.entries(texts)) {
      test(`${name}: ${what}`, () => throwsOnlyCognigyErrors(() => run(text)));
    }
  }
  for (const [index, bytes] of BAD_UTF8.entries()) {
    test(`bytes that are not UTF-8 are rejected, sample ${index}`, () => {
      assert.throws(() => api.parseVariables(bytes), api.ProtocolError);
      assert.throws(() => api.webhookVariables(bytes), api.ValidationError);
    });
  }
});

describe("a hostile value is accepted or throws a CognigyError:", () => {
  const values = {
    "200,000 nested lists": deepList(),
    "a key of 1 MB": { ["k".repeat(LONG)]: 1 },
    "100,000 keys": Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`k${n}`, n])),
    "a BigInt of 400 digits": BigInt(DIGITS),
    "the text of a pattern that backtracks": `${"a".repeat(60)}!`,
    "a schema that is a reference to itself": { $ref: "#" },
    "a schema that refers to itself twice": { allOf: [{ $ref: "#" }, { $ref: "#" }] },
  };
  for (const [name, run] of Object.entries(VALUES)) {
    for (const [what, value] of Object.entries(values)) {
      test(`${name}: ${what}`, () => throwsOnlyCognigyErrors(() => run(value)));
    }
  }
});

describe("a recursive schema is accepted or throws a CognigyError:", () => {
  const documents = {
    "a reference to itself": { $ref: "#" },
    "two schemas that refer to each other": {
      $ref: "#/$defs/a",
      $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } },
    },
    "two references to the schema in allOf": { allOf: [{ $ref: "#" }, { $ref: "#" }] },
    "a default for a property that refers to the schema": {
      properties: { a: { $ref: "#", default: { b: 1 } } },
    },
    "two properties that refer to the schema": {
      type: "object",
      properties: { a: { $ref: "#" }, b: { $ref: "#" } },
    },
  };
  for (const [what, document] of Object.entries(documents)) {
    test(what, () => throwsOnlyCognigyErrors(() => new api.Schema(document).apply({ x: 1 })));
    test(`${what}, in a manager`, () =>
      throwsOnlyCognigyErrors(() => new api.ContextManager({ schema: document }).update("s", { x: 1 })));
  }
});

test("ids and names of 1 MB are accepted, or rejected with a CognigyError", () => {
  const id = "i".repeat(LONG);
  assert.equal(api.hashSessionId(id).length, 64);
  assert.throws(() => api.variablesUrl("https://api.example", id), api.ValidationError);
  assert.equal(manager.update(id, { a: 1 }).context.a, 1);
  throwsOnlyCognigyErrors(() => new api.InjectionPayload("s", [{ key: id, value: 1 }]).toJson());
  assert.deepEqual([...api.resolveScopes([{ name: id, value: 1, scope: id }]).keys()], [id]);
});
