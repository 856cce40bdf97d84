/** The API that Node and browsers share: the rules, the network client, schemas and context managers. */
export * from "./rules-exports.js";
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
export type { ApiFamily, ClientOptions, Rate, Token } from "./client/client-options.js";
export type { StateListener } from "./client/hooks.js";
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
export { onWarning, type WarningListener } from "./client/warnings.js";
export * from "./manager.js";
export * from "./schema.js";
