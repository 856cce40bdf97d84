/** A fresh project in which the packed package is installed, as a user would have it. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const tarball = fileURLToPath(
  new URL("../../../dist/cognigy-context-0.1.0.tgz", import.meta.url),
);

let scripts = 0;

/** The project's folder. It goes when the process does. */
export const project = install();

/** The package's own folder within it. */
export const packageFolder = join(project, "node_modules", "cognigy-context");

/** The package, by `import`. */
export async function imported() {
  return import(pathToFileURL(join(project, "main.mjs")).href);
}

/** The package, by `require`. */
export function required() {
  return createRequire(join(project, "main.mjs"))("cognigy-context");
}

/** Writes a module into the project; answers its path, to run it in a process of its own. */
export function writeScript(source) {
  scripts += 1;
  const path = join(project, `script-${scripts}.mjs`);
  writeFileSync(path, source);
  return path;
}

function install() {
  if (!existsSync(tarball)) {
    throw new Error("the package is not packed yet: run scripts/npm.sh");
  }
  const folder = mkdtempSync(join(tmpdir(), "cognigy-context-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  writeFileSync(join(folder, "main.mjs"), 'export * from "cognigy-context";\n');
  // Offline: the package needs nothing but itself.
  execFileSync(
    "npm",
    ["install", "--offline", "--no-audit", "--no-fund", "--loglevel=error", tarball],
    { cwd: folder, stdio: ["ignore", "ignore", "inherit"] },
  );
  return folder;
}
