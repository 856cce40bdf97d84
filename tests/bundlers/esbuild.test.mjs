/** A page that esbuild builds. esbuild does not copy the files of `new URL(…, import.meta.url)`, so the test does. */
import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "../../bindings-wasm/node_modules/esbuild/lib/main.js";
import { packageFolder } from "../node/support/project.mjs";
import { testPage } from "./support/page.mjs";

testPage("esbuild", async (folder) => {
  const built = join(folder, "dist");
  await build({
    entryPoints: [join(folder, "main.js")],
    outfile: join(built, "main.js"),
    bundle: true,
    minify: true,
    format: "esm",
    logLevel: "error",
  });
  const modules = join(packageFolder, "pkg");
  for (const name of readdirSync(modules).filter((name) => name.endsWith(".wasm"))) {
    cpSync(join(modules, name), join(built, name));
  }
  return built;
});
