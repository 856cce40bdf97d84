import { ManagerHandle } from "wasm-documents";
import { withMappedErrors } from "./error-mapping.js";
import { ConfigurationError, InternalError } from "./errors.js";
import { documents, RevivableHandle } from "./panic-guard.js";
import { Schema } from "./schema.js";
import { schemaModule, toDocumentJson } from "./schema-module.js";
import {
  encodeNumber,
  objectArgument,
  optionalBoolean,
  requireNumber,
  requireOptionalFunction,
  requireString,
  toArray,
} from "./util/arguments.js";
import { makeDisposable, setClassName } from "./util/classes.js";

/** The options of a context manager. */
export interface ContextManagerOptions {
  /**
   * The schema that validates contexts and fills their defaults: a `Schema`, or a schema document.
   * Default: none.
   */
  readonly schema?: unknown;
  /** Maximum JSON bytes of a context. Default: 95,000. */
  readonly maxSizeBytes?: number | undefined;
  /** Seconds from the last update of a value until it expires. Default: 300. */
  readonly ttlSeconds?: number | undefined;
  /**
   * JSON Pointers to the values that are emptied, in this order, while a context is too large. Default:
   * `/user_profile/preferences`.
   */
  readonly prunePaths?: readonly string[] | undefined;
  /**
   * Whether a context that is still too large loses its least recently updated values, except those
   * that the schema requires. Default: false.
   */
  readonly lru?: boolean | undefined;
  /** Returns the time in seconds since 1970. Default: the clock of the host. */
  readonly clock?: (() => number) | undefined;
}

/** The result of an update. */
export interface ContextUpdate {
  /** The updated context. */
  readonly context: Record<string, unknown>;
  /** JSON Pointers of the expired values that were removed before the merge. */
  readonly expired: readonly string[];
  /** JSON Pointers of the values that were emptied or removed so that the context fits, in order. */
  readonly pruned: readonly string[];
}

/** A change of a session's context, or a refused one. The fields have the same names in every language. */
export interface ContextAuditEntry {
  /** The time of the change, as RFC 3339 text. */
  readonly timestamp: string;
  /** The SHA-256 hash of the session id. */
  readonly session_id: string;
  /** The kind of change; `update_refused` is an update that was not stored. */
  readonly action: "update" | "update_refused" | "reset";
  /** JSON bytes of the stored context after the action. */
  readonly payload_size: number;
  /** The unique id of this entry. */
  readonly audit_trail_id: string;
}

/** The state of a session. The fields have the same names in every language. */
export interface ContextInspection {
  /** The session id. */
  readonly session_id: string;
  /** The context, without expired values. */
  readonly current_context: Record<string, unknown>;
  /** The expiry time of each value as RFC 3339 text, by its JSON Pointer. */
  readonly ttl_registry: Record<string, string>;
  /** The last changes, at most 10, oldest first. */
  readonly recent_audit_trail: readonly ContextAuditEntry[];
  /** Whether the context matches the schema; `true` without a schema. */
  readonly schema_valid: boolean;
}

