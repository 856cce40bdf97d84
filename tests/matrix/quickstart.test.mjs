/** The README's quickstart as a separate program, on the runtime that runs this test. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { project } from "../node/support/project.mjs";
import { apiKey, startSandbox } from "../node/support/sandbox.mjs";

test("the quickstart injects a context and prints what is stored", async (t) => {
  const sandbox = await startSandbox("--create-sessions");
  t.after(() => sandbox.stop());
  const program = join(project, "quickstart.mjs");
  cpSync(new URL("../../examples/quickstart/quickstart.mjs", import.meta.url), program);
  const { status, stdout, stderr } = spawnSync(process.execPath, [program], {
    cwd: project,
    encoding: "utf8",
    env: { ...process.env, COGNIGY_BASE_URL: sandbox.url, COGNIGY_API_KEY: apiKey },
  });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^62 platform bytes\n/);
  assert.match(stdout, /tier: ['"]gold['"],\s+open_orders: 2/);
});
