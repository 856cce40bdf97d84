/** A page that Vite builds. */
import { join } from "node:path";
import { build } from "vite";
import { testPage } from "./support/page.mjs";

testPage("Vite", async (folder) => {
  await build({ root: folder, configFile: false, logLevel: "error", build: { assetsInlineLimit: 0 } });
  return join(folder, "dist");
});
