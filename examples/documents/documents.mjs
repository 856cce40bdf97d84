// A context document with a schema and a size limit.
import { readFileSync } from "node:fs";
import { ContextManager, Schema, ValidationError } from "cognigy-context";

const schemaText = readFileSync(new URL("profile.schema.json", import.meta.url), "utf8");
const schema = new Schema(JSON.parse(schemaText));
const manager = new ContextManager({ schema, maxSizeBytes: 300 });

manager.update("session-1", { user_profile: { name: "Ada", age: 36 } });
const { context, pruned } = manager.update("session-1", {
  user_profile: { preferences: Array(20).fill("a long preference") },
});
console.log(JSON.stringify(context, undefined, 2));
console.log("pruned to fit:", pruned);

try {
  manager.update("session-1", { user_profile: { age: -1 } });
} catch (error) {
  if (!(error instanceof ValidationError)) throw error;
  console.log(String(error.report));
}
