/** Hosts that load modules their own way: bundles, worker threads, and workers at the edge. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { build } from "../../bindings-wasm/node_modules/esbuild/lib/main.js";
import { packageFolder, project } from "./support/project.mjs";

const wasmFile = join(packageFolder, "pkg", "cognigy-context.wasm");

/** What each host is asked: a verdict that needs the core. */
const question = `check({ "a.b": 1 }).issues.map(({ code }) => code).join()`;

/** Bundles a program of a user's and answers the file. */
async function bundled(name, source, options) {
  const entry = join(project, `${name}.mjs`);
  writeFileSync(entry, source);
  const outfile = join(project, `${name}.bundle.mjs`);
  await build({ entryPoints: [entry], outfile, bundle: true, format: "esm", logLevel: "error", ...options });
  return outfile;
}

/** Runs a module in a thread of its own; answers what it posts first. */
async function inThread(file, workerData) {
  const worker = new Worker(pathToFileURL(file), { workerData });
  try {
    return await new Promise((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
      worker.once("exit", () => reject(new Error("the thread ended without an answer")));
    });
  } finally {
    await worker.terminate();
  }
}

test("a bundle for browsers runs with the bytes it is given", async () => {
  const file = await bundled(
    "bytes",
    `import init, { check } from "cognigy-context";
     export const answer = async (bytes) => { await init(bytes); return ${question}; };`,
    { platform: "browser" },
  );
  const { answer } = await import(pathToFileURL(file).href);
  assert.equal(await answer(readFileSync(wasmFile)), "unreadable_key");
});

test("a bundle for browsers carries no code of Node", async () => {
  const file = await bundled("names", `export * from "cognigy-context";`, { platform: "browser" });
  assert.doesNotMatch(readFileSync(file, "utf8"), /node:|require\(/);
});

test("a bundle for Node needs no initialisation when the package stays outside", async () => {
  const file = await bundled(
    "outside",
    `import { check } from "cognigy-context"; export const answer = ${question};`,
    { platform: "node", packages: "external" },
  );
  assert.equal((await import(pathToFileURL(file).href)).answer, "unreadable_key");
});

test("a worker that is handed a compiled module starts at once, as at the edge", async () => {
  const file = await bundled(
    "edge",
    `import { parentPort, workerData } from "node:worker_threads";
     import { check, initSync } from "cognigy-context/browser";
     initSync(workerData);
     parentPort.postMessage(${question});`,
    { platform: "browser", external: ["node:worker_threads"] },
  );
  const module = new WebAssembly.Module(readFileSync(wasmFile));
  assert.equal(await inThread(file, module), "unreadable_key");
});

test("a thread of Node has an instance of its own", async () => {
  const file = join(project, "thread.mjs");
  writeFileSync(
    file,
    `import { parentPort } from "node:worker_threads";
     import { check } from "cognigy-context";
     parentPort.postMessage(${question});`,
  );
  assert.deepEqual(await Promise.all([inThread(file), inThread(file)]), [
    "unreadable_key",
    "unreadable_key",
  ]);
});

test("the WebAssembly modules can be imported by their names", async () => {
  const file = join(project, "named.mjs");
  writeFileSync(
    file,
    `export const files = ["", "-client", "-documents"].map((part) => "cognigy-context" + part + ".wasm").concat("code-node.js").map(
       (name) => import.meta.resolve("cognigy-context/" + name));`,
  );
  const { files } = await import(pathToFileURL(file).href);
  for (const file of files) assert.ok(readFileSync(new URL(file)).length > 0);
});
