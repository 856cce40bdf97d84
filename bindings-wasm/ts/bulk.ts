/** Many injections, in as much memory as a few of them take. */
import { figure } from "./client-options.js";
import { clientPart, handOver } from "./client-part.js";
import type { Connection } from "./connection.js";
import { type CognigyError, InternalError } from "./errors.js";
import { errorOf, throwing } from "./failure.js";
import { client } from "./guard.js";
import { writeInjection } from "./injection.js";
import { jsonOf } from "./json.js";
import { InjectionPayload, type InjectionVariable } from "./payload.js";
import { started, takeInput } from "./wasm.js";

/** Variables to inject, which the server merges. */
export interface PayloadFields {
  /** The session. */
  readonly sessionId: string;
  /** What to inject, in order. */
  readonly variables: Iterable<InjectionVariable>;
  /** How the server merges; without it, `atomic_put`. */
  readonly mergeStrategy?: string | undefined;
  /** What the CRM webhook is told, where one is configured. */
  readonly crmPayload?: unknown;
}

/** A context to inject, of the family `platform`. */
export interface ContextFields {
  /** The session. */
  readonly sessionId: string;
  /** The user of that session. */
  readonly userId: string;
  /** The keys to write, with their values. */
  readonly context: unknown;
  /** What the session's context holds already. */
  readonly existing?: unknown;
}

/** One of many injections. */
export type BulkItem = InjectionPayload | PayloadFields | ContextFields;

/** Remembers the items that are confirmed, so that a run that was killed can go on. */
export interface Journal {
  /** Whether the item of this line was confirmed, in this run or one before. */
  isConfirmed(line: string): boolean;
  /**
   * The item of this line has been injected. When this returns, the line is remembered even if the
   * process is killed.
   */
  confirm(line: string): void;
}

/** How many injections are to be made. */
export interface BulkOptions {
  /** What remembers the items that are confirmed; in Node, `fileJournal(path)`. */
  readonly journal?: Journal | undefined;
  /** How many are under way at a time; without it, the client's `maxConcurrent`. */
  readonly concurrency?: number | undefined;
  /** Gives the rest up. What it was given as its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** What one item came to. */
export interface BulkOutcome {
  /** Its place in the input, from 0. */
  readonly index: number;
  /** The SHA-256 of its session id; `undefined` where that was refused. */
  readonly session: string | undefined;
  /**
   * - `injected`: and the journal, where there is one, remembers it
   * - `unconfirmed`: injected, and the journal could not remember it: another run would inject it again
   * - `skipped`: a run before has injected it
   * - `failed`: `error` says why
   */
  readonly status: "injected" | "unconfirmed" | "skipped" | "failed";
  /** Why it failed. */
  readonly error: CognigyError | undefined;
}

/** An outcome as the core tells of it. */
interface CoreOutcome {
  index: number;
  session: string | null;
  done: "injected" | "unconfirmed" | "skipped" | null;
  error: string | null;
}

/** The source of a bulk, as the core asks it. */
class Source {
  /** What went wrong here and ends the bulk, in an object of its own. */
  failed: { readonly error: unknown } | undefined;
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

  async pull(): Promise<boolean> {
    if (this.failed) return false;
    this.#isPulling = true;
    try {
      const { done, value } = await this.#items.next();
      if (done) return false;
      this.offer(value);
      return true;
    } catch (error) {
      this.failed ??= { error };
      return false;
    } finally {
      this.#isPulling = false;
    }
  }

  /** Nothing more is wanted. What the items say to that is waited for, unless they are slow now. */
  async end(): Promise<void> {
    const ended = Promise.resolve(this.#items.return?.());
    if (this.#isPulling) ended.catch(() => {});
    else await ended;
  }

  /** A journal that fails here ends the bulk; the item is not sent, as it may be confirmed. */
  isConfirmed(line: string): boolean {
    try {
      return this.failed !== undefined || this.#journal?.isConfirmed(line) === true;
    } catch (error) {
      this.failed ??= { error };
      return true;
    }
  }

  confirm(line: string): void {
    this.#journal?.confirm(line);
  }
}

/**
 * The outcomes of a bulk, each as it is known.
 *
 * @internal
 */
export async function* injectMany(
  connection: Connection,
  items: AsyncIterable<BulkItem> | Iterable<BulkItem>,
  { journal, concurrency, signal }: BulkOptions,
): AsyncGenerator<BulkOutcome, void, undefined> {
  signal?.throwIfAborted();
  await clientPart.load();
  const iterator =
    Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const source = new Source(iterator, journal);
  const options = JSON.stringify({
    ...(concurrency === undefined ? {} : { concurrency: figure(concurrency) }),
    journal: journal !== undefined,
  });
  const bulk = throwing(() => connection.handle.bulk(source, options));
  source.offer = (item) => {
    const { name, fields } = bulkFields(item);
    handOver(takeInput());
    throwing(() => bulk.offer(name, fields));
  };
  // Whoever stops reading gives up what is under way, as the signal does.
  const stop = new AbortController();
  const onAbort = () => stop.abort();
  signal?.addEventListener("abort", onAbort, { once: true });
  const network = connection.network(stop.signal);
  let isOver = false;
  const { generation } = client;
  try {
    for (;;) {
      if (generation !== client.generation) throw new InternalError();
      let json: unknown;
      try {
        json = await client.outlive(bulk.next(network));
      } catch (error) {
        throw signal?.aborted ? signal.reason : errorOf(error);
      }
      if (json === undefined) {
        isOver = source.failed === undefined;
        if (source.failed) throw source.failed.error;
        return;
      }
      const outcome = outcomeOf(json as string);
      // What is under way when the source fails comes to its end; the rest was passed over.
      if (source.failed && outcome.status === "skipped") continue;
      yield outcome;
    }
  } finally {
    signal?.removeEventListener("abort", onAbort);
    stop.abort();
    if (generation === client.generation) bulk.free();
    if (!isOver) await source.end();
  }
}

function outcomeOf(json: string): BulkOutcome {
  const { index, session, done, error } = JSON.parse(json) as CoreOutcome;
  return {
    index,
    session: session ?? undefined,
    status: done ?? "failed",
    error: error === null ? undefined : (errorOf(error) as CognigyError),
  };
}

/** What the core is told of an item. An id that is no text is the core's to refuse. */
function bulkFields(item: BulkItem): { name: string; fields: string } {
  if (typeof item !== "object" || item === null) throw new TypeError("an item must be an object");
  const id = (value: unknown) => JSON.stringify(typeof value === "string" ? value : null);
  if ("context" in item) {
    const { sessionId, userId, context, existing } = item;
    const input = writeInjection(context, existing);
    const fields = { ...input, sessionId: id(sessionId), userId: id(userId) };
    return { name: "injectContext", fields: JSON.stringify(fields) };
  }
  const fields = injectFields(item, (item as PayloadFields).crmPayload);
  return { name: "inject", fields: JSON.stringify({ ...fields, sessionId: id(item.sessionId) }) };
}

/**
 * What the core is told of an injection, but for its session.
 *
 * @internal
 */
export function injectFields(
  payload: InjectionPayload | PayloadFields,
  crmPayload: unknown,
): { payload: string; crmPayload?: string } {
  const { maxNesting } = started();
  const whole =
    payload instanceof InjectionPayload
      ? payload
      : new InjectionPayload(payload.sessionId, payload.variables, payload);
  const crm = crmPayload === undefined ? {} : { crmPayload: jsonOf(crmPayload, maxNesting).text };
  return { payload: InjectionPayload.tell(whole, (text) => text), ...crm };
}

