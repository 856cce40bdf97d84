/** The npm package in headless Chromium: the corpus, loading, and the client over real HTTP. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readCorpus, runCorpus } from "../node/support/corpus.mjs";
import { apiKey, startSandbox } from "../node/support/sandbox.mjs";
import { openPage } from "./support/chromium.mjs";

let browser;
let sandbox;

before(async () => {
  [browser, sandbox] = await Promise.all([openPage(), startSandbox()]);
});

after(async () => {
  await browser?.close();
  await sandbox?.stop();
});

/** Runs `work(api, given)` in the page; `work` goes over as source. */
function inPage(work, given) {
  return browser.page.evaluate(
    async ([source, given]) => {
      const api = await import("/pkg/browser.js");
      await api.default();
      return new Function(`return (${source})`)()(api, given);
    },
    [work.toString(), given],
  );
}

test("before init every function says what to do", async () => {
  const message = await browser.page.evaluate(async () => {
    const api = await import("/pkg/browser.js");
    try {
      api.check({});
    } catch (error) {
      return `${error instanceof api.ConfigurationError} ${error.message}`;
    }
  });
  assert.equal(
    message,
    "true cognigy-context is not loaded. Call `await init()` once before any other function.",
  );
});

test("init that fails may be called again, from any source", async () => {
  const outcome = await browser.page.evaluate(async () => {
    const api = await import("/pkg/browser.js?fresh");
    const first = await api.default("/nowhere.wasm").catch((error) => error.message);
    await Promise.all([api.default(fetch("/pkg/cognigy-context.wasm")), api.default()]);
    return [first, api.check({ a: 1 }).ok];
  });
  assert.deepEqual(outcome, [
    "cannot fetch the WebAssembly module: the server responded with status 404. " +
      "Serve the file, or pass its URL or bytes.",
    true,
  ]);
  await browser.complaints.take(/status of 404/);
});

test("initSync starts from bytes", async () => {
  const ok = await browser.page.evaluate(async () => {
    const api = await import("/pkg/browser.js?sync");
    api.initSync(await (await fetch("/pkg/cognigy-context.wasm")).arrayBuffer());
    return api.check({ a: 1 }).ok;
  });
  assert.equal(ok, true);
});

test("schemas and context managers are loaded apart, before or without the rest", async () => {
  const outcome = await browser.page.evaluate(async () => {
    const api = await import("/pkg/browser.js?schema");
    const said = [api.Schema, api.ContextManager].map((type) => {
      try {
        new type({});
      } catch (error) {
        return `${error instanceof api.ConfigurationError} ${error.message}`;
      }
    });
    await api.initSchema(fetch("/pkg/cognigy-context-documents.wasm"));
    const schema = new api.Schema({ properties: { tier: { default: "silver" } } });
    const { context } = new api.ContextManager({ schema }).update("s", { at: new Date(0) });
    return { said, context };
  });
  const said =
    "true schemas and context managers are not loaded. Call `await initSchema()` once before you create one.";
  assert.deepEqual(outcome.said, [said, said]);
  assert.deepEqual(outcome.context, { at: "1970-01-01T00:00:00.000Z", tier: "silver" });
});

for (const runner of ["browser/objects", "browser/text"]) {
  test(`every case of the corpus holds through ${runner}`, async () => {
    const { can, cases, files } = readCorpus(runner);
    const { ran, failures } = await browser.page.evaluate(
      async ([source, can, files]) => {
        const api = await import("/pkg/browser.js");
        await Promise.all([api.default(), api.initSchema()]);
        return new Function(`return (${source})`)()(api, can, files);
      },
      [runCorpus.toString(), can, files],
    );
    assert.deepEqual(failures, []);
    assert.equal(ran, cases, "the number of cases that the index states");
  });
}

test("a page injects a context over real HTTP", async () => {
  const context = await inPage(
    async ({ Client }, { url, apiKey }) => {
      const client = new Client({ baseUrl: url, apiKey });
      return client.injectContext("browser-1", "user-1", { tier: "gold", at: new Date(0) });
    },
    { url: sandbox.url, apiKey },
  );
  assert.deepEqual(context, { tier: "gold", at: "1970-01-01T00:00:00.000Z" });
  assert.deepEqual((await sandbox.session("browser-1")).context, context);
});

test("a page without credentials is told so", async () => {
  const name = await inPage(({ Client }) => {
    try {
      new Client({ baseUrl: "https://example.org" });
    } catch (error) {
      return error.name;
    }
  });
  assert.equal(name, "ConfigurationError");
});

test("a key that is not accepted is an AuthenticationError in a page", async () => {
  const failure = await inPage(
    async ({ Client }, url) => {
      const client = new Client({ baseUrl: url, apiKey: "wrong" });
      return client.injectContext("browser-2", "user-1", {}).catch(({ name, status }) => ({ name, status }));
    },
    sandbox.url,
  );
  assert.deepEqual(failure, { name: "AuthenticationError", status: 401 });
  await browser.complaints.take(/status of 401/);
});

test("the client's module is loaded with the first call, and what was given before is sent", async () => {
  const outcome = await browser.page.evaluate(
    async ({ url, apiKey }) => {
      const api = await import("/pkg/browser.js?client");
      await api.default();
      const client = new api.Client({ baseUrl: url, apiKey });
      const given = { tier: "gold" };
      const call = client.injectContext("browser-3", "user-1", given);
      const copy = client.withDeadline(600);
      given.tier = "silver";
      let refused;
      try {
        client.withDeadline(-1);
      } catch (error) {
        refused = error.name;
      }
      api.check({ other: "x".repeat(5000) });
      client.onStateUpdated(() => {});
      const stored = [await call, await copy.injectContext("browser-3", "user-1", { b: 1 })];
      return { refused, stored, records: client.auditTrail().length };
    },
    { url: sandbox.url, apiKey },
  );
  assert.equal(outcome.refused, "ConfigurationError");
  assert.deepEqual(outcome.stored, [{ tier: "gold" }, { tier: "gold", b: 1 }]);
  assert.equal(outcome.records, 2);
});

test("a plain script of a page has the package", async () => {
  const code = await browser.page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        globalThis.answer = resolve;
        const script = document.createElement("script");
        script.type = "module";
        script.textContent = `
          import init, { check } from "/pkg/browser.js?plain";
          await init();
          answer(check({ "a.b": 1 }).issues[0].code);`;
        script.onerror = () => reject(new Error("the script did not load"));
        document.head.append(script);
      }),
  );
  assert.equal(code, "unreadable_key");
});

test("every case of the corpus holds in a worker", async () => {
  const { can, cases, files } = readCorpus("browser/objects");
  const { ran, failures } = await browser.page.evaluate(
    ([runCorpus, can, files]) =>
      new Promise((resolve, reject) => {
        const source = `
          import init, * as api from "${location.origin}/pkg/browser.js";
          onmessage = async ({ data: { can, files } }) => {
            await Promise.all([init(), api.initSchema()]);
            postMessage((${runCorpus})(api, can, files));
          };`;
        const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
        const worker = new Worker(url, { type: "module" });
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => reject(new Error(message));
        worker.postMessage({ can, files });
      }),
    [runCorpus.toString(), can, files],
  );
  assert.deepEqual(failures, []);
  assert.equal(ran, cases, "the number of cases that the index states");
});

test("nothing was complained of in the page's console", () => {
  assert.deepEqual(browser.complaints.left, []);
});
