/** What is dropped is given back, and nothing that goes in breaks the instance. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { imported, project, writeScript } from "./support/project.mjs";

/** Runs a script in a process of its own; it answers how many MB its memory grew by. */
function growth(work) {
  const program = writeScript(`
    const api = await import(${JSON.stringify(pathToFileURL(join(project, "main.mjs")).href)});
    // A policy of about 200 kB, so that a few thousand of them would be noticed.
    const reservedPrefixes = Array.from({ length: 2000 }, (_, n) => "prefix".repeat(10) + n);
    const rest = async () => {
      for (let round = 0; round < 5; round++) {
        globalThis.gc();
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const work = async (times) => {
      for (let n = 0; n < times; n++) {
        ${work}
        if (n % 100 === 99) await rest();
      }
    };
    await work(100);
    const before = process.memoryUsage.rss();
    await work(500);
    console.log((process.memoryUsage.rss() - before) / 1e6);`);
  const output = execFileSync(process.execPath, ["--expose-gc", program], { encoding: "utf8" });
  return Number(output);
}

test("a policy that is dropped gives its memory back", () => {
  const megabytes = growth(`new api.Policy("state", { reservedPrefixes });`);
  assert.ok(megabytes < 40, `${megabytes} MB more for 500 policies of 0.2 MB`);
});

test("a policy given as mere fields leaves nothing behind", () => {
  const megabytes = growth(`api.check({ a: 1 }, { preset: "state", reservedPrefixes });`);
  assert.ok(megabytes < 40, `${megabytes} MB more`);
});

test("a check leaves nothing behind, found or not", () => {
  const megabytes = growth(`api.check({ a: "x".repeat(200_000), b: [NaN] }, "state", { b: 1 });`);
  assert.ok(megabytes < 40, `${megabytes} MB more`);
});

test("a client that is dropped gives its memory back", () => {
  const megabytes = growth(
    `new api.Client({ baseUrl: "http://127.0.0.1", apiKey: "k", policy: { reservedPrefixes } });`,
  );
  assert.ok(megabytes < 40, `${megabytes} MB more`);
});

test("schemas and context managers that are dropped give their memory back", () => {
  const megabytes = growth(
    `new api.ContextManager({ schema: { enum: reservedPrefixes } });
     new api.Schema({ enum: reservedPrefixes });`,
  );
  assert.ok(megabytes < 60, `${megabytes} MB more for 500 of each of 0.2 MB`);
});

test("the five workflows leave nothing behind, refused or not", () => {
  const megabytes = growth(
    `const note = "x".repeat(100_000);
     const page = JSON.stringify({ variables: [{ name: "n", value: note, scope: "bot" }] });
     api.debugView(api.parseVariables(page));
     new api.InjectionPayload("s", [{ key: "k", value: note }, { value: NaN }]).check();
     new api.StateUpdate({ session: { note }, user: { n: () => {} } }).check();
     api.deepMerge({ note }, { note: api.serializeContext({ note }) });
     api.coerce(JSON.stringify([note]));`,
  );
  assert.ok(megabytes < 60, `${megabytes} MB more`);
});

test("no text and no bytes break the instance", async () => {
  const { checkJson, measureJson, ValidationError } = await imported();
  const seed = '{"a":[1,-2.5e3,"x\\u00e9\\ud83d\\ude00",{"b":null,"__c":true}],"k":"\\n€"}';
  const bytes = new TextEncoder().encode(seed);
  // A small generator of one's own, so that a failure can be run again.
  let state = 1;
  const random = (below) => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
  for (let round = 0; round < 20_000; round++) {
    const damaged = bytes.slice(0, round % 4 ? bytes.length : random(bytes.length));
    for (let change = random(4); change >= 0 && damaged.length; change--) {
      damaged[random(damaged.length)] = random(256);
    }
    const report = checkJson(damaged, ["context", "state", "platform"][round % 3]);
    assert.equal(typeof report.ok, "boolean");
    try {
      measureJson(damaged);
    } catch (error) {
      assert.ok(error instanceof ValidationError);
    }
  }
  assert.equal(checkJson(seed, "context").ok, true);
});
