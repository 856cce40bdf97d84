/** The options of a client: custom tokens, invalid options, limits, and audit records. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { importPackage } from "./support/project.mjs";
import { apiKey, startSandbox } from "./support/sandbox.mjs";

const api = await importPackage();
const { AuthenticationError, Client, ConfigurationError, RateLimitError } = api;

let sandbox;

before(async () => {
  sandbox = await startSandbox();
});
after(() => sandbox?.stop());
beforeEach(async () => {
  await sandbox.reset();
  await sandbox.seed("s-1", {});
});

const client = (options) => new Client({ baseUrl: sandbox.url, ...options });

/** Fetches a token that the sandbox accepts for injections. */
async function fetchToken() {
  const response = await fetch(`${sandbox.url}/api/v2/oauth/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: "sandbox",
      client_secret: "sandbox",
    }),
  });
  return (await response.json()).access_token;
}

describe("getToken", () => {
  test("is called once for concurrent calls, with their API family", async () => {
    const families = [];
    const own = client({
      getToken: async (family) => {
        families.push(family);
        return fetchToken();
      },
    });
    await Promise.all(Array.from({ length: 12 }, () => own.getInjected("s-1")));
    assert.deepEqual(families, ["sessions_v2"]);
  });

  test("may return a string synchronously, or a token with its lifetime in seconds", async () => {
    const token = await fetchToken();
    for (const result of [token, { token }, { token, expiresIn: 3600 }]) {
      const own = client({ getToken: () => result });
      assert.deepEqual((await own.getInjected("s-1")).variables, {});
    }
  });

  test("is called again when the token is rejected or expired, and the rejected call is retried", async () => {
    let calls = 0;
    const token = await fetchToken();
    const own = client({ getToken: () => (calls++ === 0 ? "refused" : token) });
    await own.getInjected("s-1");
    assert.equal(calls, 2);
    let tokens = 0;
    const expiring = client({
      getToken: () => {
        tokens++;
        return { token, expiresIn: 0 };
      },
    });
    await expiring.getInjected("s-1");
    await expiring.getInjected("s-1");
    assert.equal(tokens, 2);
  });

  test("that throws causes an AuthenticationError that does not repeat the message of the cause", async () => {
    const cause = new Error("the secret is hunter2");
    const failing = [
      () => {
        throw cause;
      },
      () => Promise.reject(cause),
    ];
    for (const getToken of failing) {
      await assert.rejects(client({ getToken }).getInjected("s-1"), (error) => {
        assert.ok(error instanceof AuthenticationError);
        assert.deepEqual([error.duringToken, error.attempts, error.cause], [true, 0, cause]);
        assert.ok(!error.message.includes("hunter2"));
        return true;
      });
    }
  });

  test("that returns an invalid token causes an AuthenticationError", async () => {
    for (const result of [undefined, 7, "", {}, { token: "a\nb" }, { token: "t", expiresIn: NaN }]) {
      const failed = client({ getToken: () => result }).getInjected("s-1");
      await assert.rejects(failed, AuthenticationError, JSON.stringify(result));
    }
  });

  test("that returns null causes an error that names getToken", async () => {
    await assert.rejects(client({ getToken: () => null }).getInjected("s-1"), (error) => {
      assert.match(error.cause.message, /^the result of getToken must be a string/);
      return true;
    });
  });

  test("that never resolves ends with a DeadlineError after tokenTimeout", async () => {
    const own = client({ getToken: () => new Promise(() => {}), tokenTimeout: 0.05 });
    await assert.rejects(own.getInjected("s-1"), (error) => {
      assert.ok(error instanceof api.DeadlineError && error.duringToken);
      return true;
    });
  });
});

describe("options:", () => {
  test("an invalid value throws a ConfigurationError, and a wrong type a TypeError", () => {
    const invalid = {
      deadline: [0, -1, NaN, Infinity],
      attemptTimeout: [0, NaN],
      tokenTimeout: [-0.5],
      tokenLifetime: [NaN],
      maxRetries: [-1, 1.5, NaN],
      maxConcurrent: [0, 2.5],
      rate: [{ requests: 0, window: 60 }, { requests: 5, window: 0 }, { requests: 1.5, window: 60 }],
      platformRate: [{ requests: -1, window: 60 }],
      tokenUrls: [{ platform: "ftp://x" }, { nowhere: "https://example.org" }],
      scopes: [{ nowhere: "x" }],
      crmWebhook: ["no address"],
      snapshotWebhook: ["no address"],
      tenantId: ["a\nb"],
    };
    for (const [name, values] of Object.entries(invalid)) {
      for (const value of values) {
        assert.throws(() => client({ apiKey, [name]: value }), ConfigurationError, name);
      }
    }
    assert.throws(() => client({ apiKey, crmWebhook: "https://example.org", crmWebhookSecret: "-" }), ConfigurationError);
    assert.throws(() => client({ bearerToken: "a", getToken: () => "b" }), ConfigurationError);
    assert.throws(() => client({ clientId: "only" }), { name: "ConfigurationError", message: /^`clientSecret` is missing/ });
    const wrongTypes = {
      deadline: "60",
      maxRetries: "3",
      rate: {},
      scopes: { platform: 7 },
      audit: "text",
      getToken: "text",
      fetch: "text",
      tenantId: 7,
    };
    for (const [name, value] of Object.entries(wrongTypes)) {
      assert.throws(() => client({ apiKey, [name]: value }), TypeError, name);
    }
  });

  test("`rate` replaces the default limit of sessions, and not that of the platform", async () => {
    const own = client({ apiKey, rate: { requests: 1, window: 600 } });
    await own.getInjected("s-1");
    await assert.rejects(own.getInjected("s-1"), (error) => {
      assert.ok(error instanceof RateLimitError && error.retryAfter > 60 && error.attempts === 0);
      return true;
    });
    await own.injectContext("s-1", "u", { a: 1 });
  });

  test("`tokenUrls`, `scopes` and `tenantId` are used for tokens and requests", async () => {
    const sent = [];
    const own = client({
      clientId: "sandbox",
      clientSecret: "sandbox",
      tokenUrls: { sessions_v2: `${sandbox.url}/api/v2/oauth/token` },
      scopes: { sessions_v2: "sessions:read_write" },
      tenantId: "tenant-7",
      fetch: (url, init) => {
        sent.push([new URL(url).pathname, init.body ? new TextDecoder().decode(init.body) : "", init.headers]);
        return fetch(url, init);
      },
    });
    await own.getInjected("s-1");
    const [path, body, headers] = sent[0];
    assert.equal(path, "/api/v2/oauth/token");
    assert.equal(new URLSearchParams(body).get("scope"), "sessions:read_write");
    assert.equal(headers["organisation-id"], "tenant-7");
    assert.equal(sent[1][2]["organisation-id"], "tenant-7");
  });

  test("the base URL and client credentials are read from the environment", async () => {
    const variables = {
      COGNIGY_TENANT_URL: sandbox.url,
      COGNIGY_CLIENT_ID: "sandbox",
      COGNIGY_CLIENT_SECRET: "sandbox",
    };
    Object.assign(process.env, variables);
    try {
      assert.equal(await new Client().sessionExists("s-1"), true);
    } finally {
      for (const name of Object.keys(variables)) delete process.env[name];
    }
  });
});

describe("audit", () => {
  test("receives a record of every operation, also of a rejected one, with camelCase fields", async () => {
    const records = [];
    const own = client({ apiKey, audit: (record) => records.push(record) });
    await own.inject({ sessionId: "s-1", variables: [{ key: "a", value: 1 }] });
    await own.inject({ sessionId: "s-1", variables: [{ key: "a b", value: 1 }] }).catch(() => {});
    assert.deepEqual(own.auditTrail(), records);
    assert.deepEqual(own.auditTrail(1), records.slice(-1));
    const [first, second] = records;
    assert.deepEqual(
      [first.operation, first.status, first.variableCount, first.details.attempts, first.details.httpStatus],
      ["inject", "success", 1, 1, 200],
    );
    assert.match(first.timestamp, /^20\d\d-\d\d-\d\dT/);
    assert.match(first.session, /^[0-9a-f]{64}$/);
    assert.ok(first.latencyMs > 0);
    assert.deepEqual([second.status, second.details.attempts], ["refused", 0]);
  });

  test("that throws does not affect the call or the audit trail", async () => {
    const fail = () => {
      throw new Error("the disk is full");
    };
    // An unhandled rejection would fail the test.
    for (const audit of [fail, async () => fail()]) {
      const own = client({ apiKey, audit });
      assert.equal(await own.sessionExists("s-1"), true);
      assert.equal(own.auditTrail().length, 1);
    }
  });

  test("records contain raw session ids with `logRawSessionIds`", async () => {
    const own = client({ apiKey, logRawSessionIds: true });
    await own.sessionExists("s-1");
    assert.equal(own.auditTrail(1)[0].session, "s-1");
  });
});
