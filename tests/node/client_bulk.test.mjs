/** Bulk injections: outcomes, backpressure, signals, the journal, and killed processes. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { importPackage, project, writeScript } from "./support/project.mjs";
import { apiKey, startSandbox } from "./support/sandbox.mjs";

const api = await importPackage();
const { Client, ConfigurationError, fileJournal, InjectionPayload } = api;

const folder = mkdtempSync(join(tmpdir(), "cognigy-context-bulk-"));
let sandbox;
let client;

before(async () => {
  sandbox = await startSandbox();
});
after(async () => {
  await sandbox?.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await sandbox.reset();
  await sandbox.seed("s-1", {});
  client = new Client({ baseUrl: sandbox.url, apiKey, rate: null, platformRate: null });
});

const row = (n) => ({ sessionId: "s-1", variables: [{ key: `v${n}`, value: n }] });

function* rows(count) {
  for (let n = 0; n < count; n++) yield row(n);
}

/** Collects the outcomes of a bulk, sorted by index. */
async function all(outcomes) {
  const list = [];
  for await (const outcome of outcomes) list.push(outcome);
  return list.sort((a, b) => a.index - b.index);
}

/** Creates a client whose `fetch` calls `onRequest` and responds with success, without a network. */
const offline = (onRequest = async () => {}, options = {}) =>
  new Client({
    baseUrl: "http://127.0.0.1:9",
    apiKey,
    rate: null,
    ...options,
    fetch: async (url, init) => {
      await onRequest(url, init);
      return new Response('{"sessionId":"s-1","variables":{},"updatedAt":"now"}');
    },
  });

describe("injectMany", () => {
  test("sends every item and yields an outcome for each", async () => {
    const list = await all(client.injectMany(rows(40)));
    assert.deepEqual(list.map(({ index, status, error }) => [index, status, error]),
      Array.from({ length: 40 }, (_, n) => [n, "injected", undefined]));
    assert.match(list[0].session, /^[0-9a-f]{64}$/);
    const { variables } = await client.getInjected("s-1");
    assert.equal(Object.keys(variables).length, 40);
  });

  test("accepts every kind of item, from a list or an async iterator", async () => {
    const items = [
      new InjectionPayload("s-1", [{ key: "a", value: new Date(0) }]),
      { sessionId: "s-1", variables: new Set([{ key: "b", value: 2n }]), mergeStrategy: "atomic_put" },
      { sessionId: "s-2", userId: "u", context: { c: new Map([["d", 3]]) } },
    ];
    async function* stream() {
      yield* items;
    }
    for (const source of [items, stream()]) {
      const list = await all(client.injectMany(source));
      assert.deepEqual(list.map(({ status }) => status), ["injected", "injected", "injected"]);
    }
    assert.deepEqual((await sandbox.session("s-2")).context, { c: { d: 3 } });
  });

  test("yields rejected and failed items as outcomes and continues with the others", async () => {
    const items = [
      row(0),
      { sessionId: "s-1", variables: [{ key: "bad name", value: NaN }] },
      { sessionId: 4711, variables: [{ key: "a", value: 1 }] },
      { sessionId: "unknown", variables: [{ key: "a", value: 1 }] },
      row(4),
    ];
    const list = await all(client.injectMany(items));
    assert.deepEqual(
      list.map(({ status, error }) => [status, error?.name]),
      [
        ["injected", undefined],
        ["failed", "ValidationError"],
        ["failed", "ValidationError"],
        ["failed", "SessionNotFoundError"],
        ["injected", undefined],
      ],
    );
    const codes = list[1].error.report.issues.map(({ code }) => code);
    assert.deepEqual(codes, ["invalid_name", "non_finite_number"]);
    assert.equal(list[2].session, undefined);
  });

  test("reads at most as many items from its source as it sends concurrently", async () => {
    let read = 0;
    let maxWaiting = 0;
    let sent = 0;
    function* source() {
      for (; read < 500; read++) {
        maxWaiting = Math.max(maxWaiting, read - sent);
        yield row(read);
      }
    }
    const own = offline(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      sent++;
    });
    let outcomes = 0;
    for await (const { status } of own.injectMany(source(), { concurrency: 4 })) {
      assert.equal(status, "injected");
      outcomes++;
    }
    assert.equal(outcomes, 500);
    assert.ok(maxWaiting <= 4, `${maxWaiting} items were read before they could be sent`);
  });

  test("closes its source when the caller leaves the loop, and the client remains usable", async () => {
    let isClosed = false;
    async function* source() {
      try {
        for (let n = 0; ; n++) yield row(n);
      } finally {
        isClosed = true;
      }
    }
    for await (const { index } of client.injectMany(source())) {
      if (index >= 3) break;
    }
    assert.equal(isClosed, true);
    assert.equal(await client.sessionExists("s-1"), true);
  });

  test("rejects with the reason of its signal, which aborts during or before the bulk", async () => {
    const controller = new AbortController();
    const reason = new Error("out of time");
    const own = offline((_, init) =>
      new Promise((_, reject) => {
        init.signal.addEventListener("abort", () => reject(new Error("aborted")));
        setImmediate(() => controller.abort(reason));
      }),
    );
    await assert.rejects(all(own.injectMany(rows(9), { signal: controller.signal })), reason);
    await assert.rejects(all(own.injectMany(rows(9), { signal: controller.signal })), reason);
    assert.ok(own.auditTrail().every(({ status }) => status === "cancelled"));
  });

  test("throws the error of its source after the started items, and rejects invalid arguments", async () => {
    const reason = new Error("the file is damaged");
    async function* source() {
      yield* rows(3);
      throw reason;
    }
    const seen = [];
    await assert.rejects(async () => {
      for await (const { status } of client.injectMany(source())) seen.push(status);
    }, reason);
    assert.deepEqual(seen, ["injected", "injected", "injected"]);
    await assert.rejects(all(client.injectMany([row(0), 7])), TypeError);
    await assert.rejects(all(client.injectMany(rows(1), { concurrency: 1.5 })), ConfigurationError);
  });
});

