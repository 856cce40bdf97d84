import { ManagerHandle } from "wasm-documents";
import { makeDisposable } from "./util/classes.js";
import { schemaModule, toDocumentJson } from "./schema-module.js";
import { ConfigurationError, InternalError } from "./errors.js";
import { withMappedErrors } from "./error-mapping.js";
import { documents, RevivableHandle } from "./panic-guard.js";
import { setClassName } from "./util/classes.js";
import { Schema } from "./schema.js";

/** How a manager keeps contexts. */
export interface ContextManagerOptions {
  /** What a context must be, and the defaults that are filled: a `Schema`, or a schema document. */
  readonly schema?: unknown;
  /** Most JSON bytes of a context; without it, 95,000. */
  readonly maxSizeBytes?: number | undefined;
  /** How long a leaf lives after the update that touched it last, in seconds; without it, 300. */
  readonly ttlSeconds?: number | undefined;
  /**
   * What is emptied, in order, while a context is too large: JSON Pointers. Without it,
   * `/user_profile/preferences`.
   */
  readonly prunePaths?: readonly string[] | undefined;
  /**
   * Whether then the leaves that were updated least recently are dropped too, but for those that
   * the schema requires.
   */
  readonly lru?: boolean | undefined;
  /** The time, in seconds since 1970; without it, that of the host. */
  readonly clock?: (() => number) | undefined;
}

/** What an update came to. */
export interface ContextUpdate {
  /** The context as it is now. */
  readonly context: Record<string, unknown>;
  /** The leaves that had ended and were dropped before; JSON Pointers. */
  readonly expired: readonly string[];
  /** What was emptied or dropped so that the context fits, in order; JSON Pointers. */
  readonly pruned: readonly string[];
}

/** One thing that was done to a session's context. The names are those of every language. */
export interface ContextAuditEntry {
  /** When, as RFC 3339 text. */
  readonly timestamp: string;
  /** The SHA-256 of the session id. */
  readonly session_id: string;
  readonly action: "update" | "update_refused" | "reset";
  /** JSON bytes of the context after it. */
  readonly payload_size: number;
  /** An id that no other entry has. */
  readonly audit_trail_id: string;
}

/** How a session stands. The names are those of every language. */
export interface ContextInspection {
  readonly session_id: string;
  /** The context, without what has ended. */
  readonly current_context: Record<string, unknown>;
  /** When each leaf ends, as RFC 3339 text, by its JSON Pointer. */
  readonly ttl_registry: Record<string, string>;
  /** What was done last, at most ten, oldest first. */
  readonly recent_audit_trail: readonly ContextAuditEntry[];
  /** Whether the context has no violation of the schema; `true` without one. */
  readonly schema_valid: boolean;
}

/**
 * Keeps the context of each session: merged, within its size, held to a schema, each leaf with a
 * time to live. In a browser `await initSchema()` comes first, once.
 *
 * @example
 * ```js
 * const manager = new ContextManager({ maxSizeBytes: 20_000, ttlSeconds: 600 });
 * manager.update("s-1", { user: { name: "Ada" } });
 * manager.update("s-1", { user: { tier: "gold" } }).context; // { user: { name: "Ada", tier: "gold" } }
 * ```
 */
export class ContextManager {
  #handle: RevivableHandle<ManagerHandle> | undefined;
  readonly #clock: () => number;

  /**
   * @throws {ConfigurationError} when an option is of another kind, or the schema is none
   */
  constructor(options: ContextManagerOptions = {}) {
    schemaModule.ensureStarted();
    const { schema, maxSizeBytes, ttlSeconds, prunePaths, lru, clock } = options;
    if (clock !== undefined && typeof clock !== "function") {
      throw new ConfigurationError("clock is a function that answers seconds since 1970");
    }
    this.#clock = clock ?? hostClock;
    // JSON would turn what is no number into `null`, which is as good as absent.
    const encodeNumber = (value: unknown) => (typeof value === "number" ? finite(value) : value);
    const text = JSON.stringify({
      max_size_bytes: encodeNumber(maxSizeBytes),
      ttl_seconds: encodeNumber(ttlSeconds),
      prune_paths: prunePaths,
      lru,
      instance_seed: Math.floor(Math.random() * Number.MAX_SAFE_INTEGER),
    });
    let isFirst = true;
    this.#handle = new RevivableHandle(documents, () => {
      if (!isFirst) throw new InternalError(undefined, GONE);
      isFirst = false;
      return withMappedErrors(() => handleOf(text, schema));
    });
  }

  /**
   * Merges `data` into a session's context: drops what has ended, merges, stamps what `data`
   * touches, fills defaults, prunes while it is too large, validates, stores.
   *
   * @throws {ValidationError} when `data` is no object or has no JSON form (a BigInt that no number
   *   holds exactly has none here), when the context is too large all the same, or when it breaks
   *   the schema; the stored context is then as it was
   */
  update(sessionId: string, data: unknown): ContextUpdate {
    const id = idText(sessionId);
    const text = toDocumentJson(data);
    const json = withMappedErrors(() => this.#open().update(this.#clock(), id, text));
    return JSON.parse(json) as ContextUpdate;
  }

  /** How a session stands; one that is not known is empty. */
  inspect(sessionId: string): ContextInspection {
    const id = idText(sessionId);
    return JSON.parse(
      withMappedErrors(() => this.#open().inspect(this.#clock(), id)),
    ) as ContextInspection;
  }

  /** Forgets a session's context. */
  reset(sessionId: string): void {
    const id = idText(sessionId);
    withMappedErrors(() => this.#open().reset(this.#clock(), id));
  }

  /**
   * Forgets every session of which nothing is left, and answers how many. Sessions come and go: call
   * it now and then.
   */
  sweep(): number {
    return this.#open().sweep(this.#clock());
  }

  /**
   * Gives the manager's memory back at once; it cannot be used afterwards. Where nobody calls this,
   * the garbage collector does so in its own time.
   */
  free(): void {
    this.#handle?.free();
    this.#handle = undefined;
  }

  #open(): ManagerHandle {
    if (!this.#handle) throw new ConfigurationError("this context manager was freed");
    return this.#handle.get();
  }

  static {
    setClassName(this, "ContextManager");
    makeDisposable(this);
  }
}

const GONE =
  "the contexts of this context manager went with the core, which a defect stopped: make a new manager";

function handleOf(options: string, schema: unknown): ManagerHandle {
  if (schema == null) return new ManagerHandle(options);
  if (schema instanceof Schema) return ManagerHandle.withSchema(options, Schema.handleOf(schema));
  const own = new Schema(schema);
  try {
    return ManagerHandle.withSchema(options, Schema.handleOf(own));
  } finally {
    own.free();
  }
}

function finite(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

function hostClock(): number {
  return Date.now() / 1000;
}

function idText(sessionId: string): string {
  if (typeof sessionId !== "string") throw new TypeError("sessionId must be a string");
  return JSON.stringify(sessionId);
}
