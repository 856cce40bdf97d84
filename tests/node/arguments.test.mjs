/**
 * Every export with wrong values in every place of its arguments: the result is a value, a documented error or a
 * TypeError that names the argument. The places come from the declarations of the package.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { readDeclarations } from "./support/declarations.mjs";
import { importPackage, packageFolder, project } from "./support/project.mjs";
import { CallerError, WRONG_VALUES } from "./support/wrong_values.mjs";

const api = await importPackage();
const script = fileURLToPath(new URL("support/wrong_arguments.mjs", import.meta.url));

/** Bounds of the process that makes the calls. Following the length of a list would exceed each of them. */
const MAX_HEAP_MIB = 256;
const MAX_WASM_GROWTH_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MS = 300_000;

describe("wrong values in every place of every export", () => {
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [`--max-old-space-size=${MAX_HEAP_MIB}`, script, join(packageFolder, "pkg", "types", "node.d.ts")],
    { encoding: "utf8", env: { ...process.env, PACKAGE: project }, timeout: TIMEOUT_MS },
  );
  const last = stderr.trimEnd().split("\n").at(-1);
  const result = status === 0 ? JSON.parse(stdout) : undefined;

  test("the process makes all calls within its time and memory", () =>
    assert.equal(status, 0, `ended by ${signal ?? `exit code ${status}`} after: ${last}\n${stderr.slice(-2000)}`));

  test("every export of the declarations has a valid call, and every valid call an export", () => {
    assert.deepEqual(result.missing, [], "add a call to support/valid_arguments.mjs");
    assert.deepEqual(result.unknown, []);
    assert.deepEqual(result.notExported, []);
    // Fewer of them would mean that the declarations are not read.
    assert.ok(result.callables >= 90, `${result.callables} callables`);
    assert.ok(result.places >= 450, `${result.places} places`);
    assert.ok(result.attempts >= 40 * result.places, `${result.attempts} calls`);
  });

  test("every call returns a value or throws a documented error", () => assert.deepEqual(result.failures, []));

  test("no module stopped, and the memory of the modules is bounded", () => {
    assert.equal(result.instances, 3, "a module that stops is replaced by a new instance");
    assert.ok(result.grownBytes <= MAX_WASM_GROWTH_BYTES, `${result.grownBytes} bytes`);
  });
});

describe("the entry for browsers", () => {
  const INITIALISERS = ["init", "initSync", "initClient", "initSchema"];
  const typesOf = (entry) => readDeclarations(join(packageFolder, "pkg", "types", `${entry}.d.ts`));

  test("has the same callables as the entry for Node, except for its own", () => {
    const namesOf = (entry) => [...typesOf(entry).keys()];
    const node = namesOf("node").filter((name) => !/^(fileJournal$|FileJournal\.)/.test(name));
    assert.deepEqual(namesOf("browser").sort(), [...node, ...INITIALISERS].sort());
  });

  test("rejects sources of a wrong type, and can be initialised afterwards", async (t) => {
    // Without a network: a string is a URL.
    t.mock.method(globalThis, "fetch", () => Promise.reject(new TypeError("the source must be reachable")));
    const browser = await import(join(packageFolder, "pkg", "browser.js"));
    const initialisers = { ...browser, init: browser.default };
    for (const name of INITIALISERS) {
      for (const [kind, create] of Object.entries(WRONG_VALUES)) {
        await assert.rejects(
          async () => initialisers[name](create()),
          (error) => {
            const isExpected =
              error instanceof CallerError ||
              error instanceof WebAssembly.CompileError ||
              (error instanceof TypeError && /must be|revoked/.test(error.message));
            assert.ok(isExpected, `${name}, ${kind}: ${error}`);
            return true;
          },
        );
      }
    }
    const source = readFileSync(join(packageFolder, "pkg", "cognigy-context.wasm"));
    assert.throws(() => browser.initSync(source, 5), {
      name: "TypeError",
      message: "client must be a WebAssembly.Module or bytes, not a number",
    });
    browser.initSync(source);
    assert.equal(browser.check({ a: 1 }).ok, true);
  });
});

describe("the message of a TypeError names the argument, the expected type and the given type:", () => {
  const session = { baseUrl: "https://api.example", sessionId: "s" };
  const client = () => new api.Client({ baseUrl: "https://api.example", apiKey: "k" });
  const cases = {
    "mode must be a string, not a number": () => api.coerce("1", 5),
    "mode must be a string, not an object": () => api.coerce(1, { length: 1e9 }),
    "hint must be a string, not an array": () => api.coerce("1", "compat", []),
    "options must be an object, not a string": () => api.parseVariables("{}", "compat"),
    "mode must be a string, not a symbol": () => api.parseVariables("{}", { mode: Symbol("s") }),
    "pages must be a list without holes": () => api.parseVariables([, "{}"]),
    "overrides must be an object, not a Map object": () => new api.Policy("platform", new Map()),
    "preset must be a string, not null": () => new api.Policy(null),
    "request must be an object, not undefined": () => api.getDocumentRequest(),
    "payload must be an InjectionPayload, not an object": () => api.injectRequest({ ...session, payload: {} }),
    "includeSystem must be a boolean, not a string": () => api.getVariablesRequest({ ...session, includeSystem: "no" }),
    "query must be an object, not a Set object": () => api.variablesUrl("https://api.example", "s", new Set()),
    "variables must be a list without holes": () => new api.InjectionPayload("s", new Array(2)),
    "variables must be an array or another iterable, not a string": () => api.resolveScopes("abc"),
    "mergeStrategy must be a string, not a number": () => new api.InjectionPayload("s", [], { mergeStrategy: 5 }),
    "clock must be a function, not a number": () => new api.ContextManager({ clock: 5 }),
    "the result of clock must be a number, not a bigint": () => new api.ContextManager({ clock: () => 5n }).sweep(),
    "maxSizeBytes must be a number, not a bigint": () => new api.ContextManager({ maxSizeBytes: 5n }),
    "prunePaths must be a list without holes": () => new api.ContextManager({ prunePaths: [, "/a"] }),
    "deadline must be a number, not a string": () => new api.Client({ baseUrl: "https://x.example", deadline: "60" }),
    "rate must be { requests, window } or null, not a number": () => new api.Client({ rate: 5 }),
    "seconds must be a number, not a bigint": () => client().withDeadline(5n),
    "items must be an array or another iterable, not an object": () => client().injectMany({}),
    "signal must be an AbortSignal, not an AbortController object": () =>
      client().injectMany([], { signal: new AbortController() }),
  };
  for (const [message, call] of Object.entries(cases)) {
    test(message, () => assert.throws(call, { name: "TypeError", message }));
  }
  test("a policy, which often comes from a configuration, is a ConfigurationError in the same form", () => {
    const message = "policy must be a Policy, the name of a preset, or an object, not a number";
    assert.throws(() => api.check({}, 7), { name: "ConfigurationError", message });
  });
});
