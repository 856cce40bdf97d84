/** Bundles the nodes and the package in the folder that the argument names into `build/module.js`. */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const [, , folder] = process.argv;

await build({
  absWorkingDir: fileURLToPath(new URL(".", import.meta.url)),
  entryPoints: ["src/module.js"],
  outfile: "build/module.js",
  bundle: true,
  minify: true,
  platform: "node",
  target: "node18",
  format: "cjs",
  legalComments: "eof",
  loader: { ".wasm": "binary" },
  alias: {
    "cognigy-context/browser": `${folder}/pkg/browser.js`,
    "cognigy-context/cognigy-context.wasm": `${folder}/pkg/cognigy-context.wasm`,
    "cognigy-context/cognigy-context-client.wasm": `${folder}/pkg/cognigy-context-client.wasm`,
  },
  // Used only when `initSync` gets no module.
  define: { "import.meta.url": '"file:///"' },
  // The platform expects the extension as the module itself, not as its default export.
  footer: { js: "module.exports = module.exports.default;" },
});
