/**
 * Puts the npm package together in `pkg/` from `ts/` and from what `scripts/build/wasm.sh` built:
 *
 *   pkg/cjs/node.js            Node, `require`: the one instance in a Node process
 *   pkg/node.mjs               Node, `import`: the same instance by its names
 *   pkg/browser.js             browsers and workers, with `init()`
 *   pkg/workerd.js             workers at the edge: the same, started from an imported module
 *   pkg/cognigy-context.wasm   what all of them load
 *   pkg/cognigy-context-client.wasm
 *                              what they load for the network client
 *   pkg/cognigy-context-documents.wasm
 *                              what they load for schemas and context managers
 *   pkg/code-node.js           one script with everything inside
 *   pkg/types, pkg/cjs/types   declarations
 *
 * `node build.mjs --development FOLDER` puts a package for Node alone into `FOLDER`, from the development
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
const home = isDevelopment ? resolve(folder) : here;
const pkg = join(home, "pkg");
const wasmPackages = join(here, "..", "target", isDevelopment ? "wasm-dev" : "wasm-pkg");

const glue = (variant) => join(wasmPackages, variant, "cognigy_context_wasm.js");
const wasm = (variant) => join(wasmPackages, variant, "cognigy_context_wasm_bg.wasm");

const common = {
  absWorkingDir: here,
  bundle: true,
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
  // Asked for only by the glue's own loader, which we do without.
  define: { "import.meta.url": "undefined" },
};

const glues = {
  "wasm-glue": glue("rules"),
  "wasm-client": glue("client"),
  "wasm-documents": glue("documents"),
};

await rm(pkg, { recursive: true, force: true });
await mkdir(join(pkg, "cjs"), { recursive: true });
await cp(wasm("rules"), join(pkg, "cognigy-context.wasm"));
await cp(wasm("client"), join(pkg, "cognigy-context-client.wasm"));
await cp(wasm("documents"), join(pkg, "cognigy-context-documents.wasm"));

await build({
  ...common,
  entryPoints: ["ts/node.ts"],
  outfile: join(pkg, "cjs", "node.js"),
  alias: glues,
  define: { ...common.define, "globalThis.crypto.getRandomValues": "randomValues" },
  inject: ["ts/random-values.ts"],
  format: "cjs",
  platform: "node",
  target: "node18",
  plugins: [guards()],
});
await writeFile(join(pkg, "cjs", "package.json"), '{ "type": "commonjs" }\n');

// One instance a process, and one set of classes, whichever way it is loaded.
const names = Object.keys(createRequire(import.meta.url)(join(pkg, "cjs", "node.js"))).sort();
await writeFile(
  join(pkg, "node.mjs"),
  `import all from "./cjs/node.js";\nexport const { ${names.join(", ")} } = all;\n`,
);

if (isDevelopment) {
  await cp(join(here, "package.json"), join(home, "package.json"));
  process.exit();
}

await build({
  ...common,
  entryPoints: ["ts/browser.ts"],
  outfile: "pkg/browser.js",
  alias: glues,
  format: "esm",
  define: {},
  platform: "browser",
  target: "es2022",
  minify: true,
  plugins: [guards()],
});

// Bundlers for workers at the edge make a compiled module of an imported one.
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
  alias: { "wasm-glue": glue("code-node") },
  inject: ["ts/code-node/text-coding.ts"],
  format: "iife",
  globalName: "cognigyContext",
  platform: "neutral",
  target: "es2022",
  minify: true,
  plugins: [inlineWasm(), unguarded()],
});

execFileSync(process.execPath, [join(here, "node_modules", ".bin", "tsc"), "-p", "tsconfig.json"], {
  cwd: here,
  stdio: "inherit",
});
// What a user can reach; the rest is between us and the core.
const declared = new Set(
  (
    "apply browser bulk check client client-options codes coerce connection document errors hooks index journal " +
    "manager network node payload policy report request results schema scopes state text variables webhook"
  ).split(" "),
);
for (const name of await readdir(join(pkg, "types"))) {
  if (!declared.has(name.replace(/\.d\.ts$/, ""))) {
    await rm(join(pkg, "types", name), { recursive: true });
  }
}
await cp(join(pkg, "types"), join(pkg, "cjs", "types"), { recursive: true });
for (const file of ["LICENSE-MIT", "LICENSE-APACHE"]) {
  await cp(join(here, "..", file), join(here, file));
}

// A paste may drop bare control characters. They only stand in strings, where an escape says the same.
const script = (await readFile(join(pkg, "code-node.js"), "utf8")).replace(
  /[^\n\P{C}]/gu,
  (character) => `\\u{${character.codePointAt(0).toString(16)}}`,
);
await writeFile(join(pkg, "code-node.js"), script);
console.log(`npm: code-node.js has ${script.length} characters`);

/** Puts the guards of `ts/panic-guard.ts` around the exports of the modules. */
function guards() {
  const guardOf = { [glue("rules")]: "rules", [glue("client")]: "client", [glue("documents")]: "documents" };
  const edits = [
    ["wasm = instance.exports;", "wasm = guard.wrapExports(instance.exports);"],
    ["wasm = wasmInstance.exports;", "wasm = guard.wrapExports(wasmInstance.exports);"],
    // What an earlier instance was to be told need not be told to anybody.
    ["throw new Error('Cannot invoke closure from previous WASM instance');", "return undefined;"],
  ];
  return {
    name: "guards",
    setup(build) {
      build.onLoad({ filter: /cognigy_context_wasm\.js$/ }, async ({ path }) => {
        let contents = await readFile(path, "utf8");
        for (const [from, to] of edits) {
          const isOptional = from.startsWith("throw") && guardOf[path] !== "client";
          if (!contents.includes(from) && !isOptional) throw new Error(`${path} has no \`${from}\``);
          contents = contents.replaceAll(from, to);
        }
        const from = JSON.stringify(join(here, "ts", "panic-guard.ts"));
        contents += `
          import { ${guardOf[path]} as guard } from ${from};
          guard.onReset(__wbg_reset_state);
        `;
        return { contents, loader: "js", resolveDir: dirname(path) };
      });
    },
  };
}

