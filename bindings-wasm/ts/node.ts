/** Node, `import` and `require`: ready at once, no `init`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { clientPart } from "./client-part.js";
import { documentsPart } from "./documents.js";
import { setEnvironment } from "./environment.js";
import { start } from "./wasm.js";

export * from "./index.js";
export {
  type BulkItem,
  type BulkOptions,
  type BulkOutcome,
  type ContextFields,
  type Journal,
  type PayloadFields,
} from "./bulk.js";
export {
  type CallOptions,
  Client,
  type InjectContextOptions,
  type InjectOptions,
  type ReadOptions,
  type UpdateStateOptions,
} from "./client.js";
export type { ClientOptions, ApiFamily, Rate, Token } from "./client-options.js";
export type { StateListener } from "./hooks.js";
export * from "./journal.js";
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
} from "./results.js";
export * from "./schema.js";

const bytesOf = (name: string) => readFileSync(join(__dirname, "..", name));
start(bytesOf("cognigy-context.wasm"));
clientPart.setSource(() => bytesOf("cognigy-context-client.wasm"));
documentsPart.setSource(() => bytesOf("cognigy-context-documents.wasm"));
setEnvironment((name) => process.env[name]);
