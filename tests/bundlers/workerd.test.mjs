/** The package in workerd, an edge runtime, in a bundle with separate WebAssembly modules. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { build } from "../../bindings-wasm/node_modules/esbuild/lib/main.js";
import { readCorpus, runCorpus } from "../node/support/corpus.mjs";
import { packageFolder, project } from "../node/support/project.mjs";
import { apiKey, startSandbox } from "../node/support/sandbox.mjs";

/** The source of the worker. Only schemas need initialisation, with an imported WebAssembly module. */
const WORKER = `
  import * as api from "cognigy-context";
  import documents from "cognigy-context/cognigy-context-documents.wasm";
  const runCorpus = ${runCorpus};
  const operations = {
    check: (value) => api.check(value).issues.map(({ code }) => code),
    corpus: async ({ can, files }) => {
      await api.initSchema(documents);
      return runCorpus(api, can, files);
    },
    inject: async ({ url, apiKey, context }) => {
      const client = new api.Client({ baseUrl: url, apiKey });
      const stored = await client.injectContext("workerd-1", "user-1", context);
      return { stored, records: client.auditTrail().length };
    },
    withoutCredentials: () => {
      try {
        new api.Client({ baseUrl: "https://example.org" });
      } catch (error) {
        return error.name;
      }
    },
  };
  export default {
    async fetch(request) {
      const { operation, input } = await request.json();
      return Response.json((await operations[operation](input)) ?? null);
    },
  };`;

let worker;
let sandbox;
before(async () => {
  [worker, sandbox] = await Promise.all([startWorker(), startSandbox()]);
});
after(async () => {
  await worker?.stop();
  await sandbox?.stop();
});

/** Runs an operation in the worker and returns its result. */
async function callWorker(operation, input) {
  const body = JSON.stringify({ operation, input });
  const response = await fetch(worker.url, { method: "POST", body });
  assert.equal(response.status, 200, await response.clone().text());
  return response.json();
}

/** Bundles the worker and serves it on a free port. Returns its URL and `stop`. */
async function startWorker() {
  const folder = join(project, "workerd");
  mkdirSync(folder);
  writeFileSync(join(folder, "main.mjs"), WORKER);
  const wasm = readdirSync(join(packageFolder, "pkg")).filter((name) => name.endsWith(".wasm"));
  for (const name of wasm) cpSync(join(packageFolder, "pkg", name), join(folder, name));
  await build({
    entryPoints: [join(folder, "main.mjs")],
    outfile: join(folder, "worker.mjs"),
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker", "browser"],
    logLevel: "error",
    plugins: [wasmModules()],
  });
  const modules = wasm.map((name) => `(name = "${name}", wasm = embed "${name}")`);
  writeFileSync(
    join(folder, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
     const config :Workerd.Config = (
       services = [
         (name = "main", worker = (
           modules = [(name = "worker.mjs", esModule = embed "worker.mjs"), ${modules.join(", ")}],
           compatibilityDate = "2025-09-01",
           globalOutbound = "net",
         )),
         (name = "net", network = (allow = ["public", "private"])),
       ],
       sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
     );`,
  );
  const child = spawn(findProgram(), ["serve", "config.capnp", "--control-fd=3"], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  // A test process that ends early must not leave workerd running.
  process.once("exit", () => child.kill());
  const port = await new Promise((resolve, reject) => {
    child.once("error", reject);
    ended.then((code) => reject(new Error(`workerd ended with ${code}`)));
    let events = "";
    child.stdio[3].on("data", (chunk) => {
      events += chunk;
      // Requires the character after the port, because a chunk may end within the port.
      const port = /"event":"listen","socket":"http","port":(\d+)\D/.exec(events)?.[1];
      if (port) resolve(port);
    });
  });
  const stop = async () => {
    child.kill();
    await ended;
  };
  return { url: `http://127.0.0.1:${port}/`, stop };
}

/** Keeps `.wasm` files as separate modules, as the tools of edge platforms do. */
function wasmModules() {
  return {
    name: "wasm-modules",
    setup({ onResolve }) {
      onResolve({ filter: /\.wasm$/ }, ({ path }) => ({ path: path.split("/").pop(), external: true }));
    },
  };
}

/** Returns the path of the binary of workerd, which is in a package of its own for each system. */
function findProgram() {
  const require = createRequire(import.meta.url);
  const system = process.platform === "win32" ? "windows" : process.platform;
  const processor = process.arch === "x64" ? "64" : process.arch;
  return require.resolve(`@cloudflare/workerd-${system}-${processor}/bin/workerd`);
}

test("a worker checks values and needs no initialisation", async () => {
  assert.deepEqual(await callWorker("check", { "a.b": 1 }), ["unreadable_key"]);
});

test("a client without credentials throws a ConfigurationError", async () => {
  assert.equal(await callWorker("withoutCredentials"), "ConfigurationError");
});

test("a worker injects a context over real HTTP", async () => {
  const context = { tier: "gold" };
  const { stored, records } = await callWorker("inject", { url: sandbox.url, apiKey, context });
  assert.deepEqual(stored, context);
  assert.equal(records, 1);
  assert.deepEqual((await sandbox.session("workerd-1")).context, context);
});

for (const runner of ["browser/objects", "browser/text"]) {
  test(`every corpus case passes in an edge worker, ${runner}`, async () => {
    const { can, cases, files } = readCorpus(runner);
    const { ran, failures } = await callWorker("corpus", { can, files });
    assert.deepEqual(failures, []);
    assert.equal(ran, cases, "the number of cases in the index");
  });
}
