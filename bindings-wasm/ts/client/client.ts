import {
  type BulkItem,
  type BulkOptions,
  type BulkOutcome,
  injectFields,
  injectMany,
  type PayloadFields,
} from "./bulk.js";
import type { ClientOptions } from "./client-options.js";
import type { CallOptions } from "./call-options.js";
import { Connection } from "./connection.js";
import { parseJson } from "../json.js";
import { encodeNumber } from "../util/arguments.js";
import { makeDisposable, setClassName } from "../util/classes.js";
import { camelizeKeys } from "../util/naming.js";
import { ConfigurationError } from "../errors.js";
import { type CallFields, idFields, queryFields, optionalStringFields, valueFields } from "./call-fields.js";
import type { StateListener } from "./hooks.js";
import { writeInjection } from "../injection.js";
import { InjectionPayload } from "../payload.js";
import {
  type AuditRecord,
  type Context,
  type ContextDocument,
  type DebugSnapshot,
  type DialogState,
  type InjectedVariables,
  type InjectionResult,
  type Metrics,
  type Profile,
  toAuditRecord,
  toDebugSnapshot,
  type StateMetrics,
  type StateUpdateResult,
  withTag,
  toStateUpdateResult,
} from "./results.js";
import { StateUpdate, type StateUpdateParts } from "../state.js";
import { type Variables, variablesOf, type VariablesQuery } from "../variables.js";

export type { CallOptions };

/** What may be said of an injection that the server merges. */
export interface InjectOptions extends CallOptions {
  /** What the CRM webhook is parseJson, where one is configured. */
  readonly crmPayload?: unknown;
}

/** What may be said of one injection of a context. */
export interface InjectContextOptions extends CallOptions {
  /**
   * The context that the session already holds. Without it, it counts as what this client last
   * saw in an answer for the session, or as empty.
   */
  readonly existing?: unknown;
}

/** Which variables are read. */
export interface ReadOptions extends CallOptions, VariablesQuery {}

/** How the state of a dialog is updated. */
export interface UpdateStateOptions extends CallOptions {
  /** Only where the state still has this tag. */
  readonly ifMatch?: string | undefined;
  /** Where it has not, read the state and try again on what is there now. */
  readonly rebase?: boolean | undefined;
}

/**
 * A client of one tenant.
 *
 * Every call is checked before anything is sent, waits for the client's own limits, is sent again
 * where that is safe, and ends at the deadline. Integers of an answer that no number holds exactly
 * are BigInts.
 *
 * Every call rejects with a `ValidationError` when its data or ids are refused (nothing was sent),
 * with a `CognigyError` of the class for what went wrong when it failed, with a `TypeError` for
 * arguments of another kind, and with the reason of its `signal` when that gave it up.
 *
 * @example
 * ```js
 * const client = new Client({ baseUrl: "https://api-trial.cognigy.ai", apiKey: "…" });
 * const context = await client.injectContext("session-1", "user-1", { tier: "gold" });
 * ```
 */
export class Client {
  readonly #connection: Connection;

  /**
   * @throws {ConfigurationError} when the base URL or the credentials are missing or cannot be such,
   *   and for a client secret in a browser
   */
  constructor(options?: ClientOptions);
  /** @internal */
  constructor(connection: Connection);
  constructor(options: ClientOptions | Connection = {}) {
    this.#connection = options instanceof Connection ? options : Connection.create(options);
  }

