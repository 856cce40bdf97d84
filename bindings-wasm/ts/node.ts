/** Node, `import` and `require`: ready at once, no `init`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { clientModule } from "./client/client-module.js";
import { schemaModule } from "./schema-module.js";
import { setEnvironment } from "./client/hooks.js";
import { start } from "./wasm.js";

export * from "./index.js";
export {
  type BulkItem,
  type BulkOptions,
  type BulkOutcome,
  type ContextFields,
  type Journal,
  type PayloadFields,
} from "./client/bulk.js";
export type {
  CallOptions,
  InjectContextOptions,
  InjectOptions,
  ReadOptions,
  UpdateStateOptions,
} from "./client/call-options.js";
export { Client } from "./client/client.js";
export type { ClientOptions, ApiFamily, Rate, Token } from "./client/client-options.js";
export type { StateListener } from "./client/hooks.js";
export * from "./client/journal.js";
export * from "./manager.js";
export type {
  AuditDetails,
  AuditRecord,
  Context,
  ContextDocument,
  DebugSnapshot,
  DialogState,
  InjectedVariables,
  InjectionResult,
  Metrics,
  Profile,
  RetrievalMetrics,
  StateMetrics,
  StateUpdateResult,
} from "./client/results.js";
export * from "./schema.js";

const bytesOf = (name: string) => readFileSync(join(__dirname, "..", name));
start(bytesOf("cognigy-context.wasm"));
clientModule.setSource(() => bytesOf("cognigy-context-client.wasm"));
schemaModule.setSource(() => bytesOf("cognigy-context-documents.wasm"));
setEnvironment((name) => process.env[name]);
