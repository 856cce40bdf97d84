/**
 * Calls every callable of the package with wrong values in every place, and prints the outcome as JSON. Runs in a
 * process of its own, so that a hang or a crash fails only this process: `wrong_arguments.mjs DECLARATIONS`.
 *
 * Each place that is about to be tried is written to the standard error, so that its last line names a call that
 * hangs.
 */
import { mkdtempSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readDeclarations } from "./declarations.mjs";
import { importPackage } from "./project.mjs";
import { IMPLEMENTED_BY_CALLERS, validCalls } from "./valid_arguments.mjs";
import { CallerError, WRONG_VALUES } from "./wrong_values.mjs";

/** The instances of the WebAssembly modules. A module that stops during a call gets a new instance. */
const instances = [];
WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct(target, args) {
    const instance = Reflect.construct(target, args);
    instances.push(instance);
    return instance;
  },
});

const api = await importPackage();
const folder = mkdtempSync(join(tmpdir(), "cognigy-context-arguments-"));
process.chdir(folder);
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
// A rejection that nobody handles is a failure of the call that is being tried.
process.on("unhandledRejection", (error) => record(current, error, "unhandled rejection"));

/** Answers every request, also those of a client without its own `fetch`. */
globalThis.fetch = async () => new Response('{"result": {}, "variables": []}', { headers: { etag: '"1"' } });

const newClient = () => new api.Client(newClient.options());
newClient.options = () => ({
  baseUrl: "https://api.example",
  getToken: () => "token",
  audit: () => {},
  maxRetries: 0,
  deadline: 2,
  rate: null,
  platformRate: null,
  fetch: (url, init) => globalThis.fetch(url, init),
});

const calls = validCalls(api, newClient, join(folder, "valid.journal"));
const declared = readDeclarations(process.argv[2]);
const missing = [...declared.keys()].filter((name) => !(name in calls) && !IMPLEMENTED_BY_CALLERS.includes(name));
const unknown = [...Object.keys(calls), ...IMPLEMENTED_BY_CALLERS].filter((name) => !declared.has(name));
const notExported = Object.keys(api).filter(
  (name) => ![...declared.keys()].some((key) => key.split(" ").at(-1).split(".")[0] === name) && !isErrorClass(api[name]),
);

let current = "";
const failures = [];
const outcomes = {};
let places = 0;
let attempts = 0;

// The first round creates all instances and their buffers.
for (const [name, prepare] of Object.entries(calls)) {
  const { call, args } = prepare();
  await attempt(`${name} with valid arguments`, () => call(...args), true);
}
const pagesBefore = memoryPages();

for (const [name, list] of declared) {
  if (!(name in calls)) continue;
  for (const { path, kind } of list) {
    places += 1;
    const place = `${name} ${path.join(".")}${kind === "result" ? "()" : ""}`;
    writeSync(2, `${place}\n`);
    for (const [what, create] of Object.entries(WRONG_VALUES)) {
      const { call, args } = calls[name]();
      const value = kind === "result" ? create : create();
      await attempt(`${place}: ${what}`, () => call(...withValue(args, path, kind === "result" ? () => value() : value)));
    }
  }
  const { call, args } = calls[name]();
  await attempt(`${name} without arguments`, () => call());
  await attempt(`${name} with more arguments`, () => call(...args, ...Object.values(WRONG_VALUES).map((create) => create())));
}

for (const [name, prepare] of Object.entries(calls)) {
  const { call, args } = prepare();
  await attempt(`${name} with valid arguments, afterwards`, () => call(...args), true);
}

console.log(
  JSON.stringify({
    callables: declared.size,
    exports: Object.keys(api).length,
    places,
    attempts,
    missing,
    unknown,
    notExported,
    failures: failures.slice(0, 200),
    outcomes,
    instances: instances.length,
    grownBytes: (memoryPages() - pagesBefore) * 65_536,
  }),
);

/** Returns a copy of the arguments with another value in one place. */
function withValue(args, path, value) {
  const [step, ...rest] = path;
  const copy = Array.isArray(args) ? [...args] : { ...args };
  if (rest.length > 0) {
    const inner = copy[step];
    const isContainer = typeof inner === "object" && inner !== null;
    value = withValue(isContainer ? inner : typeof rest[0] === "number" ? [] : {}, rest, value);
  }
  copy[step] = value;
  return copy;
}

async function attempt(what, call, isValid = false) {
  attempts += 1;
  current = what;
  try {
    await call();
    count("value");
  } catch (error) {
    record(what, error, isValid ? "a valid call" : "");
  }
}

function count(outcome) {
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
}

/** Notes an error that the package must not throw. */
function record(what, error, circumstance) {
  const problem = problemOf(what, error, circumstance);
  if (problem) failures.push(`${what}: ${problem}`);
  else count(error.name);
}

function problemOf(what, error, circumstance) {
  const text = `${circumstance} ${error?.name}: ${String(error?.message).slice(0, 200)}`;
  if (circumstance === "unhandled rejection") return text;
  if (error instanceof CallerError) return circumstance && text;
  if (error instanceof api.InternalError) return `${text} (${String(error.cause)})`;
  if (error instanceof api.CognigyError) {
    if (circumstance && !(error instanceof api.ProtocolError)) return text;
    return /hunter2|wrong text/.test(error.message) ? `${text} repeats the value` : undefined;
  }
  if (!(error instanceof TypeError)) {
    // The errors of the file system, which the documentation of `fileJournal` names.
    return /^fileJournal/.test(what) && typeof error?.code === "string" ? undefined : text;
  }
  if (circumstance) return text;
  // The language's own errors: the caller's proxy throws these, and a class that is called as a function.
  if (/revoked|proxy|: a class$/.test(what)) return undefined;
  if (/^fileJournal/.test(what) && error.code === "ERR_INVALID_ARG_TYPE") return undefined;
  return /\b(must be|must have|has no)\b/.test(error.message) ? undefined : text;
}

function memoryPages() {
  return instances.reduce((total, { exports }) => total + exports.memory.buffer.byteLength / 65_536, 0);
}

function isErrorClass(value) {
  return value === Error || value?.prototype instanceof Error;
}