/** Has the Code-node script do without `ts/panic-guard.ts`. */
function unguarded() {
  return {
    name: "unguarded",
    setup(build) {
      build.onResolve({ filter: /\/panic-guard\.js$/ }, () => ({ path: join(here, "ts", "code-node", "panic-guard.ts") }));
    },
  };
}

/** The module of the Code-node script as constants that stand in it. */
function inlineWasm() {
  return {
    name: "inline-wasm",
    setup(build) {
      build.onResolve({ filter: /^wasm-inline$/ }, ({ path }) => ({ path, namespace: "wasm" }));
      build.onLoad({ filter: /.*/, namespace: "wasm" }, async () => {
        const inflater = await readFile(wasm("inflate"));
        const rules = await readFile(wasm("code-node"));
        return {
          contents:
            `export const inflater = ${JSON.stringify(packed(inflater))};` +
            `export const inflaterSize = ${inflater.length};` +
            `export const rules = ${JSON.stringify(packed(await zopfli.deflateAsync(rules, { numiterations: 15 })))};` +
            `export const rulesSize = ${rules.length};`,
          loader: "js",
        };
      });
    },
  };
}

/** Bytes as text that `ts/code-node/base14.ts` reads: 14 bits a character, the lowest first. */
function packed(bytes) {
  const characters = [];
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held |= byte << bits;
    bits += 8;
    if (bits >= 14) {
      characters.push(String.fromCharCode(0x4e00 + (held & 0x3fff)));
      held >>= 14;
      bits -= 14;
    }
  }
  if (bits > 0) characters.push(String.fromCharCode(0x4e00 + held));
  return characters.join("");
}
