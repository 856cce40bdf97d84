/** Schemas and context managers, which are in a separate WebAssembly module. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { importPackage, project, writeScript } from "./support/project.mjs";

const { ConfigurationError, ContextManager, hashSessionId, Schema, ValidationError } = await importPackage();

const profile = {
  type: "object",
  properties: {
    user_profile: {
      type: "object",
      additionalProperties: false,
      properties: {
        name: { type: "string", default: "" },
        age: { type: "integer", minimum: 0, default: 0 },
        preferences: { type: "array", items: { type: "string" }, default: [] },
      },
    },
  },
};

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

test("Schema and ContextManager compile their WebAssembly module once, on first use", () => {
  const program = writeScript(`
    const api = await import(${JSON.stringify(pathToFileURL(join(project, "main.mjs")).href)});
    const compiled = [];
    const { Module } = WebAssembly;
    WebAssembly.Module = new Proxy(Module, {
      construct: (type, [bytes]) => (compiled.push(bytes.length), new type(bytes)),
    });
    api.check({ a: 1 });
    const before = compiled.length;
    new api.Schema({});
    new api.ContextManager();
    console.log(before, compiled.length);`);
  const output = execFileSync(process.execPath, [program], { encoding: "utf8" });
  assert.equal(output, "0 1\n");
});

test("a schema works without a global `crypto`, as in Node 18", () => {
  const program = writeScript(`
    // Imported first, because Bun creates node:crypto from the global crypto.
    import "node:crypto";
    delete globalThis.crypto;
    const { Schema } = await import(${JSON.stringify(pathToFileURL(join(project, "main.mjs")).href)});
    console.log(typeof globalThis.crypto, new Schema({ properties: { a: { default: 1 } } }).apply({}).a);`);
  const output = execFileSync(process.execPath, [program], { encoding: "utf8" });
  assert.equal(output, "undefined 1\n");
});

describe("Schema", () => {
  const schema = new Schema(profile);
  test("apply does not change the payload", () => {
    const payload = Object.freeze({ user_profile: Object.freeze({ name: "Ada" }) });
    assert.deepEqual(schema.apply(payload), {
      user_profile: { name: "Ada", age: 0, preferences: [] },
    });
  });
  test("apply accepts dates, maps and sets in their JSON form", () => {
    const payload = new Map([["user_profile", { preferences: new Set(["tea"]) }]]);
    assert.deepEqual(schema.apply(payload).user_profile.preferences, ["tea"]);
    assert.equal(new Schema({ type: "string" }).apply(new Date(0)), "1970-01-01T00:00:00.000Z");
  });
  test("values without a JSON form are rejected with their paths", () => {
    assert.deepEqual(issuesOf(() => schema.apply({ a: [() => {}], b: NaN, c: 2n ** 60n })), [
      "unserializable_type /a/0",
      "non_finite_number /b",
      "unserializable_type /c",
    ]);
    assert.deepEqual(issuesOf(() => new Schema({ default: NaN })), ["non_finite_number /default"]);
  });
  test("__proto__ in a payload or a default is data", () => {
    const payload = JSON.parse('{"__proto__": {"polluted": 1}}');
    assert.deepEqual(Object.keys(new Schema(true).apply(payload)), ["__proto__"]);
    const defaults = JSON.parse('{"properties": {"__proto__": {"default": {"polluted": 1}}}}');
    assert.deepEqual(Object.keys(new Schema(defaults).apply({})), ["__proto__"]);
    assert.equal({}.polluted, undefined);
  });
  test("an invalid schema is a ConfigurationError", () => {
    for (const document of [{ type: 7 }, { $ref: "https://example.com/x.json" }, 7]) {
      assert.throws(() => new Schema(document), ConfigurationError);
    }
  });
  test("messages do not contain values", () => {
    assert.throws(
      () => schema.apply({ user_profile: { name: { S3CR3T: 1 }, age: "S3CR3T" } }),
      (error) => error.report.issues.length === 2 && !error.message.includes("S3CR3T"),
    );
  });
  test("a recursive schema accepts 128 levels and rejects 129", () => {
    const tree = new Schema({ properties: { k: { $ref: "#" } }, additionalProperties: false });
    let value = {};
    for (let level = 0; level < 128; level++) value = { k: value };
    assert.deepEqual(tree.apply(value), value);
    assert.deepEqual(issuesOf(() => tree.apply({ k: value })).map((found) => found.split(" ")[0]), [
      "nesting_too_deep",
    ]);
  });
  test("apply of a freed schema throws a ConfigurationError", () => {
    const freed = new Schema({});
    freed.free();
    freed.free();
    assert.throws(() => freed.apply({}), ConfigurationError);
  });
});

describe("ContextManager", () => {
  test("invalid options are a ConfigurationError, and options of a wrong type a TypeError", () => {
    for (const options of [
      { maxSizeBytes: Infinity },
      { maxSizeBytes: -1 },
      { maxSizeBytes: 1.5 },
      { ttlSeconds: NaN },
      { ttlSeconds: -1 },
      { schema: { type: 7 } },
    ]) {
      assert.throws(() => new ContextManager(options), ConfigurationError, JSON.stringify(options));
    }
    for (const options of [{ ttlSeconds: "300" }, { prunePaths: [1] }, { lru: "yes" }, { clock: 5 }]) {
      assert.throws(() => new ContextManager(options), TypeError, JSON.stringify(options));
    }
  });
  test("managers accept a shared Schema or a schema document, and work after the Schema is freed", () => {
    const schema = new Schema(profile);
    const managers = [schema, schema, profile].map((schema) => new ContextManager({ schema }));
    schema.free();
    for (const manager of managers) {
      const { context } = manager.update("s", {});
      assert.deepEqual(context.user_profile, { name: "", age: 0, preferences: [] });
      const paths = issuesOf(() => manager.update("s", { user_profile: { age: -1 } }));
      assert.deepEqual(paths, ["schema_violation /user_profile/age"]);
      assert.equal(manager.inspect("s").schema_valid, true);
    }
  });
  test("the `clock` option sets the time in seconds; the default is the current time", () => {
    let now = 1_767_225_600.5;
    const manager = new ContextManager({ clock: () => now, ttlSeconds: 0.25 });
    manager.update("s", { a: 1 });
    assert.deepEqual(manager.inspect("s").ttl_registry, { "/a": "2026-01-01T00:00:00.75Z" });
    now += 0.25;
    assert.deepEqual(manager.update("s", { b: 1 }), {
      context: { b: 1 },
      expired: ["/a"],
      pruned: [],
    });
    now += 1;
    assert.equal(manager.sweep(), 1);
    const today = new ContextManager();
    today.update("s", {});
    const { timestamp } = today.inspect("s").recent_audit_trail[0];
    assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 60_000, timestamp);
  });
  test("inspect returns the context and audit entries with hashed session ids and unique ids", () => {
    const managers = [new ContextManager(), new ContextManager()];
    const ids = new Set();
    for (const manager of managers) {
      manager.update("s-1", { at: new Date(0), __hidden: 1 });
      manager.reset("s-1");
      const found = manager.inspect("s-1");
      assert.equal(found.session_id, "s-1");
      assert.deepEqual(found.current_context, {});
      for (const entry of found.recent_audit_trail) {
        assert.equal(entry.session_id, hashSessionId("s-1"));
        ids.add(entry.audit_trail_id);
      }
    }
    assert.equal(ids.size, 4);
  });
  test("data without a JSON form is rejected, and the context does not change", () => {
    const manager = new ContextManager();
    manager.update("s", { a: 1 });
    assert.deepEqual(issuesOf(() => manager.update("s", { b: [Symbol("s")], c: 2n ** 64n })), [
      "unserializable_type /b/0",
      "unserializable_type /c",
    ]);
    assert.deepEqual(manager.inspect("s").current_context, { a: 1 });
  });
  test("__proto__ is removed like every key with two leading underscores", () => {
    const manager = new ContextManager();
    const data = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"x": 1}}}');
    const { context } = manager.update("__proto__", data);
    assert.deepEqual(Object.keys(context), ["constructor"]);
    assert.equal({}.polluted, undefined);
    assert.equal({}.x, undefined);
  });
  test("a session id that is not a well-formed string is rejected", () => {
    const manager = new ContextManager();
    assert.throws(() => manager.update(7, {}), TypeError);
    assert.deepEqual(issuesOf(() => manager.inspect("\ud83d")), ["lone_surrogate /sessionId"]);
  });
  test("a call of a freed manager throws a ConfigurationError", () => {
    const manager = new ContextManager();
    manager.free();
    manager.free();
    assert.throws(() => manager.sweep(), ConfigurationError);
  });
});
