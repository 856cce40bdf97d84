/** The type declarations, in a project with strict compiler options. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { project } from "./support/project.mjs";

const tsc = fileURLToPath(new URL("../../bindings-wasm/node_modules/.bin/tsc", import.meta.url));

test("a strict project compiles, and each line after @ts-expect-error has an error", () => {
  const folder = join(project, "types");
  cpSync(new URL("types/", import.meta.url), folder, { recursive: true });
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
  assert.equal(stdout, "");
  assert.equal(status, 0);
});
