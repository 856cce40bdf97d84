/** Calls that tests/scenarios does not cover: listeners, copies, aborts, exact integers, the exit of the process. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { after, before, beforeEach, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { importPackage, project, writeScript } from "./support/project.mjs";
import { apiKey, startSandbox } from "./support/sandbox.mjs";

const api = await importPackage();
const { Client, ConfigurationError, DeadlineError, StateUpdate, ValidationError } = api;

let sandbox;
let client;

/**
 * The result of a process whose webhook never responds. The process starts here and ends while the other
 * tests run, after 5 s, the client's limit for a webhook delivery.
 */
const silentWebhookExit = runWithSilentWebhook();

before(async () => {
  sandbox = await startSandbox();
});
after(() => sandbox?.stop());
beforeEach(async () => {
  await sandbox.reset();
  await sandbox.seed("s-1", {});
  await put("/_sandbox/dialogs/d-1", {});
  client = new Client({ baseUrl: sandbox.url, apiKey, rate: null, platformRate: null });
});

const put = (path, body) =>
  fetch(sandbox.url + path, { method: "PUT", body: JSON.stringify(body) });
const variables = [{ key: "tier", value: "gold" }];

/** Returns the promise of a request that gets no response: it rejects when its signal aborts. */
const withoutResponse = ({ signal }) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

