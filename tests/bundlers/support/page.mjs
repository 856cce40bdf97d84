/** What every bundler's page must do: load its modules by itself, and hold the corpus. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openPage } from "../../browser/support/chromium.mjs";
import { readCorpus, runCorpus } from "../../node/support/corpus.mjs";
import { project } from "../../node/support/project.mjs";

/** Neither a source nor an option for the bundler: as a user has it. */
const MAIN = `
  import init, * as api from "cognigy-context";
  globalThis.loaded = init().then(() => api);
`;

/** @param bundle builds the page in a folder, and answers the folder that is to be served */
export function testPage(bundler, bundle) {
  let browser;

  before(async () => {
    const folder = join(project, bundler);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "main.js"), MAIN);
    writeFileSync(join(folder, "index.html"), '<script type="module" src="/main.js"></script>');
    const built = await bundle(folder);
    // Not every bundler makes the page itself.
    const page = join(built, "index.html");
    if (!existsSync(page)) writeFileSync(page, '<script type="module" src="/main.js"></script>');
    browser = await openPage(built);
    await browser.page.waitForFunction("globalThis.loaded");
  });
  after(() => browser?.close());

  test(`a page of ${bundler} checks`, async () => {
    const code = await browser.page.evaluate(async () => {
      const { check } = await globalThis.loaded;
      return check({ "a.b": 1 }).issues[0].code;
    });
    assert.equal(code, "unreadable_key");
  });

  test(`a page of ${bundler} loads schemas when they are used, and not before`, async () => {
    const requested = [];
    const note = (request) => requested.push(request.url());
    browser.page.on("request", note);
    const applied = await browser.page.evaluate(async () => {
      const { initSchema, Schema } = await globalThis.loaded;
      await initSchema();
      return new Schema({ properties: { tier: { default: "silver" } } }).apply({});
    });
    browser.page.off("request", note);
    assert.deepEqual(applied, { tier: "silver" });
    assert.equal(requested.filter((url) => url.includes(".wasm")).length, 1);
  });

  test(`a page of ${bundler} loads the client with its first call, and not before`, async () => {
    const requested = [];
    const note = (request) => requested.push(request.url());
    browser.page.on("request", note);
    const told = await browser.page.evaluate(async () => {
      const { Client } = await globalThis.loaded;
      const answer = () => Promise.resolve(Response.json({ context: { tier: "gold" } }));
      const client = new Client({ baseUrl: "https://api.example", apiKey: "key", fetch: answer });
      let early;
      try {
        client.metrics();
      } catch (error) {
        early = error.name;
      }
      await client.injectContext("s", "u", { tier: "gold" }).catch(() => {});
      return { early, records: client.auditTrail().length };
    });
    browser.page.off("request", note);
    assert.deepEqual(told, { early: "ConfigurationError", records: 1 });
    assert.equal(requested.filter((url) => url.includes(".wasm")).length, 1);
  });

  for (const runner of ["browser/objects", "browser/text"]) {
    test(`every case of the corpus holds in a page of ${bundler}, through ${runner}`, async () => {
      const { can, cases, files } = readCorpus(runner);
      const { ran, failures } = await browser.page.evaluate(
        async ([source, can, files]) => {
          const api = await globalThis.loaded;
          await api.initSchema();
          return new Function(`return (${source})`)()(api, can, files);
        },
        [runCorpus.toString(), can, files],
      );
      assert.deepEqual(failures, []);
      assert.equal(ran, cases, "the number of cases that the index states");
    });
  }

  test(`nothing was complained of in the console of a page of ${bundler}`, () => {
    assert.deepEqual(browser.complaints.left, []);
  });
}
