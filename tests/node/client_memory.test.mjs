/** Calls leave nothing behind: not those that succeed, fail, are refused, or are given up. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { project } from "./support/project.mjs";

const soak = fileURLToPath(new URL("./support/soak_client.mjs", import.meta.url));

test("2,000 calls of every kind leave nothing behind", () => {
  const output = execFileSync(process.execPath, ["--expose-gc", soak, project, "2000"], {
    encoding: "utf8",
  });
  const { calls, megabytes } = JSON.parse(output);
  assert.equal(calls, 2_000);
  // A kilobyte that stays of every call is two.
  assert.ok(megabytes < 1, `${megabytes} MB more`);
});
