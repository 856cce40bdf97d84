/** What calls of the client come to. */
import { parseExactly } from "./json.js";
import { camelCase, renameKeys } from "./names.js";
import type { DebugEntry } from "./scopes.js";

/** A session's context: its top-level keys and their values. */
export type Context = Record<string, unknown>;

/** A profile, or a list of them, as the platform answers it. */
export type Profile = Record<string, unknown>;

/** What an injection came to. */
export interface InjectionResult {
  /** Whatever else it came to is an error. */
  readonly status: "success";
  /** Milliseconds from its beginning to its end, waits included. */
  readonly latencyMs: number;
  /** How many variables were sent. */
  readonly variablesInjected: number;
  /** What the server answered: `{sessionId, variables, updatedAt}`. */
  readonly result: Record<string, unknown>;
}

/** What is read back of injections. */
export interface InjectedVariables {
  /** The values by name. */
  readonly variables: Record<string, unknown>;
  /** The tag, where the server gives one. */
  readonly tag: string | undefined;
}

/** A context document as the server holds it. */
export interface ContextDocument {
  /** The document. */
  readonly document: Record<string, unknown>;
  /** Its tag, where the server gives one. */
  readonly tag: string | undefined;
}

/** The state of a dialog, as the server holds it. */
export interface DialogState {
  /** The state. */
  readonly state: Record<string, unknown>;
  /** Its tag, to be given as `ifMatch`. */
  readonly tag: string | undefined;
}

/** What an update of a dialog's state came to. */
export interface StateUpdateResult {
  /** What the server answered; empty where it answered nothing. */
  readonly result: Record<string, unknown>;
  /** The tag that the state has now, where the server gives one. */
  readonly tag: string | undefined;
  /** Milliseconds from its beginning to its end, waits included. */
  readonly latencyMs: number;
}

/** What somebody who debugs a flow wants to see of a session. */
export interface DebugSnapshot {
  /** The session. */
  readonly sessionId: string;
  /** The variables by name. */
  readonly variables: Record<string, DebugEntry>;
  /** How this client's reads went so far. */
  readonly metrics: RetrievalMetrics;
}

/** How the reads of variables went. */
export interface RetrievalMetrics {
  /** Seconds that the last ten reads took on average. */
  readonly avgLatency: number;
  /** How many variables were read in all. */
  readonly totalRetrieved: number;
  /** The records of the last five reads. */
  readonly auditTrail: readonly AuditRecord[];
}

/** How the injections of a client went. */
export interface Metrics {
  /** How many there were, refused ones included. */
  readonly totalInjections: number;
  /** How many succeeded. */
  readonly successCount: number;
  /** How many did not. */
  readonly failureCount: number;
  /** Per cent that succeeded; 0 before the first. */
  readonly successRatePercent: number;
  /** Milliseconds that those took on average which were sent, waits included. */
  readonly averageLatencyMs: number;
  /** Milliseconds within which half of them were done. */
  readonly p50LatencyMs: number;
  /** Milliseconds within which 95 of 100 were done. */
  readonly p95LatencyMs: number;
  /** Milliseconds within which 99 of 100 were done. */
  readonly p99LatencyMs: number;
  /** Notices to webhooks that were dropped because too many were waiting. */
  readonly droppedNotices: number;
}

/** How the updates of dialogs' states went. */
export interface StateMetrics {
  /** Successes by attempts, 0 to 1; 0 before the first. */
  readonly persistenceRate: number;
  /** Seconds that an update took on average, of those that were sent. */
  readonly averageLatency: number;
}

/** What came of one operation, without its data. */
export interface AuditRecord {
  /** When it ended, as RFC 3339 text. */
  readonly timestamp: string;
  /** Which operation, for example `inject`. */
  readonly operation: string;
  /**
   * `refused`: its data was, and nothing was sent; `cancelled`: its caller gave it up; `failure`: it
   * was sent, or tried to be.
   */
  readonly status: "success" | "failure" | "refused" | "cancelled";
  /** The SHA-256 of the session's or dialog's id; the id itself where the client was told so. */
  readonly session: string | null;
  /** How many variables were sent or read. */
  readonly variableCount: number;
  /** Milliseconds from its beginning to its end, waits included. */
  readonly latencyMs: number;
  /** More of it. */
  readonly details: AuditDetails;
}

/** More of an operation; all but the attempts only where they are known. */
export interface AuditDetails {
  /** How many requests were sent for it, those for tokens not counted. */
  readonly attempts: number;
  /** The status of the last answer. */
  readonly httpStatus?: number;
  /** The kind of error, for example `rate_limit`. */
  readonly error?: string;
  /** The platform's trace id of the failed request. */
  readonly traceId?: string;
  /** The SHA-256 of the canonical payload (RFC 8785), for updates of a dialog's state. */
  readonly payloadSha256?: string;
  /** What it came to in a few words, for updates of a dialog's state. */
  readonly resultSummary?: string;
}

type CoreObject = Record<string, unknown>;

/** An object of the core's under JavaScript's names; what is within stays as it is. */
export function renamed<T>(object: unknown): T {
  return renameKeys(object as CoreObject, camelCase) as T;
}

/** An audit record. */
export function recordOf(object: unknown): AuditRecord {
  const record = renamed<AuditRecord>(object);
  return { ...record, details: renamed(record.details) };
}

/** What is read together with its tag: a value under a name of its own. */
export function tagged<N extends string>(
  name: N,
  object: unknown,
): Record<N, Record<string, unknown>> & { tag: string | undefined } {
  const { value, tag } = object as { value: Record<string, unknown>; tag: string | null };
  return { [name]: value, tag: tag ?? undefined } as Record<N, typeof value> & {
    tag: string | undefined;
  };
}

/** What an update came to. */
export function updatedOf(object: unknown): StateUpdateResult {
  const updated = renamed<StateUpdateResult & { tag: string | null }>(object);
  return { ...updated, tag: updated.tag ?? undefined };
}

/** A snapshot. */
export function snapshotOf(object: unknown): DebugSnapshot {
  const snapshot = renamed<DebugSnapshot>(object);
  const metrics = renamed<RetrievalMetrics>(snapshot.metrics);
  return { ...snapshot, metrics: { ...metrics, auditTrail: metrics.auditTrail.map(recordOf) } };
}

/** JSON text of the core's as what it says. */
export function told(json: unknown): unknown {
  return parseExactly(json as string);
}