/**
 * Stores the context of each session in memory. It merges updates, limits the size, validates with a
 * schema, and removes each value when it expires. In a browser, call `await initSchema()` once first.
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
   * Creates a manager without any sessions.
   *
   * @param options the schema, the limits and the clock; default: none
   * @throws {ConfigurationError} for an invalid option or schema
   * @throws {TypeError} when an option has the wrong type
   * @throws {ValidationError} when the schema contains something that has no JSON form
   */
  constructor(options: ContextManagerOptions = {}) {
    schemaModule.ensureStarted();
    const { schema, maxSizeBytes, ttlSeconds, prunePaths, lru, clock } = objectArgument("options", options);
    requireOptionalFunction("clock", clock);
    this.#clock = clock ?? hostClock;
    const text = JSON.stringify({
      max_size_bytes: maxSizeBytes === undefined ? undefined : encodeNumber("maxSizeBytes", maxSizeBytes),
      ttl_seconds: ttlSeconds === undefined ? undefined : encodeNumber("ttlSeconds", ttlSeconds),
      prune_paths: prunePaths === undefined ? undefined : toPointers(prunePaths),
      lru: optionalBoolean("lru", lru),
      instance_seed: Math.floor(Math.random() * Number.MAX_SAFE_INTEGER),
    });
    let isFirst = true;
    this.#handle = new RevivableHandle(documents, () => {
      if (!isFirst) throw new InternalError(undefined, CONTEXTS_LOST);
      isFirst = false;
      return withMappedErrors(() => createHandle(text, schema));
    });
  }

  /**
   * Updates a session's context in these steps: removes expired values, merges `data`, renews the expiry
   * time of the values in `data`, fills defaults, prunes the context if it is too large, validates it
   * and stores it.
   *
   * @param sessionId the session
   * @param data the values to merge into the context: an object or a `Map`
   * @returns the updated context, and the values that were removed from it
   * @throws {ValidationError} when the session id contains half of a surrogate pair; when `data` is not an
   *   object, or contains something that has no JSON form or a BigInt beyond ±(2^53−1); when the context is
   *   too large even after pruning; or when it violates the schema. The stored context then stays unchanged
   */
  update(sessionId: string, data: unknown): ContextUpdate {
    const id = toIdJson(sessionId);
    const text = toDocumentJson(data);
    const json = withMappedErrors(() => this.#currentHandle().update(this.#now(), id, text));
    return JSON.parse(json) as ContextUpdate;
  }

  /**
   * Returns the state of a session. The context of an unknown session is empty.
   *
   * @param sessionId the session
   * @returns the context, its expiry times and its last changes
   * @throws {ValidationError} when the session id contains half of a surrogate pair
   */
  inspect(sessionId: string): ContextInspection {
    const id = toIdJson(sessionId);
    return JSON.parse(
      withMappedErrors(() => this.#currentHandle().inspect(this.#now(), id)),
    ) as ContextInspection;
  }

  /**
   * Clears a session's context.
   *
   * @param sessionId the session
   * @throws {ValidationError} when the session id contains half of a surrogate pair
   */
  reset(sessionId: string): void {
    const id = toIdJson(sessionId);
    withMappedErrors(() => this.#currentHandle().reset(this.#now(), id));
  }

  /**
   * Removes every session whose values have all expired. Call it regularly, because sessions otherwise
   * use memory until the manager is freed.
   *
   * @returns the number of removed sessions
   */
  sweep(): number {
    return this.#currentHandle().sweep(this.#now());
  }

  /**
   * Releases the manager's memory immediately. The manager cannot be used afterwards. Without this call,
   * the garbage collector releases the memory later.
   */
  free(): void {
    this.#handle?.free();
    this.#handle = undefined;
  }

  /** @throws {TypeError} when the clock does not return a number */
  #now(): number {
    const seconds: unknown = this.#clock();
    requireNumber("the result of clock", seconds);
    return seconds;
  }

  #currentHandle(): ManagerHandle {
    if (!this.#handle) {
      throw new ConfigurationError("this context manager was freed. Create a new one.");
    }
    return this.#handle.get();
  }

  static {
    setClassName(this, "ContextManager");
    makeDisposable(this);
  }
}

const CONTEXTS_LOST =
  "the contexts of this context manager are lost, because a defect stopped the core. Create a new manager.";

/** Creates the core's manager. Compiles `schema` if it is a schema document. */
function createHandle(options: string, schema: unknown): ManagerHandle {
  if (schema == null) return new ManagerHandle(options);
  if (schema instanceof Schema) return ManagerHandle.withSchema(options, Schema.handleOf(schema));
  const compiled = new Schema(schema);
  try {
    return ManagerHandle.withSchema(options, Schema.handleOf(compiled));
  } finally {
    compiled.free();
  }
}

/** @throws {TypeError} when `prunePaths` is not a list of strings */
function toPointers(prunePaths: unknown): string[] {
  const pointers = toArray("prunePaths", prunePaths as Iterable<string>);
  for (const pointer of pointers) requireString("each of prunePaths", pointer);
  return pointers;
}

function hostClock(): number {
  return Date.now() / 1000;
}

function toIdJson(sessionId: string): string {
  requireString("sessionId", sessionId);
  return JSON.stringify(sessionId);
}
