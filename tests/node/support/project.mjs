/**
 * Creates a temporary project for this process, with the packed package in its `node_modules`. If the
 * environment variable PACKAGE is the path of a project with a development build, uses that project.
 *
 * The package has no dependencies, so this file unpacks it instead of installing it. `install.test.mjs`
 * compares the files with those of an installation.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The path of the packed package. */
export const tarball = fileURLToPath(
  new URL("../../../dist/cognigy-context-0.1.0.tgz", import.meta.url),
);

let scripts = 0;

/** The path of the project. A temporary project is removed when the process ends. */
export const project = makeProject();

/** The path of the package in the project. */
export const packageFolder = join(project, "node_modules", "cognigy-context");

/** Loads the package with `import`. */
export async function importPackage() {
  return import(pathToFileURL(join(project, "main.mjs")).href);
}

/** Loads the package with `require`. */
export function requirePackage() {
  return createRequire(join(project, "main.mjs"))("cognigy-context");
}

/** Writes a module into the project and returns its path, to run it in a separate process. */
export function writeScript(source) {
  scripts += 1;
  const path = join(project, `script-${process.pid}-${scripts}.mjs`);
  writeFileSync(path, source);
  return path;
}

function makeProject() {
  if (process.env.PACKAGE) return process.env.PACKAGE;
  if (!existsSync(tarball)) {
    throw new Error("the package is not packed: run scripts/build/npm.sh");
  }
  const folder = mkdtempSync(join(tmpdir(), "cognigy-context-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  writeFileSync(join(folder, "main.mjs"), 'export * from "cognigy-context";\n');
  const target = join(folder, "node_modules", "cognigy-context");
  mkdirSync(target, { recursive: true });
  execFileSync("tar", ["-xzf", tarball, "--strip-components=1", "-C", target]);
  return folder;
}
