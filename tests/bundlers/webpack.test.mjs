/** A page that webpack builds. */
import { join } from "node:path";
import webpack from "webpack";
import { testPage } from "./support/page.mjs";

testPage("webpack", async (folder) => {
  const compiler = webpack({
    context: folder,
    mode: "production",
    entry: "./main.js",
    output: { path: join(folder, "dist"), publicPath: "/" },
    performance: false,
  });
  const stats = await new Promise((resolve, reject) => {
    compiler.run((error, stats) => compiler.close(() => (error ? reject(error) : resolve(stats))));
  });
  if (stats.hasErrors()) throw new Error(stats.toString({ all: false, errors: true }));
  return join(folder, "dist");
});
