import { check, Client } from "cognigy-context";

const context = { customer: { tier: "gold", open_orders: 2 } };
const report = check(context, "platform").raiseIfFailed();
console.log(report.sizes.platformBytes, "platform bytes");
const client = new Client();
const stored = await client.injectContext("session-1", "user-1", context);
console.log(stored.customer);
