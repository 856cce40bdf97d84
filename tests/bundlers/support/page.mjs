/** Tests that are the same for every bundler: a page loads the WebAssembly modules and passes the corpus. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openPage } from "../../browser/support/chromium.mjs";
import { readCorpus, runCorpus } from "../../node/support/corpus.mjs";
import { project } from "../../node/support/project.mjs";

/** The user's program. It does not name the WebAssembly modules, so the bundler must find them. */
const MAIN = `
  import init, * as api from "cognigy-context";
  globalThis.loaded = init().then(() => api);
`;

/**
 * Tests a page that a bundler builds.
 *
 * @param bundler the name of the bundler
 * @param bundle builds the page in a folder and returns the folder to serve
 */
export function testPage(bundler, bundle) {
  let browser;

  before(async () => {
    const folder = join(project, bundler);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "main.js"), MAIN);
    writeFileSync(join(folder, "index.html"), '<script type="module" src="/main.js"></script>');
    const built = await bundle(folder);
    // Some bundlers do not write the HTML page.
    const page = join(built, "index.html");
    if (!existsSync(page)) writeFileSync(page, '<script type="module" src="/main.js"></script>');
    browser = await openPage(built);
    await browser.page.waitForFunction("globalThis.loaded");
  });
  after(() => browser?.close());

  test(`a page from ${bundler} checks values`, async () => {
    const code = await browser.page.evaluate(async () => {
      const { check } = await globalThis.loaded;
      return check({ "a.b": 1 }).issues[0].code;
    });
    assert.equal(code, "unreadable_key");
  });

  test(`a page from ${bundler} loads one WebAssembly module in initSchema`, async () => {
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

  test(`a page from ${bundler} loads the client's WebAssembly module on the first call`, async () => {
    const requested = [];
    const note = (request) => requested.push(request.url());
    browser.page.on("request", note);
    const outcome = await browser.page.evaluate(async () => {
      const { Client } = await globalThis.loaded;
      const respond = () => Promise.resolve(Response.json({ context: { tier: "gold" } }));
      const client = new Client({ baseUrl: "https://api.example", apiKey: "key", fetch: respond });
      let errorBeforeCall;
      try {
        client.metrics();
      } catch (error) {
        errorBeforeCall = error.name;
      }
      await client.injectContext("s", "u", { tier: "gold" }).catch(() => {});
      return { errorBeforeCall, records: client.auditTrail().length };
    });
    browser.page.off("request", note);
    assert.deepEqual(outcome, { errorBeforeCall: "ConfigurationError", records: 1 });
    assert.equal(requested.filter((url) => url.includes(".wasm")).length, 1);
  });

  for (const runner of ["browser/objects", "browser/text"]) {
    test(`every corpus case passes in a page from ${bundler}, ${runner}`, async () => {
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
      assert.equal(ran, cases, "the number of cases in the index");
    });
  }

  test(`a page from ${bundler} logs no errors`, () => {
    assert.deepEqual(browser.pageErrors.unexpected, []);
  });
}