  /**
   * The same client with another deadline for its calls, for example what is left of a budget. It
   * shares tokens, limits and memory with this one, and is freed on its own.
   *
   * @param seconds more than 0
   * @throws {ConfigurationError} for any other figure
   */
  withDeadline(seconds: number): Client {
    return new Client(this.#connection.withDeadline(seconds));
  }

  // --- sessions: injections that the server merges ------------------------------------------------

  /**
   * Injects variables into a session; the server merges them. When somebody else changed the session
   * meanwhile, its tag is read and these variables, and no others, are sent again.
   *
   * @param payload an `InjectionPayload`, or what one is made of
   *
   * @example
   * ```js
   * await client.inject({ sessionId: "s-1", variables: [{ key: "tier", value: "gold" }] });
   * ```
   */
  async inject(
    payload: InjectionPayload | PayloadFields,
    options: InjectOptions = {},
  ): Promise<InjectionResult> {
    const crmPayload = options.crmPayload ?? (payload as PayloadFields).crmPayload;
    const result = await this.#call("inject", options, () => ({
      ...idFields({ sessionId: payload.sessionId }),
      ...injectFields(payload, crmPayload),
    }));
    return camelizeKeys(result);
  }

  /** Reads back what was injected into a session. */
  async getInjected(sessionId: string, options: CallOptions = {}): Promise<InjectedVariables> {
    return withTag("variables", await this.#call("getInjected", options, () => idFields({ sessionId })));
  }

  /** Whether there is a session of this id. */
  async sessionExists(sessionId: string, options: CallOptions = {}): Promise<boolean> {
    return (await this.#call("sessionExists", options, () => idFields({ sessionId }))) as boolean;
  }

  /**
   * Injects many, some at a time, under the client's limits, and gives the outcome of each as it is
   * known, which is not the order of the input. No more of the input is taken than is under way, so
   * any number of them takes no more memory than a few. With a journal every item is injected at
   * least once over all runs, and one that is confirmed never again.
   *
   * Whoever stops reading gives up what is under way. What the input or the journal throws is thrown
   * once the items under way have come to their end; items that are no objects of the kind throw a
   * `TypeError` so. Those whose data is refused are outcomes that `failed`.
   *
   * @param items payloads (or what they are made of), or contexts of the family `platform`
   *
   * @example
   * ```js
   * for await (const { index, status, error } of client.injectMany(rows())) {
   *   if (status === "failed") console.error(index, error);
   * }
   * ```
   */
  injectMany(
    items: AsyncIterable<BulkItem> | Iterable<BulkItem>,
    options: BulkOptions = {},
  ): AsyncGenerator<BulkOutcome, void, undefined> {
    this.#connection.ensureOpen();
    return injectMany(this.#connection, items, options);
  }

  // --- sessions: appended variables and context documents -----------------------------------------

  /**
   * Appends variables to a session, in the first form of the API. Names and values are held against
   * the policy `injection`. Gives what the server says of it.
   *
   * @param variables an object or a `Map` from names to values
   */
  async appendVariables(
    sessionId: string,
    variables: object,
    options: CallOptions = {},
  ): Promise<Record<string, unknown>> {
    const fields = () => ({ ...idFields({ sessionId }), ...valueFields(variables) });
    return (await this.#call("appendVariables", options, fields)) as Record<string, unknown>;
  }

  /** Reads a session's context document. A session without one has an empty one. */
  async getDocument(sessionId: string, options: CallOptions = {}): Promise<ContextDocument> {
    return withTag("document", await this.#call("getDocument", options, () => idFields({ sessionId })));
  }

  /**
   * Merges data into a session's context document: reads it, merges (what is there, then the data),
   * holds the whole against the policy `context`, and writes it back. What somebody else changed
   * meanwhile is read and merged again. Syncs of one session follow each other within a process.
   * Gives the merged document.
   *
   * @param data an object; keys that begin with `__` stay here. A BigInt that no number holds exactly
   *   has no form in a merge.
   */
  async syncContext(
    sessionId: string,
    data: object,
    options: CallOptions = {},
  ): Promise<Record<string, unknown>> {
    const fields = () => ({ ...idFields({ sessionId }), ...valueFields(data, false) });
    return (await this.#call("syncContext", options, fields)) as Record<string, unknown>;
  }

  // --- bot sessions -------------------------------------------------------------------------------

  /**
   * Reads the variables of a session, over all pages, coerced without loss and resolved over their
   * scopes.
   */
  async getVariables(sessionId: string, options: ReadOptions = {}): Promise<Variables> {
    const fields = () => ({ ...idFields({ sessionId }), ...queryFields(options) });
    return variablesOf(await this.#connection.call("getVariables", options, fields));
  }

  /**
   * Reads the variables of a session as somebody who debugs wants to see them, and tells the webhook
   * for snapshots of it, where one is configured.
   */
  async debugSnapshot(sessionId: string, options: ReadOptions = {}): Promise<DebugSnapshot> {
    const fields = () => ({ ...idFields({ sessionId }), ...queryFields(options) });
    return toDebugSnapshot(await this.#call("debugSnapshot", options, fields));
  }

  // --- the state of dialogs -----------------------------------------------------------------------

  /** Reads the state of a dialog. */
  async getState(dialogId: string, options: CallOptions = {}): Promise<DialogState> {
    return withTag("state", await this.#call("getState", options, () => idFields({ dialogId })));
  }

  /**
   * Updates the state of a dialog. An update that is too large for one request is refused;
   * {@link updateStateParts} sends it in parts. When the state has changed, a `StateConflictError`
   * tells its `currentTag`.
   *
   * @param update a `StateUpdate`, or what one is made of
   */
  async updateState(
    dialogId: string,
    update: StateUpdate | StateUpdateParts,
    options: UpdateStateOptions = {},
  ): Promise<StateUpdateResult> {
    const fields = () => {
      const whole = update instanceof StateUpdate ? update : new StateUpdate(update);
      const { ifMatch, rebase } = options;
      return StateUpdate.encode(whole, (session, user, nextStep) => ({
        ...idFields({ dialogId }),
        ...optionalStringFields({ ifMatch }),
        session,
        user,
        nextStep,
        rebase: rebase === true,
      }));
    };
    return toStateUpdateResult(await this.#call("updateState", options, fields));
  }

  /**
   * Updates the state of a dialog in as many parts as it takes; the transition is in the last. Under
   * `ifMatch` each part is sent under the tag of the answer before. The parts before one that failed
   * are there.
   */
  async updateStateParts(
    dialogId: string,
    update: StateUpdate | StateUpdateParts,
    options: UpdateStateOptions = {},
  ): Promise<StateUpdateResult[]> {
    const whole = update instanceof StateUpdate ? update : new StateUpdate(update);
    const updated: StateUpdateResult[] = [];
    let { ifMatch } = options;
    for (const part of partsOf(whole)) {
      const result = await this.updateState(dialogId, part, { ...options, ifMatch });
      if (options.ifMatch !== undefined) ifMatch = result.tag;
      updated.push(result);
    }
    return updated;
  }

  /**
   * Has `listener` hear of every update of a state that succeeds, of this client and of its copies:
   * the dialog's id, what was sent, and what it came to. It is called in the course of the call, so
   * it must be quick; what it throws changes nothing.
   *
   * @returns takes the listener away again
   */
  onStateUpdated(listener: StateListener): () => void {
    return this.#connection.addListener(listener);
  }

  // --- the platform -------------------------------------------------------------------------------

  /**
   * Writes top-level keys into a session's context and gives the whole context that results.
   *
   * The context is checked before anything is sent: the platform would silently put an error text
   * in the place of a value that makes the context too large. A `ValidationError` also tells when the
   * platform replaced a value all the same.
   *
   * @param userId the user of that session
   * @param context the keys to write, with their values; of the kinds that `check` takes
   */
  async injectContext(
    sessionId: string,
    userId: string,
    context: unknown,
    options: InjectContextOptions = {},
  ): Promise<Context> {
    const fields = () => {
      const told = idFields({ sessionId, userId });
      return { ...told, ...writeInjection(context, options.existing) };
    };
    return (await this.#call("injectContext", options, fields)) as Context;
  }

  /** Sets a session's context back to that of the entry point of a flow, and gives it. */
  async resetContext(
    sessionId: string,
    userId: string,
    flowReferenceId: string,
    entrypoint: string,
    options: CallOptions = {},
  ): Promise<Context> {
    const fields = () => idFields({ sessionId, userId, flowReferenceId, entrypoint });
    return (await this.#call("resetContext", options, fields)) as Context;
  }

  /**
   * Sets the state of a session, and gives it. The platform is giving states up (deprecated in
   * 2026.7, to be removed in 2026.12).
   */
  async injectState(
    sessionId: string,
    userId: string,
    state: string,
    options: CallOptions = {},
  ): Promise<string> {
    const fields = () => idFields({ sessionId, userId, state });
    return (await this.#call("injectState", options, fields)) as string;
  }

  /** Sets the state of a session back. */
  async resetState(sessionId: string, userId: string, options: CallOptions = {}): Promise<void> {
    await this.#call("resetState", options, () => idFields({ sessionId, userId }));
  }

  /**
   * Lists profiles, as the platform answers them.
   *
   * @param query what goes into the address: `limit`, `skip`, `filter` and others that the platform
   *   takes
   */
  async listProfiles(
    query: Readonly<Record<string, string | number | boolean | undefined>> = {},
    options: CallOptions = {},
  ): Promise<Profile> {
    const fields = () => ({
      query: Object.entries(query)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => [name, String(value)]),
    });
    return (await this.#call("listProfiles", options, fields)) as Profile;
  }

  /** Reads a profile. */
  async getProfile(profileId: string, options: CallOptions = {}): Promise<Profile> {
    return (await this.#call("getProfile", options, () => idFields({ profileId }))) as Profile;
  }

  /**
   * Makes a profile. It is never sent again when it may have taken effect.
   *
   * @param profile `{profile?, active?, contactIds?}`
   */
  async createProfile(profile: object, options: CallOptions = {}): Promise<Profile> {
    return (await this.#call("createProfile", options, () => valueFields(profile))) as Profile;
  }

  /**
   * Changes a profile.
   *
   * @param changes `{profile?, active?, contactIds?}`
   */
  async updateProfile(
    profileId: string,
    changes: object,
    options: CallOptions = {},
  ): Promise<Profile> {
    const fields = () => ({ ...idFields({ profileId }), ...valueFields(changes) });
    return (await this.#call("updateProfile", options, fields)) as Profile;
  }

  /** Deletes a profile. One that is gone after an attempt without an answer counts as deleted. */
  async deleteProfile(profileId: string, options: CallOptions = {}): Promise<void> {
    await this.#call("deleteProfile", options, () => idFields({ profileId }));
  }

  // --- how it goes --------------------------------------------------------------------------------

  /** How this client's injections went, over all its copies. */
  metrics(): Metrics {
    return camelizeKeys(parseJson(this.#connection.handle.metrics()));
  }

  /** How this client's updates of states went, over all its copies. */
  stateMetrics(): StateMetrics {
    return camelizeKeys(parseJson(this.#connection.handle.stateMetrics()));
  }

  /**
   * The newest audit records, oldest first: at most `count`, and no more than are kept (1,000).
   *
   * @throws {ConfigurationError} when `count` is no whole number from 0
   */
  auditTrail(count = 100): AuditRecord[] {
    // The core's counts are of 32 bits here, and what is none would be turned into one.
    if (!Number.isInteger(count) || count < 0) {
      throw new ConfigurationError("count: expected a whole number, 0 or more");
    }
    const most = Math.min(count, 2 ** 32 - 1);
    return (parseJson(this.#connection.handle.auditTrail(most)) as unknown[]).map(toAuditRecord);
  }

  /**
   * Waits until the webhooks were told all there is to tell, for so many seconds at most. Gives
   * whether they were.
   */
  async drain(seconds: number, options: CallOptions = {}): Promise<boolean> {
    const fields = () => ({ seconds: encodeNumber(seconds) });
    return (await this.#call("drain", options, fields)) as boolean;
  }

  /**
   * Gives the client's memory back at once; it cannot be used afterwards, but calls under way come to
   * their end. Where nobody calls this, the garbage collector does so in its own time.
   */
  free(): void {
    this.#connection.free();
  }

  /** Makes a call, and reads what it comes to. */
  async #call(name: string, options: CallOptions, fields: () => CallFields): Promise<unknown> {
    return parseJson(await this.#connection.call(name, options, fields));
  }

  static {
    setClassName(this, "Client");
    makeDisposable(this);
  }
}

/** The parts of an update. One that has none is whole its only part, for the core to refuse. */
function partsOf(update: StateUpdate): StateUpdate[] {
  try {
    return update.split();
  } catch {
    return [update];
  }
}
