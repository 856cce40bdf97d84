/** Accessibility: axe checks the views in both colour schemes, on a wide and a narrow screen. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, afterEach, before, test } from "node:test";
import { start } from "./support/page.mjs";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let browser;
let inspector;

before(async () => {
  browser = await start();
});

after(async () => {
  await browser?.stop();
});

afterEach(async () => {
  const pageErrors = inspector?.pageErrors.unexpected ?? [];
  await inspector?.close();
  inspector = undefined;
  assert.deepEqual(pageErrors, [], "the page logged no errors or warnings");
});

/** For each view: the example to load, its tab, and a selector that appears when the view is complete. */
const views = {
  issues: { example: "Booking context with issues", tab: "Issues", shows: ".issue" },
  payload: { example: "Injection payload with errors", tab: "Issues", shows: ".issue" },
  size: { example: "Oversized conversation context", tab: "Size", shows: ".area" },
  variables: { example: "Variables response", tab: "Variables", shows: "tbody tr" },
  compare: { example: "Dialog-state update with errors", tab: "Compare", shows: ".compare" },
  live: { example: "Variables response", tab: "Live", shows: "form" },
};

for (const scheme of ["light", "dark"]) {
  for (const width of [1280, 400]) {
    test(`axe reports no violations and no view overflows its width, ${scheme}, ${width} px wide`, async () => {
      inspector = await browser.open({ scheme, width, height: width === 400 ? 860 : 800 });
      const { page } = inspector;
      const checkView = async (name) => {
        await page.evaluate(axeSource);
        const { violations } = await page.evaluate(() => globalThis.axe.run());
        const messages = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join("; ")}`);
        assert.deepEqual(messages, [], name);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.equal(overflow, 0, `${name} is at most as wide as the page`);
        await inspector.screenshot(`${name}-${scheme}-${width}`);
      };
      await checkView("empty");
      for (const [name, { example, tab, shows }] of Object.entries(views)) {
        await inspector.example(example);
        await inspector.view(tab);
        await page.locator(`.panel ${shows}`).first().waitFor();
        if (name === "compare") {
          const other = page.getByRole("textbox", { name: "The other document" });
          await inspector.pasteInto(other, JSON.stringify({ session: { turn: 5, basket: {} }, user: { tier: "gold", visits: 3 } }, null, 2));
          await page.getByRole("list", { name: "Changes" }).waitFor();
        }
        if (name === "live") {
          await page.getByLabel("Base URL").fill("https://api-trial.cognigy.ai");
          await page.getByLabel("Session id").fill("session-1");
          await page.getByLabel("The request as a curl command").getByText("curl --request").waitFor();
        }
        await checkView(name);
      }
      await page.keyboard.press("Alt+e");
      await page.getByText(/corpus cases/).waitFor();
      await checkView("examples");
    });
  }
}