describe("a journal", () => {
  test("that the caller implements is read before each item and written after each injected item", async () => {
    const written = [];
    // Item 1 is confirmed already.
    const journal = { isConfirmed: (line) => line.startsWith("1 "), confirm: (line) => written.push(line) };
    const list = await all(client.injectMany(rows(3), { journal }));
    assert.deepEqual(list.map(({ status }) => status), ["injected", "skipped", "injected"]);
    assert.equal(written.length, 2);
    for (const line of written) assert.match(line, /^[02] [0-9a-f]{32}$/);
  });

  test("that cannot be written causes unconfirmed outcomes", async () => {
    const journal = {
      isConfirmed: () => false,
      confirm: () => {
        throw new Error("the disk is full");
      },
    };
    const list = await all(client.injectMany(rows(2), { journal }));
    assert.deepEqual(list.map(({ status }) => status), ["unconfirmed", "unconfirmed"]);
  });

  test("that cannot be read rejects the bulk, and no request is sent", async () => {
    const reason = new Error("the disk is gone");
    const journal = {
      isConfirmed: () => {
        throw reason;
      },
      confirm: () => {},
    };
    await assert.rejects(all(client.injectMany(rows(5), { journal })), reason);
    assert.deepEqual(await sandbox.requests(), []);
  });

  test("in a file skips the confirmed items of an earlier bulk and removes a partial line", async () => {
    const path = join(folder, "partial.journal");
    let journal = fileJournal(path);
    assert.equal(journal.confirmedBefore, 0);
    await all(client.injectMany(rows(3), { journal }));
    journal.close();
    const lines = readFileSync(path, "utf8");
    appendFileSync(path, lines.slice(0, 20));
    journal = fileJournal(path);
    assert.equal(journal.confirmedBefore, 3);
    assert.equal(readFileSync(path, "utf8"), lines);
    const list = await all(client.injectMany(rows(5), { journal }));
    journal.close();
    assert.deepEqual(
      list.map(({ status }) => status),
      ["skipped", "skipped", "skipped", "injected", "injected"],
    );
    // The first line names the format, and the last one is empty.
    assert.equal(readFileSync(path, "utf8").split("\n").length, 7);
  });

  test("after kills of the process: every row is injected, and no confirmed row is sent again", async () => {
    const path = join(folder, "killed.journal");
    const count = 400;
    const program = writeScript(`
      const { Client, fileJournal } = await import(${JSON.stringify(pathToFileURL(join(project, "main.mjs")).href)});
      const client = new Client(${JSON.stringify({ baseUrl: sandbox.url, apiKey, platformRate: null })});
      const journal = fileJournal(${JSON.stringify(path)});
      function* rows() {
        for (let n = 0; n < ${count}; n++) {
          yield { sessionId: "row-" + n, userId: "u", context: { n } };
        }
      }
      for await (const { index, status } of client.injectMany(rows(), { journal })) {
        console.log(status, index);
      }`);
    /** Runs the program and kills it after `maxInjected` outcomes. */
    const run = (maxInjected) =>
      new Promise((resolve) => {
        const child = spawn(process.execPath, [program]);
        let output = "";
        child.stdout.on("data", (chunk) => {
          output += chunk;
          const injected = output.split("injected ").length - 1;
          if (injected >= maxInjected) child.kill("SIGKILL");
        });
        // Waits for "close": "exit" may come before the end of the output.
        child.once("close", () => resolve(output));
      });
    let confirmed = new Set();
    for (const maxInjected of [30, 120, 60, Infinity]) {
      const output = await run(maxInjected);
      for (const line of output.split("\n").filter((line) => line.startsWith("injected "))) {
        assert.ok(!confirmed.has(line.slice(9)), `row ${line.slice(9)} was confirmed and sent again`);
      }
      const lines = readFileSync(path, "utf8").split("\n").slice(1, -1);
      confirmed = new Set(lines.map((line) => line.split(" ")[0]));
    }
    assert.equal(confirmed.size, count);
    for (const n of [0, 1, 150, count - 1]) {
      assert.deepEqual((await sandbox.session(`row-${n}`)).context, { n });
    }
  });
});
