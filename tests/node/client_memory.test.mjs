/** Calls do not leak memory when they succeed, fail, or are rejected or aborted. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { project } from "./support/project.mjs";

const soak = fileURLToPath(new URL("./support/soak_client.mjs", import.meta.url));

test("memory grows by less than 1 MB over 2,000 calls of eight kinds", () => {
  const output = execFileSync(process.execPath, ["--expose-gc", soak, project, "2000"], {
    encoding: "utf8",
  });
  const { calls, megabytes } = JSON.parse(output);
  assert.equal(calls, 2_000);
  // A leak of one kilobyte per call would be 2 MB.
  assert.ok(megabytes < 1, `memory grew by ${megabytes} MB`);
});
