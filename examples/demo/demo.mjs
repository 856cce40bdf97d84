// Injects `context.json` into the session named on the command line, then prints the check report
// of a context that is too large for the platform. Run by `make demo`.

import { readFileSync } from "node:fs";
import { check, Client } from "cognigy-context";

const sessionId = process.argv[2];
const context = JSON.parse(readFileSync(new URL("context.json", import.meta.url), "utf8"));

const client = new Client();
const stored = await client.injectContext(sessionId, "demo-user", context);
console.log(`injected: the context has ${Object.keys(stored).length} top-level keys`);

const tooLarge = {
  customer: context.customer,
  order_history: "o".repeat(25_000),
  transcript: "t".repeat(35_000),
  summary: "s".repeat(10_000),
};
console.log(String(check(tooLarge, "platform")));
