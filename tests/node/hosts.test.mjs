/** Hosts that load modules differently: bundles, worker threads and edge workers. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { build } from "../../bindings-wasm/node_modules/esbuild/lib/main.js";
import { packageFolder, project } from "./support/project.mjs";

const wasmFile = join(packageFolder, "pkg", "cognigy-context.wasm");

/** An expression that each host evaluates. Its value "unreadable_key" shows that the core works. */
const expression = `check({ "a.b": 1 }).issues.map(({ code }) => code).join()`;

/** Bundles a user's program and returns the path of the bundle. */
async function bundle(name, source, options) {
  const entry = join(project, `${name}.mjs`);
  writeFileSync(entry, source);
  const outfile = join(project, `${name}.bundle.mjs`);
  await build({ entryPoints: [entry], outfile, bundle: true, format: "esm", logLevel: "error", ...options });
  return outfile;
}

/** Runs a module in a worker thread and returns its first message. */
async function runInThread(file, workerData) {
  const worker = new Worker(pathToFileURL(file), { workerData });
  try {
    return await new Promise((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
      worker.once("exit", () => reject(new Error("the thread ended without a message")));
    });
  } finally {
    await worker.terminate();
  }
}

test("a bundle for browsers initialises from the bytes of the module", async () => {
  const file = await bundle(
    "bytes",
    `import init, { check } from "cognigy-context";
     export const run = async (bytes) => { await init(bytes); return ${expression}; };`,
    { platform: "browser" },
  );
  const { run } = await import(pathToFileURL(file).href);
  assert.equal(await run(readFileSync(wasmFile)), "unreadable_key");
});

test("a bundle for browsers contains no Node imports", async () => {
  const file = await bundle("names", `export * from "cognigy-context";`, { platform: "browser" });
  assert.doesNotMatch(readFileSync(file, "utf8"), /node:|require\(/);
});

test("a bundle for Node needs no initialisation when the package is external", async () => {
  const file = await bundle(
    "external",
    `import { check } from "cognigy-context"; export const result = ${expression};`,
    { platform: "node", packages: "external" },
  );
  assert.equal((await import(pathToFileURL(file).href)).result, "unreadable_key");
});

test("a worker initialises synchronously from a compiled module, as an edge worker does", async () => {
  const file = await bundle(
    "edge",
    `import { parentPort, workerData } from "node:worker_threads";
     import { check, initSync } from "cognigy-context/browser";
     initSync(workerData);
     parentPort.postMessage(${expression});`,
    { platform: "browser", external: ["node:worker_threads"] },
  );
  const module = new WebAssembly.Module(readFileSync(wasmFile));
  assert.equal(await runInThread(file, module), "unreadable_key");
});

test("two worker threads of Node can use the package at the same time", async () => {
  const file = join(project, "thread.mjs");
  writeFileSync(
    file,
    `import { parentPort } from "node:worker_threads";
     import { check } from "cognigy-context";
     parentPort.postMessage(${expression});`,
  );
  assert.deepEqual(await Promise.all([runInThread(file), runInThread(file)]), [
    "unreadable_key",
    "unreadable_key",
  ]);
});

test("the package's exports resolve the WebAssembly modules and the Code-node script", async () => {
  const file = join(project, "named.mjs");
  writeFileSync(
    file,
    `export const files = ["", "-client", "-documents"].map((part) => "cognigy-context" + part + ".wasm").concat("code-node.js").map(
       (name) => import.meta.resolve("cognigy-context/" + name));`,
  );
  const { files } = await import(pathToFileURL(file).href);
  for (const file of files) assert.ok(readFileSync(new URL(file)).length > 0);
});
