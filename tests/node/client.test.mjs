/** The client against the sandbox, over real HTTP. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, beforeEach, describe, test } from "node:test";
import { inspect } from "node:util";
import { importPackage } from "./support/project.mjs";
import { apiKey, startSandbox } from "./support/sandbox.mjs";

const api = await importPackage();
const { Client, ConfigurationError, ValidationError } = api;

let sandbox;
let client;

before(async () => {
  sandbox = await startSandbox();
});
after(() => sandbox?.stop());
beforeEach(async () => {
  await sandbox.reset();
  client = new Client({ baseUrl: sandbox.url, apiKey });
});

/** Injects a context into the session s-1. */
const inject = (context = { a: 1 }, options) => client.injectContext("s-1", "u-1", context, options);

describe("an injection", () => {
  test("writes the keys and returns the context of the session", async () => {
    await sandbox.seed("s-1", { context: { before: true } });
    assert.deepEqual(await inject({ tier: "gold", list: [1, { x: "ü" }] }), {
      before: true,
      tier: "gold",
      list: [1, { x: "ü" }],
    });
    const { userId, context } = await sandbox.session("s-1");
    assert.equal(userId, "u-1");
    assert.equal(context.tier, "gold");
  });

  test("accepts dates, maps, sets and BigInts", async () => {
    const context = await inject({
      at: new Date(0),
      map: new Map([["k", 1]]),
      set: new Set([2]),
      big: 12n,
    });
    assert.deepEqual(context, { at: "1970-01-01T00:00:00.000Z", map: { k: 1 }, set: [2], big: 12 });
  });

  test("percent-encodes every reserved character of an id", async () => {
    await client.injectContext("a/b ü?#", "u", { x: 1 });
    assert.deepEqual((await sandbox.session("a/b ü?#")).context, { x: 1 });
  });

  test("with errors is rejected and sends no request", async () => {
    await assert.rejects(inject({ a: NaN, b: "x".repeat(70_000) }), (error) => {
      assert.ok(error instanceof ValidationError);
      const codes = error.report.issues.map(({ code }) => code);
      assert.ok(codes.includes("non_finite_number") && codes.includes("payload_too_large"));
      return true;
    });
    await assert.rejects(client.injectContext("", "u", {}), ValidationError);
    assert.deepEqual(await sandbox.requests(), []);
  });

  test("counts the existing context, passed or from the last response, and detects a replaced key", async () => {
    const half = { history: "h".repeat(20_000) };
    const other = { note: "n".repeat(15_000) };
    await assert.rejects(inject(other, { existing: half }), ValidationError);
    await inject(half);
    await assert.rejects(inject(other), (error) => {
      assert.deepEqual(error.report.issues.map(({ code, path }) => [code, path]), [
        ["would_be_replaced", "/note"],
        ["context_too_large", ""],
      ]);
      return true;
    });
    // An empty `existing` hides the stored context from the check, so the platform replaces the key.
    await inject(other, { existing: {} }).then(
      () => assert.fail("the replaced key was not detected"),
      (error) => assert.equal(error.report.issues[0].code, "would_be_replaced"),
    );
  });

  test("returns the matching context to each of 50 concurrent calls", async () => {
    const contexts = await Promise.all(
      Array.from({ length: 50 }, (_, n) => client.injectContext(`s-${n}`, "u", { n })),
    );
    assert.deepEqual(contexts.map(({ n }) => n), Array.from({ length: 50 }, (_, n) => n));
  });
});

describe("a client", () => {
  test("without a valid base URL and credential throws a ConfigurationError", () => {
    for (const options of [{}, { apiKey }, { baseUrl: sandbox.url }, { baseUrl: "ftp://x", apiKey }]) {
      assert.throws(() => new Client(options), ConfigurationError);
    }
    assert.throws(() => new Client({ baseUrl: sandbox.url, apiKey: "a\nb" }), ConfigurationError);
    assert.throws(() => new Client({ baseUrl: sandbox.url, apiKey, policy: "none" }), ConfigurationError);
    assert.throws(() => new Client({ baseUrl: 7, apiKey }), TypeError);
  });

  test("reads the base URL and the key from the environment", async () => {
    process.env.COGNIGY_BASE_URL = sandbox.url;
    process.env.COGNIGY_API_KEY = apiKey;
    try {
      client = new Client();
      assert.deepEqual(await inject(), { a: 1 });
    } finally {
      delete process.env.COGNIGY_BASE_URL;
      delete process.env.COGNIGY_API_KEY;
    }
  });

  test("accepts a base URL that ends with a route prefix", async () => {
    client = new Client({ baseUrl: `${sandbox.url}/new/`, apiKey });
    assert.deepEqual(await inject(), { a: 1 });
  });

  test("checks contexts against its own policy", async () => {
    client = new Client({ baseUrl: sandbox.url, apiKey, policy: { maxContextBytes: 4 } });
    await assert.rejects(inject(), ValidationError);
  });

  test("rejects session ids without its prefix", async () => {
    client = new Client({ baseUrl: sandbox.url, apiKey, sessionIdPrefix: "sess_" });
    await assert.rejects(inject(), (error) => error.report.issues[0].code === "invalid_id");
    await client.injectContext("sess_1", "u", {});
  });

  test("sends requests with the `fetch` option", async () => {
    const sent = [];
    client = new Client({
      baseUrl: sandbox.url,
      apiKey,
      fetch: (url, init) => {
        sent.push([init.method, new URL(url).pathname]);
        return fetch(url, init);
      },
    });
    await inject();
    assert.deepEqual(sent, [["POST", "/new/v2.0/sessions/s-1/context/inject"]]);
  });

  test("throws a ConfigurationError after it is freed", async () => {
    client.free();
    client.free();
    await assert.rejects(inject(), ConfigurationError);
  });

  test("rejects ids that are not strings, without the id in the message", async () => {
    await assert.rejects(client.injectContext(4711, "u", {}), (error) => {
      assert.ok(error instanceof TypeError);
      assert.equal(error.message, "sessionId must be a string, not a number");
      return true;
    });
    await assert.rejects(client.injectContext("s\ud83d", "u", {}), api.CognigyError);
  });
});

