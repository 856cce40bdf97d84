/** A worker at the edge: workerd itself, with a bundle as its users' tools make it. */
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

/** No initialisation, and modules by their imports. */
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
    refused: () => {
      try {
        new api.Client({ baseUrl: "https://example.org" });
      } catch (error) {
        return error.name;
      }
    },
  };
  export default {
    async fetch(request) {
      const { operation, given } = await request.json();
      return Response.json((await operations[operation](given)) ?? null);
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

async function ask(operation, given) {
  const body = JSON.stringify({ operation, given });
  const response = await fetch(worker.url, { method: "POST", body });
  assert.equal(response.status, 200, await response.clone().text());
  return response.json();
}

/** Bundles the worker and serves it; the port is one that the system chooses. */
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
    plugins: [modulesOfWasm()],
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
  const child = spawn(program(), ["serve", "config.capnp", "--control-fd=3"], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  // A test process that ends early must not leave it running.
  process.once("exit", () => child.kill());
  const port = await new Promise((resolve, reject) => {
    child.once("error", reject);
    ended.then((code) => reject(new Error(`workerd ended with ${code}`)));
    let told = "";
    child.stdio[3].on("data", (chunk) => {
      told += chunk;
      // With what follows it: a chunk may end within the port.
      const port = /"event":"listen","socket":"http","port":(\d+)\D/.exec(told)?.[1];
      if (port) resolve(port);
    });
  });
  const stop = async () => {
    child.kill();
    await ended;
  };
  return { url: `http://127.0.0.1:${port}/`, stop };
}

/** As the tools for such workers do: a `.wasm` file stays outside, as a module of its own. */
function modulesOfWasm() {
  return {
    name: "modules-of-wasm",
    setup({ onResolve }) {
      onResolve({ filter: /\.wasm$/ }, ({ path }) => ({ path: path.split("/").pop(), external: true }));
    },
  };
}

/** The program is in a package for each system; the script that picks one would start it in Node. */
function program() {
  const require = createRequire(import.meta.url);
  const system = process.platform === "win32" ? "windows" : process.platform;
  const processor = process.arch === "x64" ? "64" : process.arch;
  return require.resolve(`@cloudflare/workerd-${system}-${processor}/bin/workerd`);
}

test("a worker checks at once, without any initialisation", async () => {
  assert.deepEqual(await ask("check", { "a.b": 1 }), ["unreadable_key"]);
});

test("a worker without credentials is told so", async () => {
  assert.equal(await ask("refused"), "ConfigurationError");
});

test("a worker injects a context over real HTTP", async () => {
  const context = { tier: "gold" };
  const { stored, records } = await ask("inject", { url: sandbox.url, apiKey, context });
  assert.deepEqual(stored, context);
  assert.equal(records, 1);
  assert.deepEqual((await sandbox.session("workerd-1")).context, context);
});

for (const runner of ["browser/objects", "browser/text"]) {
  test(`every case of the corpus holds in a worker, through ${runner}`, async () => {
    const { can, cases, files } = readCorpus(runner);
    const { ran, failures } = await ask("corpus", { can, files });
    assert.deepEqual(failures, []);
    assert.equal(ran, cases, "the number of cases that the index states");
  });
}
