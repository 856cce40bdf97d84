/** Runs the scenarios of all clients in Chromium: over real HTTP, with CORS. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startSandbox } from "../node/support/sandbox.mjs";
import { readScenarios, runScenario, SCENARIOS } from "../node/support/scenarios.mjs";
import { openPage } from "./support/chromium.mjs";

const scenarios = readScenarios();
let browser;

before(async () => {
  browser = await openPage();
});
after(() => browser?.close());

test("scenarios.json has the number of scenarios that every driver expects", () => {
  assert.equal(scenarios.length, SCENARIOS);
});

describe("scenario in a page:", () => {
  for (const scenario of scenarios) {
    test(scenario.name, async () => {
      const sandbox = await startSandbox();
      try {
        const difference = await browser.page.evaluate(
          async ([source, url, scenario]) => {
            const api = await import("/pkg/browser.js");
            await api.default();
            return new Function(`return (${source})`)()(api, url, scenario);
          },
          [runScenario.toString(), sandbox.url, scenario],
        );
        assert.equal(difference, null);
      } finally {
        await sandbox.stop();
      }
    });
  }
});

test("a page accepts a client secret only with dangerouslyAllowClientSecret", async () => {
  const error = await browser.page.evaluate(async () => {
    const api = await import("/pkg/browser.js");
    await api.default();
    const options = { baseUrl: "https://example.org", clientId: "id", clientSecret: "secret" };
    new api.Client({ ...options, dangerouslyAllowClientSecret: true }).free();
    try {
      new api.Client(options);
    } catch (error) {
      return [error.name, error.message.includes("getToken")];
    }
  });
  assert.deepEqual(error, ["ConfigurationError", true]);
});
