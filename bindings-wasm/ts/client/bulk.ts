/** Bulk injections. Their memory use does not grow with the number of items. */
import { clientModule, copyInput } from "./client-module.js";
import type { Connection } from "./connection.js";
import { toError, withMappedErrors } from "../error-mapping.js";
import { type CognigyError, InternalError } from "../errors.js";
import { writeInjection } from "../injection.js";
import { toJson } from "../json.js";
import { client } from "../panic-guard.js";
import { InjectionPayload, type InjectionVariable } from "../payload.js";
import { encodeNumber, objectArgument, requireIterable, signalOf, typeError } from "../util/arguments.js";
import { ensureStarted, takeInput } from "../wasm.js";

/** Variables to inject into a session: the fields of an `InjectionPayload`. */
export interface PayloadFields {
  /** The session. */
  readonly sessionId: string;
  /** The variables to inject, in order. */
  readonly variables: Iterable<InjectionVariable>;
  /** How the server merges. Default: `atomic_put`. */
  readonly mergeStrategy?: string | undefined;
  /** Data for the CRM webhook, if one is configured. Default: none. */
  readonly crmPayload?: unknown;
}

/** A context to inject through the API family `platform`. */
export interface ContextFields {
  /** The session. */
  readonly sessionId: string;
  /** The user of the session. */
  readonly userId: string;
  /** The top-level keys to write, with their values. */
  readonly context: unknown;
  /**
   * The session's current context. Default: the context in the last response that this client got for
   * the session, or an empty context.
   */
  readonly existing?: unknown;
}

/** One item of a bulk injection: variables that the server merges, or a context. */
export type BulkItem = InjectionPayload | PayloadFields | ContextFields;

/** Records which items were injected, so that an interrupted run can be resumed. */
export interface Journal {
  /**
   * Returns whether an earlier run injected an item.
   *
   * @param line the key of the item: one line of text
   * @returns whether an earlier run called `confirm` with this line
   */
  isConfirmed(line: string): boolean;
  /**
   * Records that an item was injected. The record must survive a kill of the process after the function
   * has returned.
   *
   * @param line the key of the item: one line of text
   */
  confirm(line: string): void;
}

/** The options of a bulk injection. */
export interface BulkOptions {
  /** Records the items that were injected. In Node: `fileJournal(path)`. Default: none. */
  readonly journal?: Journal | undefined;
  /** Number of concurrent injections; 0 counts as 1. Default: the client's `maxConcurrent`. */
  readonly concurrency?: number | undefined;
  /** Cancels the remaining items; the generator then throws the signal's reason. Default: none. */
  readonly signal?: AbortSignal | undefined;
}

/** The outcome of one item of a bulk injection. */
export interface BulkOutcome {
  /** Position of the item in the input, from 0. */
  readonly index: number;
  /** The SHA-256 of the item's session id; `undefined` for an item with invalid data. */
  readonly session: string | undefined;
  /**
   * - `injected`: injected, and recorded in the journal if there is one
   * - `unconfirmed`: injected, but the journal failed, so another run injects it again
   * - `skipped`: not sent, because an earlier run injected the item
   * - `failed`: see `error`; after a network error the item may have been injected nevertheless
   */
  readonly status: "injected" | "unconfirmed" | "skipped" | "failed";
  /** Why the item failed; `undefined` if it did not. */
  readonly error: CognigyError | undefined;
}

/** An outcome as the core writes it. */
interface CoreOutcome {
  index: number;
  session: string | null;
  done: "injected" | "unconfirmed" | "skipped" | null;
  error: string | null;
}

/** The input and the journal of a bulk injection, as the core uses them. */
class BulkSource {
  /** The exception of the input or the journal, which ends the bulk injection. */
  failure: { readonly error: unknown } | undefined;
  /** Passes an item to the core. */
  offer: (item: BulkItem) => void = () => {};
  readonly #items: AsyncIterator<BulkItem> | Iterator<BulkItem>;
  readonly #journal: Journal | undefined;
  #isPulling = false;

  constructor(
    items: AsyncIterator<BulkItem> | Iterator<BulkItem>,
    journal: Journal | undefined,
  ) {
    this.#items = items;
    this.#journal = journal;
  }

  /** Offers the next item to the core. Returns `false` after the last item or a failure. Called by the core. */
  async pull(): Promise<boolean> {
    if (this.failure) return false;
    this.#isPulling = true;
    try {
      const { done, value } = await this.#items.next();
      if (done) return false;
      this.offer(value);
      return true;
    } catch (error) {
      this.failure ??= { error };
      return false;
    } finally {
      this.#isPulling = false;
    }
  }

