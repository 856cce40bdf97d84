/**
 * Builds the npm package in `pkg/` from `ts/` and from the WebAssembly modules of `scripts/build/wasm.sh`:
 *
 *   pkg/cjs/node.js            the entry for `require` in Node
 *   pkg/node.mjs               the entry for `import` in Node; it re-exports the entry for `require`
 *   pkg/browser.js             the entry for browsers and workers, with `init()`
 *   pkg/workerd.js             the entry for edge workers; it starts the browser entry with the imported modules
 *                              of the rules and the client
 *   pkg/cognigy-context.wasm   the module of the rules
 *   pkg/cognigy-context-client.wasm
 *                              the module of the network client
 *   pkg/cognigy-context-documents.wasm
 *                              the module of schemas and context managers
 *   pkg/code-node.js           the script for Code nodes; it contains the rules and their decompressor
 *   pkg/types, pkg/cjs/types   the declarations
 *
 * `node build.mjs --development FOLDER` builds only the entries for Node, into `FOLDER`, from the development
 * build of `scripts/build/wasm.sh`.
 */
import { execFileSync } from "node:child_process";
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import zopfli from "@gfx/zopfli";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const [option, folder] = process.argv.slice(2);
const isDevelopment = option === "--development" && folder !== undefined;
if (option !== undefined && !isDevelopment) throw new Error("usage: node build.mjs [--development FOLDER]");
const packageFolder = isDevelopment ? resolve(folder) : here;
const pkg = join(packageFolder, "pkg");
const wasmPackages = join(here, "..", "target", isDevelopment ? "wasm-dev" : "wasm-pkg");

const gluePath = (variant) => join(wasmPackages, variant, "cognigy_context_wasm.js");
const wasmPath = (variant) => join(wasmPackages, variant, "cognigy_context_wasm_bg.wasm");

const common = {
  absWorkingDir: here,
  bundle: true,
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
  // Except in `ts/browser.ts`, only the loader of the glue uses `import.meta.url`, and the package has its own loader.
  define: { "import.meta.url": "undefined" },
};

/** The glue modules by the names under which `ts/` imports them. */
const glueAliases = {
  "wasm-glue": gluePath("rules"),
  "wasm-client": gluePath("client"),
  "wasm-documents": gluePath("documents"),
};

await rm(pkg, { recursive: true, force: true });
await mkdir(join(pkg, "cjs"), { recursive: true });
await cp(wasmPath("rules"), join(pkg, "cognigy-context.wasm"));
await cp(wasmPath("client"), join(pkg, "cognigy-context-client.wasm"));
await cp(wasmPath("documents"), join(pkg, "cognigy-context-documents.wasm"));

await build({
  ...common,
  entryPoints: ["ts/node.ts"],
  outfile: join(pkg, "cjs", "node.js"),
  alias: glueAliases,
  define: { ...common.define, "globalThis.crypto.getRandomValues": "randomValues" },
  inject: ["ts/random-values.ts"],
  format: "cjs",
  platform: "node",
  target: "node18",
  plugins: [superviseInstances()],
});
await writeFile(join(pkg, "cjs", "package.json"), '{ "type": "commonjs" }\n');

// `import` and `require` share one instance and one set of classes in a process.
const exportedNames = Object.keys(createRequire(import.meta.url)(join(pkg, "cjs", "node.js"))).sort();
await writeFile(
  join(pkg, "node.mjs"),
  `import api from "./cjs/node.js";\nexport const { ${exportedNames.join(", ")} } = api;\n`,
);

if (isDevelopment) {
  await cp(join(here, "package.json"), join(packageFolder, "package.json"));
  process.exit();
}

await build({
  ...common,
  entryPoints: ["ts/browser.ts"],
  outfile: "pkg/browser.js",
  alias: glueAliases,
  format: "esm",
  // `ts/browser.ts` needs `import.meta.url`.
  define: {},
  platform: "browser",
  target: "es2022",
  minify: true,
  plugins: [superviseInstances()],
});

// Bundlers for edge workers compile an imported `.wasm` file to a module.
await writeFile(
  join(pkg, "workerd.js"),
  `import { initSync } from "./browser.js";
import module from "./cognigy-context.wasm";
import client from "./cognigy-context-client.wasm";
export * from "./browser.js";
export { default } from "./browser.js";
initSync(module, client);
`,
);

await build({
  ...common,
  entryPoints: ["ts/code-node.ts"],
  outfile: "pkg/code-node.js",
  alias: { "wasm-glue": gluePath("code-node") },
  inject: ["ts/code-node/text-coding.ts"],
  format: "iife",
  globalName: "cognigyContext",
  platform: "neutral",
  target: "es2022",
  minify: true,
  plugins: [inlineWasm(), replacePanicGuard()],
});