describe("the error", () => {
  const statuses = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "SessionNotFoundError",
    409: "ConflictError",
    413: "BadRequestError",
    500: "ServerError",
    503: "ServerError",
  };
  for (const [status, name] of Object.entries(statuses)) {
    test(`of a response with status ${status} is a ${name}`, async () => {
      await sandbox.fault({ status: Number(status) });
      client = new Client({ baseUrl: sandbox.url, apiKey, maxRetries: 0 });
      await assert.rejects(inject(), (error) => {
        assert.equal(error.name, name);
        assert.ok(error instanceof api[name]);
        assert.equal(error.status, Number(status));
        assert.equal(error.operation, "inject_context");
        assert.match(error.session, /^[0-9a-f]{64}$/);
        assert.ok(!error.message.includes("s-1"));
        assert.ok(error.hint.length > 0 && error.attempts === 1);
        return true;
      });
    });
  }

  test("of a response with status 429 has the seconds of Retry-After", async () => {
    await sandbox.fault({ status: 429, retryAfter: 120 });
    await assert.rejects(inject(), (error) => {
      assert.ok(error instanceof api.RateLimitError);
      assert.equal(error.retryAfter, 120);
      assert.equal(error.retryable, true);
      return true;
    });
  });

  test("has the code and the trace id of the response", async () => {
    await sandbox.fault({ status: 403 });
    await assert.rejects(inject(), (error) => {
      assert.equal(typeof error.code, "number");
      assert.equal(typeof error.traceId, "string");
      return true;
    });
  });

  test("of a dropped connection is a NetworkError with its cause", async () => {
    await sandbox.fault({ drop: true });
    client = new Client({ baseUrl: sandbox.url, apiKey, maxRetries: 0 });
    await assert.rejects(inject(), (error) => {
      assert.ok(error instanceof api.NetworkError);
      assert.ok(error.cause instanceof Error);
      return true;
    });
  });

  test("of a port without a listener is a NetworkError", async () => {
    // No program listens on port 2, and `fetch` does not block port 2 as it blocks port 9.
    client = new Client({ baseUrl: "http://127.0.0.1:2", apiKey, maxRetries: 0 });
    await assert.rejects(inject(), (error) => {
      assert.ok(error instanceof api.NetworkError);
      // Each runtime words the cause of a failed `fetch` differently.
      assert.match(inspect(error.cause), /ECONNREFUSED|Connection ?refused/i);
      return true;
    });
  });

  test("of a response that is not a context is a ProtocolError", async () => {
    const bodies = ["[1]", "<html>", '{"a":', "", '{"a":1,"a":2}', "[".repeat(100_000)];
    for (const body of bodies) {
      client = new Client({ baseUrl: sandbox.url, apiKey, fetch: async () => new Response(body) });
      await assert.rejects(inject(), api.ProtocolError, body.slice(0, 20));
    }
  });

  test("of an endless response is a ProtocolError after less than 64 MiB", async () => {
    let sentBytes = 0;
    const server = createServer((_, response) => {
      const chunk = Buffer.alloc(1 << 20, " ");
      const write = () => {
        while (!response.destroyed) {
          sentBytes += chunk.length;
          if (!response.write(chunk)) return response.once("drain", write);
        }
      };
      write();
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    client = new Client({ baseUrl: `http://127.0.0.1:${server.address().port}`, apiKey });
    await assert.rejects(inject(), api.ProtocolError);
    assert.ok(sentBytes < 64 << 20);
    server.close();
    server.closeAllConnections();
  });

  test("of a redirect is a ProtocolError, and the client does not follow it", async () => {
    let visited = false;
    const otherServer = createServer((_, response) => {
      visited = true;
      response.end("{}");
    });
    await new Promise((resolve) => otherServer.listen(0, "127.0.0.1", resolve));
    const location = `http://127.0.0.1:${otherServer.address().port}/`;
    const server = createServer((_, response) => response.writeHead(307, { location }).end());
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    client = new Client({ baseUrl: `http://127.0.0.1:${server.address().port}`, apiKey });
    await assert.rejects(inject(), api.ProtocolError);
    assert.equal(visited, false);
    for (const each of [server, otherServer]) {
      each.close();
      each.closeAllConnections();
    }
  });
});

describe("a signal", () => {
  test("that is aborted before the call rejects it with its reason, and no request is sent", async () => {
    const reason = new Error("not now");
    await assert.rejects(inject({ a: 1 }, { signal: AbortSignal.abort(reason) }), reason);
    assert.deepEqual(await sandbox.requests(), []);
  });

  test("rejects a pending call with its reason, and the next call succeeds", async () => {
    const controller = new AbortController();
    const reason = new Error("the user left");
    let requests = 0;
    const server = createServer((_, response) => {
      // The first request gets no response: its arrival aborts the signal.
      if (requests++ === 0) controller.abort(reason);
      else response.end('{"b":1}');
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    client = new Client({ baseUrl: `http://127.0.0.1:${server.address().port}`, apiKey });
    await assert.rejects(inject({ a: 1 }, { signal: controller.signal }), reason);
    assert.deepEqual(await inject({ b: 1 }), { b: 1 });
    assert.equal(requests, 2);
    server.close();
    server.closeAllConnections();
  });
});
