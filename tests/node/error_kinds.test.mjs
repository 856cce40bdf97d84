/** The table that maps each kind of API error in the core to an error class. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const { build } = createRequire(join(root, "bindings-wasm", "package.json"))("esbuild");
const glue = join(root, "target", "wasm-pkg", "rules", "cognigy_context_wasm");

test("CLASS_OF_KIND has a class for exactly the error kinds of the core, in order", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "cognigy-context-kinds-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  await build({
    stdin: {
      contents: `
        export { apiErrorKinds, initSync } from ${JSON.stringify(`${glue}.js`)};
        export { CLASS_OF_KIND } from "./bindings-wasm/ts/error-mapping.ts";`,
      resolveDir: root,
    },
    bundle: true,
    format: "esm",
    outfile: join(folder, "kinds.mjs"),
  });
  const built = await import(pathToFileURL(join(folder, "kinds.mjs")).href);
  built.initSync({ module: readFileSync(`${glue}_bg.wasm`) });
  assert.deepEqual(Object.keys(built.CLASS_OF_KIND), JSON.parse(built.apiErrorKinds()));
});