execFileSync(process.execPath, [join(here, "node_modules", ".bin", "tsc"), "-p", "tsconfig.json"], {
  cwd: here,
  stdio: "inherit",
});
await removeInternalTypes(join(pkg, "types"), ["node.d.ts", "browser.d.ts"]);
await cp(join(pkg, "types"), join(pkg, "cjs", "types"), { recursive: true });
for (const file of ["LICENSE-MIT", "LICENSE-APACHE"]) {
  await cp(join(here, "..", file), join(here, file));
}

// Pasting may drop control and other invisible characters. They occur only in strings, where an escape means the same.
const script = (await readFile(join(pkg, "code-node.js"), "utf8")).replace(
  /[^\n\P{C}]/gu,
  (character) => `\\u{${character.codePointAt(0).toString(16)}}`,
);
await writeFile(join(pkg, "code-node.js"), script);
console.log(`npm: code-node.js has ${script.length} characters`);

/**
 * Removes every declaration file that the entries do not refer to, directly or through other files. The
 * removed files declare internal functions.
 */
async function removeInternalTypes(folder, entries) {
  const reachable = new Set(entries.map((entry) => join(folder, entry)));
  for (const file of reachable) {
    const text = await readFile(file, "utf8");
    for (const [, path] of text.matchAll(/(?:from|import\()\s*"(\.[^"]*)\.js"/g)) {
      reachable.add(join(dirname(file), `${path}.d.ts`));
    }
  }
  for (const path of await readdir(folder, { recursive: true })) {
    const file = join(folder, path);
    if (path.endsWith(".d.ts") && !reachable.has(file)) await rm(file);
  }
}

/** An esbuild plugin: wraps the exports of the modules with the supervisors of `ts/panic-guard.ts`. */
function superviseInstances() {
  const supervisorOf = {
    [gluePath("rules")]: "rules",
    [gluePath("client")]: "client",
    [gluePath("documents")]: "documents",
  };
  const edits = [
    ["wasm = instance.exports;", "wasm = supervisor.wrapExports(instance.exports);"],
    ["wasm = wasmInstance.exports;", "wasm = supervisor.wrapExports(wasmInstance.exports);"],
    // A callback of a discarded instance, for example a timer, does nothing.
    ["throw new Error('Cannot invoke closure from previous WASM instance');", "return undefined;"],
  ];
  return {
    name: "supervise-instances",
    setup(build) {
      build.onLoad({ filter: /cognigy_context_wasm\.js$/ }, async ({ path }) => {
        let contents = await readFile(path, "utf8");
        for (const [from, to] of edits) {
          // Only the glue of the client has closures.
          const isOptional = from.startsWith("throw") && supervisorOf[path] !== "client";
          if (!contents.includes(from) && !isOptional) throw new Error(`${path} has no \`${from}\``);
          contents = contents.replaceAll(from, to);
        }
        const from = JSON.stringify(join(here, "ts", "panic-guard.ts"));
        contents += `
          import { ${supervisorOf[path]} as supervisor } from ${from};
          supervisor.onReset(__wbg_reset_state);
        `;
        return { contents, loader: "js", resolveDir: dirname(path) };
      });
    },
  };
}

/** An esbuild plugin: replaces `ts/panic-guard.ts` with `ts/code-node/panic-guard.ts`. */
function replacePanicGuard() {
  return {
    name: "replace-panic-guard",
    setup(build) {
      build.onResolve({ filter: /\/panic-guard\.js$/ }, () => ({ path: join(here, "ts", "code-node", "panic-guard.ts") }));
    },
  };
}

/** An esbuild plugin: provides the modules of the Code-node script as constants, see `wasm-inline.d.ts`. */
function inlineWasm() {
  return {
    name: "inline-wasm",
    setup(build) {
      build.onResolve({ filter: /^wasm-inline$/ }, ({ path }) => ({ path, namespace: "wasm" }));
      build.onLoad({ filter: /.*/, namespace: "wasm" }, async () => {
        const inflater = await readFile(wasmPath("inflate"));
        const rules = await readFile(wasmPath("code-node"));
        return {
          contents:
            `export const inflater = ${JSON.stringify(encodeBase14(inflater))};` +
            `export const inflaterSize = ${inflater.length};` +
            `export const rules = ${JSON.stringify(encodeBase14(await zopfli.deflateAsync(rules, { numiterations: 15 })))};` +
            `export const rulesSize = ${rules.length};`,
          loader: "js",
        };
      });
    },
  };
}

/** Encodes bytes as text for `ts/code-node/base14.ts`: 14 bits per character from U+4E00 on, lowest bits first. */
function encodeBase14(bytes) {
  const characters = [];
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer |= byte << bits;
    bits += 8;
    if (bits >= 14) {
      characters.push(String.fromCharCode(0x4e00 + (buffer & 0x3fff)));
      buffer >>= 14;
      bits -= 14;
    }
  }
  if (bits > 0) characters.push(String.fromCharCode(0x4e00 + buffer));
  return characters.join("");
}
