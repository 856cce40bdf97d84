/** The bounds of a client against servers that err or attack, the end of its webhooks, and requests that cannot be built. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { importPackage } from "./support/project.mjs";

const api = await importPackage();
const { Client, ConfigurationError, InjectionPayload, NetworkError, ProtocolError, StateUpdate, ValidationError } = api;

const apiKey = "sk-0123456789abcdef";
const unlimited = { apiKey, rate: null, platformRate: null, maxRetries: 0 };

/** Returns a client whose requests `reply` answers: it returns a `Response`. */
const clientOf = (reply, options = {}) =>
  new Client({ baseUrl: "https://api.example", ...unlimited, fetch: async (url, init) => reply(url, init), ...options });

const json = (value, init) => new Response(JSON.stringify(value), init);

/** Runs `work` with the URL of a server, and closes the server. */
async function withServer(listener, work) {
  const server = createServer(listener);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await work(`http://127.0.0.1:${server.address().port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

describe("endless pages of variables", () => {
  const read = (size) => {
    let count = 0;
    const page = () => ({
      variables: [{ name: "a", value: "x".repeat(size), scope: "user" }],
      pagination: { nextCursor: `c${++count}` },
    });
    return clientOf(() => json(page())).getVariables("s");
  };

  test("end at 1,000 pages", async () => {
    await assert.rejects(read(1), (error) => {
      assert.ok(error instanceof ProtocolError);
      assert.match(error.message, /more than 1,000 pages/);
      assert.equal(error.attempts, 1_000);
      return true;
    });
  });

  test("end at 64 MiB in all pages together", async () => {
    await assert.rejects(read(8 << 20), /larger than 67,108,864 bytes together/);
  });
});

describe("a response body beyond 16 MiB", () => {
  const tooLarge = (error) => {
    assert.ok(error instanceof ProtocolError);
    assert.match(error.message, /larger than 16,777,216 bytes/);
    return true;
  };

  test("is an error when it arrives in small chunks", async () => {
    const chunk = new Uint8Array(1_000).fill(32);
    const body = () => new ReadableStream({ pull: (controller) => controller.enqueue(chunk) });
    await assert.rejects(clientOf(() => new Response(body())).getState("d"), tooLarge);
  });

  test("is an error when it is compressed", async () => {
    const body = gzipSync(Buffer.alloc(32 << 20, " "));
    await withServer(
      (_, response) => response.writeHead(200, { "content-encoding": "gzip" }).end(body),
      (baseUrl) => assert.rejects(new Client({ ...unlimited, baseUrl }).getState("d"), tooLarge),
    );
  });

  test("is an error when the host has no stream of the body", async () => {
    const response = () => ({
      status: 200,
      headers: new Headers(),
      body: null,
      arrayBuffer: async () => new ArrayBuffer((16 << 20) + 1),
    });
    await assert.rejects(clientOf(response).getState("d"), tooLarge);
  });

  test("of one-byte chunks is read without a multiple of its memory", async () => {
    const text = JSON.stringify({ state: "x".repeat(100_000) });
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        if (sent === text.length) controller.close();
        else controller.enqueue(new Uint8Array([text.charCodeAt(sent++)]));
      },
    });
    const { state } = await clientOf(() => new Response(body)).getState("d");
    assert.equal(state.state.length, 100_000);
  });
});

test("a redirect is not followed", async () => {
  let requests = 0;
  await withServer(
    (_, response) => {
      requests++;
      response.writeHead(307, { location: "/elsewhere" }).end();
    },
    (baseUrl) => assert.rejects(new Client({ ...unlimited, baseUrl }).getState("d"), ProtocolError),
  );
  assert.equal(requests, 1);
});

describe("entity tags", () => {
  const update = new StateUpdate({ session: { a: 1 } });

  test("with bytes beyond ASCII are sent back unchanged over HTTP", async () => {
    const conditions = [];
    await withServer(
      (request, response) => {
        conditions.push(request.headers["if-match"]);
        response.setHeader("etag", '"v\u00e9\u00ff"');
        // Node would write the header in UTF-8 in front of a string.
        response.end(Buffer.from("{}"));
      },
      async (baseUrl) => {
        const client = new Client({ ...unlimited, baseUrl });
        await client.syncContext("s", { a: 1 });
        const { tag } = await client.getState("d");
        assert.equal(tag, '"v\u00e9\u00ff"');
        assert.equal((await client.updateState("d", update, { ifMatch: tag })).guarded, true);
      },
    );
    assert.deepEqual(conditions, [undefined, '"v\u00e9\u00ff"', undefined, '"v\u00e9\u00ff"']);
  });

  for (const tag of ['W/"1"', "*", "1", '"1", "2"', '"a b"']) {
    test(`${tag} of a server counts as no tag, with a warning about the write`, async (t) => {
      const sent = [];
      const warnings = [];
      t.after(api.onWarning((message) => warnings.push(message)));
      const client = clientOf((_, init) => {
        sent.push(init.headers["if-match"]);
        return json({ a: 1 }, { headers: { etag: tag } });
      });
      await client.syncContext("s", { b: 2 });
      assert.equal((await client.getState("d")).tag, undefined);
      assert.deepEqual(sent, [undefined, undefined, undefined]);
      assert.equal(warnings.length, 1);
      assert.match(warnings[0], /^the write is unguarded: .*\(operation=sync_context\)$/);
    });

    test(`${tag} as ifMatch is rejected`, async () => {
      const client = clientOf(() => assert.fail("a request was sent"));
      const options = { ifMatch: tag };
      await assert.rejects(client.updateState("d", update, options), (error) => {
        assert.ok(error instanceof ValidationError);
        const [{ code, path }] = error.report.issues;
        assert.deepEqual({ code, path }, { code: "invalid_id", path: "/ifMatch" });
        return true;
      });
      assert.throws(
        () => api.updateStateRequest({ baseUrl: "https://api.example", dialogId: "d", update, ...options }),
        ValidationError,
      );
    });
  }

  test("that are missing leave the next part of an update unguarded", async () => {
    const tags = ['"2"', 'W/"3"', '"4"'];
    const client = clientOf(() => json({}, { headers: { etag: tags.shift() } }));
    const values = Object.fromEntries(["a", "b", "c"].map((name) => [name, "x".repeat(300_000)]));
    const results = await client.updateStateParts("d", { session: values }, { ifMatch: '"1"' });
    assert.deepEqual(results.map(({ guarded }) => guarded), [true, true, false]);
  });
});

describe("an error", () => {
  test("contains no part of a credential that the server repeats", async () => {
    const problem = { code: `E.${apiKey}`, traceId: apiKey.toUpperCase() };
    await assert.rejects(clientOf(() => json(problem, { status: 400 })).getState("d"), (error) => {
      assert.equal(error.code, undefined);
      assert.equal(error.traceId, undefined);
      assert.ok(!error.message.toLowerCase().includes("sk-0"));
      return true;
    });
  });

  test("keeps a code and a trace id of safe characters", async () => {
    const problem = { code: "rate_limited", traceId: "trace-1:a.b" };
    await assert.rejects(clientOf(() => json(problem, { status: 400 })).getState("d"), (error) => {
      assert.deepEqual([error.code, error.traceId], ["rate_limited", "trace-1:a.b"]);
      return true;
    });
  });
});

describe("a request that cannot be built", () => {
  for (const url of ["http://[::1", "http://127.0.0.1:99999", "http://a b", "http://u:p@a", "http://", "a"]) {
    test(`is rejected at construction: ${url}`, () => {
      const create = (options) => () => new Client({ baseUrl: "https://api.example", apiKey, ...options });
      for (const options of [
        { baseUrl: url },
        { crmWebhook: url },
        { snapshotWebhook: url },
        { tokenUrls: { platform: url } },
      ]) {
        assert.throws(create(options), ConfigurationError);
      }
      assert.throws(() => api.sessionExistsRequest({ baseUrl: url, sessionId: "s" }), ConfigurationError);
    });
  }

  test("is a ConfigurationError and not retried when only the host rejects it", async () => {
    let requests = 0;
    const client = clientOf(() => requests++, { baseUrl: "http://xn--a.example", maxRetries: 3 });
    await assert.rejects(client.getState("d"), ConfigurationError);
    assert.equal(requests, 0);
  });

  test("names the limit of an id", async () => {
    const client = clientOf(() => assert.fail("a request was sent"));
    await assert.rejects(client.sessionExists("a".repeat(70_000)), (error) => {
      const [{ code, limit, actual }] = error.report.issues;
      assert.deepEqual({ code, limit, actual }, { code: "invalid_id", limit: 2_048, actual: 70_000 });
      return true;
    });
    await assert.rejects(client.listProfiles({ filter: "f".repeat(3_000) }), ValidationError);
  });

  test("is not mistaken for an error of the network", async () => {
    const failing = () => Promise.reject(new TypeError("fetch failed"));
    await assert.rejects(clientOf(failing).getState("d"), NetworkError);
  });
});

describe("close", () => {
  /** Injects four times with a webhook that answers only once `release` is resolved. */
  const injectWithSilentWebhook = async (release) => {
    let deliveries = 0;
    const client = clientOf(
      async (url) => {
        if (url.includes("crm.example")) {
          deliveries++;
          await release;
        }
        return json({ variables: {} });
      },
      { crmWebhook: "https://crm.example/hook" },
    );
    const payload = new InjectionPayload("s", [{ key: "a", value: 1 }]);
    for (let i = 0; i < 4; i++) await client.inject(payload);
    return { client, count: () => deliveries };
  };

  test("counts the deliveries that it drops, also the one in flight", async () => {
    let finish;
    const { client, count } = await injectWithSilentWebhook(new Promise((resolve) => (finish = resolve)));
    const warnings = [];
    const stop = api.onWarning((message) => warnings.push(message));
    const stopFailing = api.onWarning(() => {
      throw new Error("from the listener");
    });
    assert.equal(await client.close(0.01), 4);
    stop();
    stopFailing();
    assert.deepEqual(warnings, [
      "webhook deliveries dropped: the client was closed before they were sent (dropped=4)",
    ]);
    assert.equal(client.metrics().droppedNotices, 4);
    finish();
    assert.equal(await client.close(), 0);
    assert.equal(count(), 1);
    client.free();
  });

  test("drops nothing when all deliveries finish in time", async () => {
    const { client, count } = await injectWithSilentWebhook(undefined);
    assert.equal(await client.close(), 0);
    assert.deepEqual([client.metrics().droppedNotices, count()], [0, 4]);
    client.free();
  });

  test("reports to listeners that must be functions", () => {
    for (const listener of [undefined, null, 1, "x", {}]) {
      assert.throws(() => api.onWarning(listener), TypeError);
    }
  });

  test("rejects a time that is no number", async () => {
    await assert.rejects(clientOf(() => json({})).close(-1), ConfigurationError);
  });
});
