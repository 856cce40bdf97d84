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

/** Runs `work(api, input)` in the page. The page gets the source of `work`, so it must use nothing outside itself. */
function inPage(work, input) {
  return browser.page.evaluate(
    async ([source, input]) => {
      const api = await import("/pkg/browser.js");
      await api.default();
      return new Function(`return (${source})`)()(api, input);
    },
    [work.toString(), input],
  );
}

test("a call before init throws a ConfigurationError that names init", async () => {
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

test("init succeeds after a failed init, with a response and the default URL at the same time", async () => {
  const outcome = await browser.page.evaluate(async () => {
    const api = await import("/pkg/browser.js?fresh");
    const first = await api.default("/missing.wasm").catch((error) => error.message);
    await Promise.all([api.default(fetch("/pkg/cognigy-context.wasm")), api.default()]);
    return [first, api.check({ a: 1 }).ok];
  });
  assert.deepEqual(outcome, [
    "cannot fetch the WebAssembly module: the server responded with status 404. " +
      "Serve the file, or pass its URL or bytes.",
    true,
  ]);
  await browser.pageErrors.expect(/status of 404/);
});

test("initSync initialises the package from the bytes of the module", async () => {
  const ok = await browser.page.evaluate(async () => {
    const api = await import("/pkg/browser.js?sync");
    api.initSync(await (await fetch("/pkg/cognigy-context.wasm")).arrayBuffer());
    return api.check({ a: 1 }).ok;
  });
  assert.equal(ok, true);
});

test("schemas and context managers need initSchema and not init", async () => {
  const outcome = await browser.page.evaluate(async () => {
    const api = await import("/pkg/browser.js?schema");
    const messages = [api.Schema, api.ContextManager].map((type) => {
      try {
        new type({});
      } catch (error) {
        return `${error instanceof api.ConfigurationError} ${error.message}`;
      }
    });
    await api.initSchema(fetch("/pkg/cognigy-context-documents.wasm"));
    const schema = new api.Schema({ properties: { tier: { default: "silver" } } });
    const { context } = new api.ContextManager({ schema }).update("s", { at: new Date(0) });
    return { messages, context };
  });
  const message =
    "true schemas and context managers are not loaded. Call `await initSchema()` once before you create one.";
  assert.deepEqual(outcome.messages, [message, message]);
  assert.deepEqual(outcome.context, { at: "1970-01-01T00:00:00.000Z", tier: "silver" });
});

for (const runner of ["browser/objects", "browser/text"]) {
  test(`every corpus case passes in a page, ${runner}`, async () => {
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
    assert.equal(ran, cases, "the number of cases in the index");
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

test("a client without credentials throws a ConfigurationError", async () => {
  const name = await inPage(({ Client }) => {
    try {
      new Client({ baseUrl: "https://example.org" });
    } catch (error) {
      return error.name;
    }
  });
  assert.equal(name, "ConfigurationError");
});

test("a rejected API key is an AuthenticationError", async () => {
  const failure = await inPage(
    async ({ Client }, url) => {
      const client = new Client({ baseUrl: url, apiKey: "wrong" });
      return client.injectContext("browser-2", "user-1", {}).catch(({ name, status }) => ({ name, status }));
    },
    sandbox.url,
  );
  assert.deepEqual(failure, { name: "AuthenticationError", status: 401 });
  await browser.pageErrors.expect(/status of 401/);
});

test("the first call loads the client's module and sends the arguments as they were when it was made", async () => {
  const outcome = await browser.page.evaluate(
    async ({ url, apiKey }) => {
      const api = await import("/pkg/browser.js?client");
      await api.default();
      const client = new api.Client({ baseUrl: url, apiKey });
      const context = { tier: "gold" };
      const call = client.injectContext("browser-3", "user-1", context);
      const copy = client.withDeadline(600);
      context.tier = "silver";
      let rejected;
      try {
        client.withDeadline(-1);
      } catch (error) {
        rejected = error.name;
      }
      api.check({ other: "x".repeat(5000) });
      client.onStateUpdated(() => {});
      const stored = [await call, await copy.injectContext("browser-3", "user-1", { b: 1 })];
      return { rejected, stored, records: client.auditTrail().length };
    },
    { url: sandbox.url, apiKey },
  );
  assert.equal(outcome.rejected, "ConfigurationError");
  assert.deepEqual(outcome.stored, [{ tier: "gold" }, { tier: "gold", b: 1 }]);
  assert.equal(outcome.records, 2);
});

test("an inline module script can import the package", async () => {
  const code = await browser.page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        globalThis.finish = resolve;
        const script = document.createElement("script");
        script.type = "module";
        script.textContent = `
          import init, { check } from "/pkg/browser.js?plain";
          await init();
          finish(check({ "a.b": 1 }).issues[0].code);`;
        script.onerror = () => reject(new Error("the script did not load"));
        document.head.append(script);
      }),
  );
  assert.equal(code, "unreadable_key");
});

test("every corpus case passes in a web worker", async () => {
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
  assert.equal(ran, cases, "the number of cases in the index");
});

test("the page logged only the errors that the tests above expect", () => {
  assert.deepEqual(browser.pageErrors.unexpected, []);
});
