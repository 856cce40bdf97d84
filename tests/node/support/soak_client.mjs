/**
 * Makes calls (default: 100,000) and prints their number and the growth of memory in MB as JSON:
 *
 *     node --expose-gc tests/node/support/soak_client.mjs <folder with the package> [calls]
 *
 * No call uses a network, so that only the client's memory is measured.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bytesInUse, collect } from "./memory_in_use.mjs";

const [folder, count = "100000"] = process.argv.slice(2);
const { Client } = await import(pathToFileURL(join(folder, "main.mjs")).href);

let responses = 0;
/** Returns an error, an invalid response, or a valid one. */
const nextResponse = () => {
  switch (responses++ % 4) {
    case 0:
      return new Response('{"message":"no"}', { status: 404 });
    case 1:
      return new Response("<html>");
    default:
      return new Response('{"sessionId":"s-1","variables":{"a":1},"updatedAt":"now"}');
  }
};
const options = {
  baseUrl: "http://127.0.0.1:9",
  getToken: async () => ({ token: "t", expiresIn: 3600 }),
  rate: null,
  platformRate: null,
  maxRetries: 0,
  audit: () => {},
  crmWebhook: "http://127.0.0.1:9/crm",
  fetch: async () => nextResponse(),
};
const client = new Client(options);
/** One signal for many calls, which must not collect listeners. */
const shared = new AbortController();

/** Makes call number `n`. Eight kinds of calls alternate. */
async function call(n) {
  const { signal } = shared;
  switch (n % 8) {
    case 0:
      return client.inject({ sessionId: "s-1", variables: [{ key: "a", value: "x".repeat(500) }] }, { signal });
    case 1:
      return client.getInjected("s-1", { signal });
    case 2:
      return client.updateState("d-1", { session: { note: "x".repeat(500) } });
    case 3:
      return client.injectContext("s-1", "u", { bad: NaN });
    case 4: {
      const controller = new AbortController();
      const aborted = client.syncContext("s-1", { a: 1 }, { signal: controller.signal });
      controller.abort();
      return aborted;
    }
    case 5: {
      const copy = client.withDeadline(30);
      await copy.sessionExists("s-1").finally(() => copy.free());
      return;
    }
    case 6:
      for await (const _ of client.injectMany([{ sessionId: "s-1", variables: [{ key: "a", value: n }] }]));
      return;
    default:
      return new Client(options).getDocument("s-1");
  }
}

async function makeCalls(calls) {
  for (let n = 0; n < calls; n++) {
    await call(n).catch(() => {});
    if (n % 200 === 199) await collect();
  }
  if (!(await client.drain(60))) throw new Error("webhook deliveries were left after 60 s");
  await collect();
}

// Makes 3,000 calls first, which fill the buffer of audit records.
await makeCalls(3_000);
const before = bytesInUse();
await makeCalls(Number(count));
console.log(JSON.stringify({ calls: Number(count), megabytes: (bytesInUse() - before) / 1e6 }));
