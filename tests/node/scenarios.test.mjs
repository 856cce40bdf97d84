/** Runs the scenarios of all clients in Node: over real HTTP, against the sandbox. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { importPackage } from "./support/project.mjs";
import { startSandbox } from "./support/sandbox.mjs";
import { readScenarios, runScenario, SCENARIOS } from "./support/scenarios.mjs";

const api = await importPackage();
const scenarios = readScenarios();

test("scenarios.json has the number of scenarios that every driver expects", () => {
  assert.equal(scenarios.length, SCENARIOS);
});

describe("scenario:", () => {
  for (const scenario of scenarios) {
    test(scenario.name, async () => {
      const sandbox = await startSandbox();
      try {
        assert.equal(await runScenario(api, sandbox.url, scenario), null);
      } finally {
        await sandbox.stop();
      }
    });
  }
});