  /** Closes the input, and waits until it is closed unless it is still producing an item. */
  async close(): Promise<void> {
    const closed = Promise.resolve(this.#items.return?.());
    if (this.#isPulling) closed.catch(() => {});
    else await closed;
  }

  /**
   * Looks an item up in the journal. If the journal throws, the bulk injection ends, and the item is not
   * sent because it may have been injected already. Called by the core.
   */
  isConfirmed(line: string): boolean {
    try {
      if (this.failure || !this.#journal) return this.failure !== undefined;
      const isConfirmed: unknown = this.#journal.isConfirmed(line);
      // A promise would count as "no", and the item would be injected again.
      if (typeof isConfirmed !== "boolean") throw typeError("the result of isConfirmed", "a boolean", isConfirmed);
      return isConfirmed;
    } catch (error) {
      this.failure ??= { error };
      return true;
    }
  }

  /** Records an item in the journal. Called by the core. */
  confirm(line: string): void {
    this.#journal?.confirm(line);
  }
}

/**
 * Checks the arguments of {@link injectMany}.
 *
 * @throws {TypeError} when `items` is not iterable, or an option has the wrong type
 *
 * @internal
 */
export function checkBulkArguments(items: unknown, options: BulkOptions): void {
  requireIterable("items", items, true);
  signalOf(options);
  const { journal, concurrency } = options;
  if (concurrency !== undefined) encodeNumber("concurrency", concurrency);
  if (journal === undefined) return;
  const { isConfirmed, confirm }: Partial<Journal> = objectArgument("journal", journal);
  if (typeof isConfirmed !== "function" || typeof confirm !== "function") {
    throw new TypeError("journal must have the functions isConfirmed and confirm");
  }
}

/**
 * Injects many items, and yields each outcome when it is known.
 *
 * @param connection the client's connection
 * @param items the items
 * @param options the journal, the concurrency and the signal
 * @returns the outcomes, in the order in which the items finish
 *
 * @internal
 */
export async function* injectMany(
  connection: Connection,
  items: AsyncIterable<BulkItem> | Iterable<BulkItem>,
  { journal, concurrency, signal }: BulkOptions,
): AsyncGenerator<BulkOutcome, void, undefined> {
  signal?.throwIfAborted();
  await clientModule.load();
  const iterator =
    Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const source = new BulkSource(iterator, journal);
  const options = JSON.stringify({
    ...(concurrency === undefined ? {} : { concurrency: encodeNumber("concurrency", concurrency) }),
    journal: journal !== undefined,
  });
  const bulk = withMappedErrors(() => connection.handle.bulk(source, options));
  source.offer = (item) => {
    const { operation, fields } = encodeItem(item);
    copyInput(takeInput());
    withMappedErrors(() => bulk.offer(operation, fields));
  };
  // A caller that stops reading cancels the pending injections, as the signal does.
  const stop = new AbortController();
  const onAbort = () => stop.abort();
  signal?.addEventListener("abort", onAbort, { once: true });
  const network = connection.network(stop.signal);
  let isFinished = false;
  const { generation } = client;
  try {
    for (;;) {
      if (generation !== client.generation) throw new InternalError();
      let json: unknown;
      try {
        json = await client.raceWithPanic(bulk.next(network));
      } catch (error) {
        throw signal?.aborted ? signal.reason : toError(error);
      }
      if (json === undefined) {
        isFinished = source.failure === undefined;
        if (source.failure) throw source.failure.error;
        return;
      }
      const outcome = toOutcome(json as string);
      // After a failure of the source, `isConfirmed` makes the core skip the items that are not sent yet.
      if (source.failure && outcome.status === "skipped") continue;
      yield outcome;
    }
  } finally {
    signal?.removeEventListener("abort", onAbort);
    stop.abort();
    if (generation === client.generation) bulk.free();
    if (!isFinished) await source.close();
  }
}

function toOutcome(json: string): BulkOutcome {
  const { index, session, done, error } = JSON.parse(json) as CoreOutcome;
  return {
    index,
    session: session ?? undefined,
    status: done ?? "failed",
    error: error === null ? undefined : (toError(error) as CognigyError),
  };
}

/** Encodes an item. For an id that is not a string, the core returns the outcome `failed`. */
function encodeItem(item: BulkItem): { operation: string; fields: string } {
  if (typeof item !== "object" || item === null) throw typeError("each item", "an object", item);
  const id = (value: unknown) => JSON.stringify(typeof value === "string" ? value : null);
  if ("context" in item) {
    const { sessionId, userId, context, existing } = item;
    const input = writeInjection(context, existing);
    const fields = { ...input, sessionId: id(sessionId), userId: id(userId) };
    return { operation: "injectContext", fields: JSON.stringify(fields) };
  }
  const fields = injectFields(item, (item as PayloadFields).crmPayload);
  return {
    operation: "inject",
    fields: JSON.stringify({ ...fields, sessionId: id(item.sessionId) }),
  };
}

/**
 * Encodes the fields of an injection, without its session. Writes the variables into the input buffer.
 *
 * @param payload the payload, or its fields
 * @param crmPayload data for the CRM webhook; `undefined` for none
 * @returns the fields for the core
 *
 * @internal
 */
export function injectFields(
  payload: InjectionPayload | PayloadFields,
  crmPayload: unknown,
): { payload: string; crmPayload?: string } {
  const { maxNesting } = ensureStarted();
  const instance =
    payload instanceof InjectionPayload
      ? payload
      : new InjectionPayload(payload.sessionId, payload.variables, payload);
  const crm = crmPayload === undefined ? {} : { crmPayload: toJson(crmPayload, maxNesting).text };
  return { payload: InjectionPayload.encode(instance, (text) => text), ...crm };
}
