/** Bundles the nodes into `build/module.js`, with the package whose folder is given. */
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
  // Asked for only where no module is handed over.
  define: { "import.meta.url": '"file:///"' },
  // The loader of the platform takes the extension itself as the module.
  footer: { js: "module.exports = module.exports.default;" },
});
