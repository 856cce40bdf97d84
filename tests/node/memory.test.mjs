/** Dropped objects free their memory, and damaged text does not break the WebAssembly instance. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { importPackage, project, writeScript } from "./support/project.mjs";
import { randomOf, seedOf } from "./support/seed.mjs";

/** Maximum growth in MB over 100 rounds. A leak of 0.2 MB per round would be 20 MB. */
const MAX_GROWTH_MB = 4;

const memoryModule = new URL("./support/memory_in_use.mjs", import.meta.url).href;

/** Runs code 100 times in a separate process and returns the growth of the memory in use, in MB. */
function growthOf(code) {
  const program = writeScript(`
    const { bytesInUse, collect } = await import(${JSON.stringify(memoryModule)});
    const api = await import(${JSON.stringify(pathToFileURL(join(project, "main.mjs")).href)});
    // About 200 kB: 100 leaked policies would be 20 MB.
    const reservedPrefixes = Array.from({ length: 2000 }, (_, n) => "prefix".repeat(10) + n);
    const repeat = async (times) => {
      for (let n = 0; n < times; n++) {
        ${code}
        if (n % 50 === 49) await collect();
      }
    };
    // The first rounds fill what is allocated only once: buffers, compiled code, tables.
    await repeat(200);
    const before = bytesInUse();
    await repeat(100);
    console.log((bytesInUse() - before) / 1e6);`);
  const output = execFileSync(process.execPath, ["--expose-gc", program], { encoding: "utf8" });
  return Number(output);
}

test("a dropped policy frees its memory", () => {
  const megabytes = growthOf(`new api.Policy("state", { reservedPrefixes });`);
  assert.ok(megabytes < MAX_GROWTH_MB, `memory grew by ${megabytes} MB`);
});

test("a policy passed as fields does not leak", () => {
  const megabytes = growthOf(`api.check({ a: 1 }, { preset: "state", reservedPrefixes });`);
  assert.ok(megabytes < MAX_GROWTH_MB, `memory grew by ${megabytes} MB`);
});

test("a check with issues does not leak", () => {
  const megabytes = growthOf(`api.check({ a: "x".repeat(200_000), b: [NaN] }, "state", { b: 1 });`);
  assert.ok(megabytes < MAX_GROWTH_MB, `memory grew by ${megabytes} MB`);
});

test("a dropped client frees its memory", () => {
  const megabytes = growthOf(
    `new api.Client({ baseUrl: "http://127.0.0.1", apiKey: "k", policy: { reservedPrefixes } });`,
  );
  assert.ok(megabytes < MAX_GROWTH_MB, `memory grew by ${megabytes} MB`);
});

test("dropped schemas and context managers free their memory", () => {
  const megabytes = growthOf(
    `new api.ContextManager({ schema: { enum: reservedPrefixes } });
     new api.Schema({ enum: reservedPrefixes });`,
  );
  assert.ok(megabytes < MAX_GROWTH_MB, `memory grew by ${megabytes} MB`);
});

test("variables, payloads, state updates, documents and coercion do not leak, with errors or without", () => {
  const megabytes = growthOf(
    `const note = "x".repeat(100_000);
     const page = JSON.stringify({ variables: [{ name: "n", value: note, scope: "bot" }] });
     api.debugView(api.parseVariables(page));
     new api.InjectionPayload("s", [{ key: "k", value: note }, { value: NaN }]).check();
     new api.StateUpdate({ session: { note }, user: { n: () => {} } }).check();
     api.deepMerge({ note }, { note: api.serializeContext({ note }) });
     api.coerce(JSON.stringify([note]));`,
  );
  assert.ok(megabytes < MAX_GROWTH_MB, `memory grew by ${megabytes} MB`);
});

test("20,000 damaged texts cause only reports and ValidationErrors, and the next check succeeds", async () => {
  const { checkJson, measureJson, ValidationError } = await importPackage();
  const sample = '{"a":[1,-2.5e3,"x\\u00e9\\ud83d\\ude00",{"b":null,"__c":true}],"k":"\\n€"}';
  const bytes = new TextEncoder().encode(sample);
  const seed = seedOf(1);
  const random = randomOf(seed);
  for (let round = 0; round < 20_000; round++) {
    const damaged = bytes.slice(0, round % 4 ? bytes.length : random(bytes.length));
    for (let change = random(4); change >= 0 && damaged.length; change--) {
      damaged[random(damaged.length)] = random(256);
    }
    const policy = ["context", "state", "platform"][round % 3];
    const reproduction = `with TEST_SEED=${seed}, round ${round}, bytes ${Buffer.from(damaged).toString("hex")}`;
    try {
      assert.equal(typeof checkJson(damaged, policy).ok, "boolean");
    } catch (error) {
      throw new Error(`checkJson failed ${reproduction}`, { cause: error });
    }
    try {
      measureJson(damaged);
    } catch (error) {
      if (error instanceof ValidationError) continue;
      throw new Error(`measureJson failed ${reproduction}`, { cause: error });
    }
  }
  assert.equal(checkJson(sample, "context").ok, true, `with TEST_SEED=${seed}`);
});
