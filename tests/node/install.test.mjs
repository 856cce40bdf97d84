/** An installation with npm: its files equal the unpacked archive, and `import` and `require` load it. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { packageFolder, project, tarball } from "./support/project.mjs";

/** Lists the files of a folder, each as `[path, content in Base64]`. */
function filesOf(folder) {
  const paths = readdirSync(folder, { recursive: true }).sort();
  return paths
    .filter((path) => statSync(join(folder, path)).isFile())
    .map((path) => [path, readFileSync(join(folder, path)).toString("base64")]);
}

test("npm installs exactly the files of the archive, offline, and import and require load the same module", () => {
  const folder = join(project, "installed");
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  // A separate cache, so that the result does not depend on earlier installations.
  const cache = join(project, "npm-cache");
  const options = ["--offline", "--no-audit", "--no-fund", "--loglevel=error", "--cache", cache];
  execFileSync("npm", ["install", ...options, tarball], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const modules = join(folder, "node_modules");
  const packages = readdirSync(modules).filter((name) => !name.startsWith("."));
  assert.deepEqual(packages, ["cognigy-context"]);
  assert.deepEqual(filesOf(join(modules, "cognigy-context")), filesOf(packageFolder));
  writeFileSync(
    join(folder, "main.cjs"),
    `const { check } = require("cognigy-context");
     import("cognigy-context").then((api) => console.log(check({}).ok, api.check === check));`,
  );
  const output = execFileSync(process.execPath, ["main.cjs"], { cwd: folder, encoding: "utf8" });
  assert.equal(output, "true true\n");
});
