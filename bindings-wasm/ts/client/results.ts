/** The results of a client's calls, and their conversion from the core's JSON. */
import type { DebugEntry } from "../variables.js";
import { camelizeKeys } from "../util/naming.js";

/** A session's context: its top-level keys and their values. */
export type Context = Record<string, unknown>;

/** A profile, or the response of a list of profiles, as the platform returns it. */
export type Profile = Record<string, unknown>;

/** The result of an injection. */
export interface InjectionResult {
  /** Always `success`; a failed injection throws an error. */
  readonly status: "success";
  /** Milliseconds from start to end of the call, waits included. */
  readonly latencyMs: number;
  /** Number of variables that were sent. */
  readonly variablesInjected: number;
  /** The server's response: `{ sessionId, variables, updatedAt }`. */
  readonly result: Record<string, unknown>;
}

/** The variables that were injected into a session. */
export interface InjectedVariables {
  /** The values by name. */
  readonly variables: Record<string, unknown>;
  /** The tag of this version, if the server sends one. */
  readonly tag: string | undefined;
}

/** A context document on the server. */
export interface ContextDocument {
  /** The document. */
  readonly document: Record<string, unknown>;
  /** The tag of this version, if the server sends one. */
  readonly tag: string | undefined;
}

/** The state of a dialog on the server. */
export interface DialogState {
  /** The state. */
  readonly state: Record<string, unknown>;
  /** The tag of this version, to pass as `ifMatch`; `undefined` if the server sends none. */
  readonly tag: string | undefined;
}

/** The result of an update of a dialog's state. */
export interface StateUpdateResult {
  /** The server's response; empty if the response has no body. */
  readonly result: Record<string, unknown>;
  /** The new tag of the state, if the server sends a strong one. */
  readonly tag: string | undefined;
  /**
   * Whether the update was sent with `If-Match`, so that it could not overwrite an unknown change of another
   * writer.
   */
  readonly guarded: boolean;
  /** Milliseconds from start to end of the call, waits included. */
  readonly latencyMs: number;
}

/** The variables of a session and metrics of this client's reads, for debugging a flow. */
export interface DebugSnapshot {
  /** The session. */
  readonly sessionId: string;
  /** The variables by name. */
  readonly variables: Record<string, DebugEntry>;
  /** Metrics of this client's reads so far. */
  readonly metrics: RetrievalMetrics;
}

/** Metrics of a client's reads of variables. */
export interface RetrievalMetrics {
  /** Average duration of the last ten reads, in seconds; 0 before the first. */
  readonly avgLatency: number;
  /** Number of variables that were read in total. */
  readonly totalRetrieved: number;
  /** The audit records of the last five reads. */
  readonly auditTrail: readonly AuditRecord[];
}

/** Metrics of a client's injections. */
export interface Metrics {
  /** Number of injections, rejected ones included. */
  readonly totalInjections: number;
  /** Number of injections that succeeded. */
  readonly successCount: number;
  /** Number of injections that failed or were rejected. */
  readonly failureCount: number;
  /** Successful injections in per cent, 0 to 100; 0 before the first. */
  readonly successRatePercent: number;
  /** Average duration of the injections that were sent, in milliseconds, waits included. */
  readonly averageLatencyMs: number;
  /** Median duration, in milliseconds. */
  readonly p50LatencyMs: number;
  /** 95th percentile of the duration, in milliseconds. */
  readonly p95LatencyMs: number;
  /** 99th percentile of the duration, in milliseconds. */
  readonly p99LatencyMs: number;
  /**
   * Number of webhook events that were dropped: because the queue was full (1,000 deliveries or 64 MiB), or because
   * they were still queued or in flight when the client was closed.
   */
  readonly droppedNotices: number;
}

/** Metrics of a client's updates of dialog states. */
export interface StateMetrics {
  /** Successful updates divided by all updates, 0 to 1; 0 before the first. */
  readonly persistenceRate: number;
  /** Average duration of the updates that were sent, in seconds; 0 before the first. */
  readonly averageLatency: number;
}

/** A record of one operation, without its data. */
export interface AuditRecord {
  /** When the operation ended, as RFC 3339 text. */
  readonly timestamp: string;
  /** The operation, for example `inject`. */
  readonly operation: string;
  /**
   * - `success`: the operation succeeded
   * - `failure`: the operation failed
   * - `refused`: the data was invalid, and nothing was sent
   * - `cancelled`: the caller cancelled the operation
   */
  readonly status: "success" | "failure" | "refused" | "cancelled";
  /**
   * The SHA-256 of the session or dialog id, or with `logRawSessionIds` the id itself; `null` for an
   * operation without a session or dialog.
   */
  readonly session: string | null;
  /** Number of variables that were sent or read. */
  readonly variableCount: number;
  /** Milliseconds from start to end of the operation, waits included. */
  readonly latencyMs: number;
  /** Further facts. */
  readonly details: AuditDetails;
}

/** Further facts about an operation. All except `attempts` are present only if they are known. */
export interface AuditDetails {
  /** Number of requests that were sent, without those for tokens. */
  readonly attempts: number;
  /** The HTTP status of the last response. */
  readonly httpStatus?: number;
  /** The kind of error, for example `rate_limit`. */
  readonly error?: string;
  /** The platform's trace id of the failed request. */
  readonly traceId?: string;
  /** The SHA-256 of the canonical payload (RFC 8785). Only for updates of a dialog's state. */
  readonly payloadSha256?: string;
  /** The result in a few words. Only for updates of a dialog's state. */
  readonly resultSummary?: string;
}

/**
 * Converts an audit record.
 *
 * @param object the record, as the core writes it
 * @returns the record with camelCase keys
 */
export function toAuditRecord(object: unknown): AuditRecord {
  const record = camelizeKeys<AuditRecord>(object);
  return { ...record, details: camelizeKeys(record.details) };
}

/**
 * Converts a value with its tag.
 *
 * @param name the name that the value gets
 * @param object `{ value, tag }`, as the core writes it
 * @returns the named value and the tag, `undefined` if there is none
 */
export function withTag<N extends string>(
  name: N,
  object: unknown,
): Record<N, Record<string, unknown>> & { tag: string | undefined } {
  const { value, tag } = object as { value: Record<string, unknown>; tag: string | null };
  return { [name]: value, tag: tag ?? undefined } as Record<N, typeof value> & {
    tag: string | undefined;
  };
}

/**
 * Converts the result of an update of a dialog's state.
 *
 * @param object the result, as the core writes it
 * @returns the result with camelCase keys
 */
export function toStateUpdateResult(object: unknown): StateUpdateResult {
  const result = camelizeKeys<StateUpdateResult & { tag: string | null }>(object);
  return { ...result, tag: result.tag ?? undefined };
}

/**
 * Converts a debug snapshot.
 *
 * @param object the snapshot, as the core writes it
 * @returns the snapshot with camelCase keys
 */
export function toDebugSnapshot(object: unknown): DebugSnapshot {
  const snapshot = camelizeKeys<DebugSnapshot>(object);
  const metrics = camelizeKeys<RetrievalMetrics>(snapshot.metrics);
  return { ...snapshot, metrics: { ...metrics, auditTrail: metrics.auditTrail.map(toAuditRecord) } };
}
