/** Calls leave nothing behind: not those that succeed, fail, are refused, or are given up. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { project } from "./support/project.mjs";

const soak = fileURLToPath(new URL("./support/soak_client.mjs", import.meta.url));

test("5,000 calls of every kind leave nothing behind", () => {
  const output = execFileSync(process.execPath, ["--expose-gc", soak, project, "5000"], {
    encoding: "utf8",
  });
  const { calls, megabytes } = JSON.parse(output);
  assert.equal(calls, 5_000);
  // What leaks a kilobyte a call would be five.
  assert.ok(megabytes < 4, `${megabytes} MB more`);
});
