// A payload that is checked and written in one pass, then a payload with three mistakes.
import { InjectionPayload, ValidationError } from "cognigy-context";

const payload = new InjectionPayload("session-1", [
  { key: "tier", value: "gold" },
  {
    key: "orders",
    value: [{ id: "A-1001", total: 129.5 }],
    scope: "user",
    expiresAt: new Date("2099-12-31T23:59:59Z"),
  },
]);
console.log(payload.toJson());

const invalid = new InjectionPayload("session-1", [
  { key: "first name", value: "Ada", scope: "tenant" },
  { key: "tier", value: "gold", expiresAt: "tomorrow" },
]);
try {
  invalid.toJson();
} catch (error) {
  if (!(error instanceof ValidationError)) throw error;
  console.log(String(error.report));
}