/** Runs a process that makes a call and drains its webhook for 0.05 s. Returns its output and exit code. */
async function runWithSilentWebhook() {
  let deliveries = 0;
  const server = createServer((request, response) => {
    // A delivery gets no response.
    if (request.url === "/webhook") deliveries++;
    else response.end('{"sessionId":"s-1","variables":{"a":1},"updatedAt":"now"}');
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  const program = writeScript(`
    const { Client } = await import(${JSON.stringify(pathToFileURL(join(project, "main.mjs")).href)});
    const options = ${JSON.stringify({ baseUrl: url, apiKey, crmWebhook: `${url}/webhook` })};
    const client = new Client(options);
    await client.inject({ sessionId: "s-1", variables: [{ key: "a", value: 1 }] });
    console.log(await client.drain(0.05));`);
  const child = spawn(process.execPath, [program]);
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  // Waits for "close": "exit" may come before the end of the output.
  const code = await new Promise((resolve) => child.once("close", resolve));
  server.close();
  server.closeAllConnections();
  return { output, code, deliveries };
}

describe("a listener for updated states", () => {
  test("is called for successful updates until it is removed", async () => {
    const calls = [];
    const remove = client.onStateUpdated((...args) => calls.push(args));
    const updated = await client.updateState("d-1", { session: { turn: 4 }, nextStep: "go" });
    await client.updateState("unknown", { session: { turn: 5 } }).catch(() => {});
    assert.deepEqual(calls, [
      ["d-1", { session: { turn: 4 }, transition: { nextStep: "go" } }, updated],
    ]);
    remove();
    remove();
    await client.updateState("d-1", { session: { turn: 6 } });
    assert.equal(calls.length, 1);
  });

  test("that throws affects neither the update nor other listeners", async () => {
    let called = 0;
    client.onStateUpdated(() => {
      throw new Error("not now");
    });
    // An unhandled rejection would fail the test.
    client.onStateUpdated(async () => {
      throw new Error("not now");
    });
    client.onStateUpdated(() => called++);
    await client.updateState("d-1", new StateUpdate({ user: { name: "Ada" } }));
    assert.equal(called, 1);
  });
});

describe("a copy with another deadline", () => {
  test("ends its own calls earlier and shares the audit trail with the client", async () => {
    const own = new Client({
      baseUrl: sandbox.url,
      apiKey,
      // Requests for a context get no response; all others do.
      fetch: (url, init) => (url.endsWith("/context") ? withoutResponse(init) : fetch(url, init)),
    });
    const shortDeadline = own.withDeadline(0.2);
    await assert.rejects(shortDeadline.getInjected("s-1"), DeadlineError);
    assert.equal(await own.sessionExists("s-1"), true);
    assert.deepEqual(
      shortDeadline.auditTrail().map(({ operation }) => operation),
      ["get_injected", "session_exists"],
    );
    shortDeadline.free();
    assert.equal(await own.sessionExists("s-1"), true);
  });

  test("rejects a deadline that is not a positive number", () => {
    for (const seconds of [0, -1, NaN, Infinity]) {
      assert.throws(() => client.withDeadline(seconds), ConfigurationError);
    }
    assert.throws(() => client.withDeadline(), TypeError);
    client.withDeadline(1e9).free();
  });
});

describe("a signal", () => {
  test("that aborts between two attempts rejects the call and records it as cancelled", async () => {
    await sandbox.fault({ status: 503, retryAfter: "20" });
    const reason = new Error("enough");
    const controller = new AbortController();
    const own = new Client({ baseUrl: sandbox.url, apiKey, attemptTimeout: 10 });
    // The wait for the next attempt is the only timer of 20 s. Its start aborts the signal.
    const { setTimeout } = globalThis;
    globalThis.setTimeout = (callback, milliseconds, ...args) => {
      if (milliseconds === 20_000) setImmediate(() => controller.abort(reason));
      return setTimeout(callback, milliseconds, ...args);
    };
    try {
      await assert.rejects(own.getInjected("s-1", { signal: controller.signal }), reason);
    } finally {
      globalThis.setTimeout = setTimeout;
    }
    const [record] = own.auditTrail(1);
    assert.deepEqual([record.status, record.details.attempts], ["cancelled", 1]);
  });

  test("that aborts the call that fetches the token does not affect other calls", async () => {
    const controller = new AbortController();
    let tokenRequests = 0;
    const own = new Client({
      baseUrl: sandbox.url,
      clientId: "sandbox",
      clientSecret: "sandbox",
      fetch: (url, init) => {
        if (url.endsWith("/token") && tokenRequests++ === 0) {
          // Aborts in the next turn of the event loop, when all five calls wait for the token.
          setImmediate(() => controller.abort());
          return withoutResponse(init);
        }
        return fetch(url, init);
      },
    });
    const aborted = own.getInjected("s-1", { signal: controller.signal });
    const others = Array.from({ length: 4 }, () => own.getInjected("s-1"));
    await assert.rejects(aborted, { name: "AbortError" });
    for (const { variables } of await Promise.all(others)) assert.deepEqual(variables, {});
    assert.equal(tokenRequests, 2);
  });

  test("has no listeners left after several calls", async () => {
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...args) => {
      listeners++;
      return addEventListener.apply(signal, args);
    };
    signal.removeEventListener = (...args) => {
      listeners--;
      return removeEventListener.apply(signal, args);
    };
    for (let n = 0; n < 5; n++) await client.sessionExists("s-1", { signal });
    assert.equal(listeners, 0);
  });
});

describe("a freed client", () => {
  test("completes pending calls and rejects new calls", async () => {
    const call = client.inject({ sessionId: "s-1", variables });
    client.free();
    assert.equal((await call).variablesInjected, 1);
    await assert.rejects(client.getInjected("s-1"), ConfigurationError);
    assert.throws(() => client.metrics(), ConfigurationError);
    assert.throws(() => client.injectMany([]), ConfigurationError);
  });
});

describe("integers beyond the safe range", () => {
  test("are sent from BigInts and returned as BigInts", async () => {
    const body = '{"sessionId":"s-1","variables":{"id":9007199254740993},"updatedAt":"now"}';
    let sent;
    const own = new Client({
      baseUrl: sandbox.url,
      apiKey,
      fetch: async (_, init) => {
        sent = new TextDecoder().decode(init.body);
        return new Response(body);
      },
    });
    const id = 9007199254740993n;
    const { result } = await own.inject({ sessionId: "s-1", variables: [{ key: "id", value: id }] });
    assert.ok(sent.includes("9007199254740993"));
    assert.equal(result.variables.id, id);
  });

  test("are rejected by syncContext, whose merge would round them", async () => {
    await assert.rejects(client.syncContext("s-1", { id: 9007199254740993n }), ValidationError);
  });
});

describe("an invalid id", () => {
  test("is rejected by every call with an id, and no request is sent", async () => {
    const calls = [
      (id) => client.inject({ sessionId: id, variables }),
      (id) => client.getInjected(id),
      (id) => client.sessionExists(id),
      (id) => client.appendVariables(id, { a: 1 }),
      (id) => client.getDocument(id),
      (id) => client.syncContext(id, {}),
      (id) => client.getVariables(id),
      (id) => client.debugSnapshot(id),
      (id) => client.getState(id),
      (id) => client.updateState(id, { session: { a: 1 } }),
      (id) => client.updateStateParts(id, { session: { a: 1 } }),
      (id) => client.injectContext(id, "u", {}),
      (id) => client.resetContext(id, "u", "f", "e"),
      (id) => client.injectState("s", id, "state"),
      (id) => client.resetState("s", id),
      (id) => client.getProfile(id),
      (id) => client.updateProfile(id, {}),
      (id) => client.deleteProfile(id),
    ];
    for (const call of calls) {
      await assert.rejects(call(4711), TypeError, call.toString());
      await assert.rejects(call("half \ud83d"), ValidationError, call.toString());
      await assert.rejects(call(".."), ValidationError, call.toString());
    }
    assert.deepEqual(await sandbox.requests(), []);
  });
});

describe("profiles", () => {
  test("are listed with the query in the URL", async () => {
    await client.createProfile({ profile: { name: "Ada" } });
    let query;
    const own = new Client({
      baseUrl: sandbox.url,
      apiKey,
      fetch: (url, init) => {
        query = new URL(url).searchParams;
        return fetch(url, init);
      },
    });
    await own.listProfiles({ limit: 5, filter: "ä b&c", skip: undefined });
    assert.deepEqual([...query], [["limit", "5"], ["filter", "ä b&c"]]);
  });
});

describe("a process", () => {
  test("exits with code 0 although a webhook never responds", async () => {
    assert.deepEqual(await silentWebhookExit, { output: "false\n", code: 0, deliveries: 1 });
  });
});
