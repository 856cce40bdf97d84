// A payload of variables, checked and written in one pass; then one with every kind of mistake.
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

const mistaken = new InjectionPayload("session-1", [
  { key: "first name", value: "Ada", scope: "tenant" },
  { key: "tier", value: "gold", expiresAt: "tomorrow" },
]);
try {
  mistaken.toJson();
} catch (error) {
  if (!(error instanceof ValidationError)) throw error;
  console.log(String(error.report));
}
