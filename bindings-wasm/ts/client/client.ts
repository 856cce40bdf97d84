/** The network client. */
import {
  type BulkItem,
  type BulkOptions,
  type BulkOutcome,
  checkBulkArguments,
  injectFields,
  injectMany,
  type PayloadFields,
} from "./bulk.js";
import {
  type CallFields,
  idFields,
  optionalStringFields,
  queryFields,
  queryPairs,
  valueFields,
} from "./call-fields.js";
import type {
  CallOptions,
  InjectContextOptions,
  InjectOptions,
  ReadOptions,
  UpdateStateOptions,
} from "./call-options.js";
import type { ClientOptions } from "./client-options.js";
import { Connection } from "./connection.js";
import { ConfigurationError } from "../errors.js";
import type { StateListener } from "./hooks.js";
import { writeInjection } from "../injection.js";
import { parseJson } from "../json.js";
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
  type StateMetrics,
  type StateUpdateResult,
  toAuditRecord,
  toDebugSnapshot,
  toStateUpdateResult,
  withTag,
} from "./results.js";
import { StateUpdate, type StateUpdateParts, toStateUpdate } from "../state.js";
import { encodeNumber, objectArgument, optionalBoolean, requireNumber } from "../util/arguments.js";
import { makeDisposable, setClassName } from "../util/classes.js";
import { camelizeKeys } from "../util/naming.js";
import { type Variables, variablesOf } from "../variables.js";

/**
 * A client of one tenant.
 *
 * Every call checks its data before it sends anything, waits for the client's rate limit, retries
 * transient errors when that is safe, and ends at the deadline. Integers of a response that a number
 * cannot represent exactly are BigInts.
 *
 * Every call rejects with
 *
 * - a `ValidationError` when the data or an id is invalid; nothing was sent
 * - a {@link CognigyError} of the class of the failure when the call failed
 * - a `ConfigurationError` when the client was freed
 * - a `TypeError` when an argument has the wrong type
 * - the reason of the `signal` when the caller aborted it
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
   * Creates a client. It sends nothing until its first call.
   *
   * @param options the address, the credentials and the limits; in Node some of them default to
   *   environment variables
   * @throws {ConfigurationError} when the base URL or the credentials are missing, when an option is
   *   invalid, and for a client secret in a browser
   * @throws {TypeError} when an option has the wrong type
   */
  constructor(options?: ClientOptions);
  /** @internal */
  constructor(connection: Connection);
  constructor(options: ClientOptions | Connection = {}) {
    this.#connection = options instanceof Connection ? options : Connection.create(options);
  }

  /**
   * Returns a copy of this client with another deadline, for example the rest of a time budget. The copy
   * shares the tokens, limits and metrics of this client. Call `free` on each of them.
   *
   * @param seconds time limit of a call in seconds, more than 0
   * @returns the copy
   * @throws {TypeError} when `seconds` is not a number
   * @throws {ConfigurationError} when `seconds` is not more than 0, or the client was freed
   */
  withDeadline(seconds: number): Client {
    return new Client(this.#connection.withDeadline(seconds));
  }

  // --- sessions: injected variables ---------------------------------------------------------------

  /**
   * Injects variables into a session. The server merges them. After a conflict with another writer, reads the
   * new tag and sends the same variables again, up to 16 times.
   *
   * @param payload an `InjectionPayload`, or an object with its fields
   * @param options the data for the CRM webhook, and the signal
   * @returns the response of the server, and the duration
   * @throws {ValidationError} with every issue of the session id and the variables; nothing was sent
   * @throws {CognigyError} when the call failed
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
    objectArgument("payload", payload, "an InjectionPayload or an object with its fields");
    const crmPayload = objectArgument("options", options).crmPayload ?? (payload as PayloadFields).crmPayload;
    const result = await this.#call("inject", options, () => ({
      ...idFields({ sessionId: payload.sessionId }),
      ...injectFields(payload, crmPayload),
    }));
    return camelizeKeys(result);
  }

  /**
   * Reads the variables that were injected into a session.
   *
   * @param sessionId the session
   * @param options the signal
   * @returns the values by name, and the tag
   * @throws {ValidationError} when the session id is invalid
   * @throws {CognigyError} when the call failed
   */
  async getInjected(sessionId: string, options: CallOptions = {}): Promise<InjectedVariables> {
    return withTag("variables", await this.#call("getInjected", options, () => idFields({ sessionId })));
  }

  /**
   * Returns whether a session exists.
   *
   * @param sessionId the session
   * @param options the signal
   * @returns whether there is a session with this id
   * @throws {ValidationError} when the session id is invalid
   * @throws {CognigyError} when the call failed
   */
  async sessionExists(sessionId: string, options: CallOptions = {}): Promise<boolean> {
    return (await this.#call("sessionExists", options, () => idFields({ sessionId }))) as boolean;
  }

  /**
   * Injects many items concurrently, within the client's limits, and yields the outcome of each item when it
   * is known, so not in the order of the input. Takes only as many items from the input as it sends at a
   * time, so memory use does not grow with the number of items. With a journal every item is
   * injected at least once over all runs, and a confirmed item never again.
   *
   * An item with invalid data has an outcome with the status `failed`. When you stop reading, the pending
   * injections are cancelled.
   *
   * @param items payloads, objects with their fields, or contexts for the family `platform`
   * @param options the journal, the concurrency and the signal
   * @returns the outcomes, in the order in which the items finish
   * @throws {ConfigurationError} when the client was freed, or an option is invalid
   * @throws the reason of the `signal` when the caller aborted it
   * @throws {TypeError} when an item is not an object, after the pending items have finished
   * @throws what the input or the journal throws, after the pending items have finished
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
    checkBulkArguments(items, options);
    return injectMany(this.#connection, items, options);
  }

  // --- sessions: appended variables and context documents -----------------------------------------

  /**
   * Appends variables to a session through the v1 API. Checks them against the policy `injection`.
   *
   * @param sessionId the session
   * @param variables the values by name: an object or a `Map`
   * @param options the signal
   * @returns the response of the server
   * @throws {ValidationError} with every issue of the session id and the variables; nothing was sent
   * @throws {CognigyError} when the call failed
   */
  async appendVariables(
    sessionId: string,
    variables: object,
    options: CallOptions = {},
  ): Promise<Record<string, unknown>> {
    const encode = () => ({ ...idFields({ sessionId }), ...valueFields(variables) });
    return (await this.#call("appendVariables", options, encode)) as Record<string, unknown>;
  }

  /**
   * Reads a session's context document. It is empty for a session without one.
   *
   * @param sessionId the session
   * @param options the signal
   * @returns the document and its tag
   * @throws {ValidationError} when the session id is invalid
   * @throws {CognigyError} when the call failed
   */
  async getDocument(sessionId: string, options: CallOptions = {}): Promise<ContextDocument> {
    return withTag("document", await this.#call("getDocument", options, () => idFields({ sessionId })));
  }

  /**
   * Merges data into a session's context document: reads the document, merges the data into it, checks
   * the result against the policy `context`, and writes it back. After a conflict with another writer, reads
   * and merges again, up to 16 times, if the server sends tags. Calls for the same session run one after another
   * within a process.
   *
   * @param sessionId the session
   * @param data an object. Keys that start with `__` are internal and not sent. BigInts beyond ±(2^53−1)
   *   are an issue.
   * @param options the signal
   * @returns the merged document
   * @throws {ValidationError} when the session id, the data or the merged document is invalid; nothing
   *   was written
   * @throws {CognigyError} when the call failed
   */
  async syncContext(
    sessionId: string,
    data: object,
    options: CallOptions = {},
  ): Promise<Record<string, unknown>> {
    const encode = () => ({ ...idFields({ sessionId }), ...valueFields(data, false) });
    return (await this.#call("syncContext", options, encode)) as Record<string, unknown>;
  }

  // --- bot sessions -------------------------------------------------------------------------------

  /**
   * Reads the variables of a session from all pages. Text is coerced without loss. Of several variables with
   * one name, the variable in the strongest scope is returned.
   *
   * @param sessionId the session
   * @param options which variables to read, and the signal
   * @returns the variables by name
   * @throws {ValidationError} when the session id is invalid
   * @throws {CognigyError} when the call failed
   */
  async getVariables(sessionId: string, options: ReadOptions = {}): Promise<Variables> {
    const encode = () => ({ ...idFields({ sessionId }), ...queryFields(options) });
    return variablesOf(await this.#connection.call("getVariables", options, encode));
  }

  /**
   * Reads the variables of a session for debugging a flow, and sends the snapshot to the snapshot webhook,
   * if one is configured.
   *
   * @param sessionId the session
   * @param options which variables to read, and the signal
   * @returns the variables by name, and metrics of this client's reads
   * @throws {ValidationError} when the session id is invalid
   * @throws {CognigyError} when the call failed
   */
  async debugSnapshot(sessionId: string, options: ReadOptions = {}): Promise<DebugSnapshot> {
    const encode = () => ({ ...idFields({ sessionId }), ...queryFields(options) });
    return toDebugSnapshot(await this.#call("debugSnapshot", options, encode));
  }

  // --- the state of dialogs -----------------------------------------------------------------------

  /**
   * Reads the state of a dialog.
   *
   * @param dialogId the dialog
   * @param options the signal
   * @returns the state and its tag
   * @throws {ValidationError} when the dialog id is invalid
   * @throws {CognigyError} when the call failed
   */
  async getState(dialogId: string, options: CallOptions = {}): Promise<DialogState> {
    return withTag("state", await this.#call("getState", options, () => idFields({ dialogId })));
  }

  /**
   * Updates the state of a dialog. An update that is too large for one request is rejected;
   * {@link updateStateParts} sends it in several requests.
   *
   * @param dialogId the dialog
   * @param update a `StateUpdate`, or an object with its fields
   * @param options the tag that the state must have, what to do after a conflict, and the signal
   * @returns the response of the server, the new tag, and the duration
   * @throws {ValidationError} with every issue of the dialog id and the update; nothing was sent
   * @throws {StateConflictError} with the `currentTag`, when the state has changed
   * @throws {CognigyError} when the call failed
   */
  async updateState(
    dialogId: string,
    update: StateUpdate | StateUpdateParts,
    options: UpdateStateOptions = {},
  ): Promise<StateUpdateResult> {
    const encode = () => {
      const { ifMatch, rebase } = options;
      return StateUpdate.encode(toStateUpdate(update), (session, user, nextStep) => ({
        ...idFields({ dialogId }),
        ...optionalStringFields({ ifMatch }),
        session,
        user,
        nextStep,
        rebase: optionalBoolean("rebase", rebase),
      }));
    };
    return toStateUpdateResult(await this.#call("updateState", options, encode));
  }

  /**
   * Updates the state of a dialog in as many requests as necessary, of at most 524,288 bytes each. The
   * last one contains the transition. With `ifMatch` each request has the tag of the previous response; after
   * a response without a strong tag the next request has no condition, and `guarded` is `false` in its result.
   * When a request fails, the parts before it have taken effect.
   *
   * @param dialogId the dialog
   * @param update a `StateUpdate`, or an object with its fields
   * @param options the tag that the state must have, what to do after a conflict, and the signal
   * @returns the result of each request, in order
   * @throws {ValidationError} with every issue of the dialog id and the update, also when a single
   *   variable is too large for one request; nothing was sent
   * @throws {StateConflictError} with the `currentTag`, when the state has changed
   * @throws {CognigyError} when a request failed
   */
  async updateStateParts(
    dialogId: string,
    update: StateUpdate | StateUpdateParts,
    options: UpdateStateOptions = {},
  ): Promise<StateUpdateResult[]> {
    const results: StateUpdateResult[] = [];
    let { ifMatch } = objectArgument("options", options);
    for (const part of splitUpdate(toStateUpdate(update))) {
      const result = await this.updateState(dialogId, part, { ...options, ifMatch });
      if (options.ifMatch !== undefined) ifMatch = result.tag;
      results.push(result);
    }
    return results;
  }

  /**
   * Calls `listener` after each successful update of a dialog's state by this client or a copy of it. The
   * listener runs during the call, so keep it fast. Its exceptions are ignored.
   *
   * @param listener receives the dialog id, the update that was sent, and its result
   * @returns a function that removes the listener
   * @throws {TypeError} when `listener` is not a function
   * @throws {ConfigurationError} when the client was freed
   */
  onStateUpdated(listener: StateListener): () => void {
    return this.#connection.addListener(listener);
  }

  // --- the platform -------------------------------------------------------------------------------

  /**
   * Writes top-level keys into a session's context.
   *
   * The context is checked before anything is sent, because the platform silently replaces values that
   * make the context too large with an error text.
   *
   * @param sessionId the session
   * @param userId the user of the session
   * @param context the keys to write, with their values; takes the same values as `check`
   * @param options the session's current context, and the signal
   * @returns the resulting context with all its keys
   * @throws {ValidationError} with every issue of the ids and the context; nothing was sent. Also when
   *   the response shows that the platform replaced a value.
   * @throws {CognigyError} when the call failed
   */
  async injectContext(
    sessionId: string,
    userId: string,
    context: unknown,
    options: InjectContextOptions = {},
  ): Promise<Context> {
    const encode = () => {
      const ids = idFields({ sessionId, userId });
      return { ...ids, ...writeInjection(context, options.existing) };
    };
    return (await this.#call("injectContext", options, encode)) as Context;
  }

  /**
   * Resets a session's context to the context of a flow's entry point.
   *
   * @param sessionId the session
   * @param userId the user of the session
   * @param flowReferenceId reference id of the flow
   * @param entrypoint id of the flow's entry point
   * @param options the signal
   * @returns the new context
   * @throws {ValidationError} when an id is invalid
   * @throws {CognigyError} when the call failed
   */
  async resetContext(
    sessionId: string,
    userId: string,
    flowReferenceId: string,
    entrypoint: string,
    options: CallOptions = {},
  ): Promise<Context> {
    const encode = () => idFields({ sessionId, userId, flowReferenceId, entrypoint });
    return (await this.#call("resetContext", options, encode)) as Context;
  }

  /**
   * Sets the state of a session. The platform deprecated states in 2026.7 and removes them in 2026.12.
   *
   * @param sessionId the session
   * @param userId the user of the session
   * @param state name of the state, not empty
   * @param options the signal
   * @returns the new state
   * @throws {ValidationError} when an id is invalid or the state is empty
   * @throws {CognigyError} when the call failed
   */
  async injectState(
    sessionId: string,
    userId: string,
    state: string,
    options: CallOptions = {},
  ): Promise<string> {
    const encode = () => idFields({ sessionId, userId, state });
    return (await this.#call("injectState", options, encode)) as string;
  }

  /**
   * Resets the state of a session. The platform deprecated states in 2026.7 and removes them in 2026.12.
   *
   * @param sessionId the session
   * @param userId the user of the session
   * @param options the signal
   * @throws {ValidationError} when an id is invalid
   * @throws {CognigyError} when the call failed
   */
  async resetState(sessionId: string, userId: string, options: CallOptions = {}): Promise<void> {
    await this.#call("resetState", options, () => idFields({ sessionId, userId }));
  }

  /**
   * Lists profiles.
   *
   * @param query query parameters of the platform, for example `limit`, `skip` and `filter`; parameters
   *   that are `undefined` are left out; default: none
   * @param options the signal
   * @returns the response of the platform
   * @throws {CognigyError} when the call failed
   */
  async listProfiles(
    query: Readonly<Record<string, string | number | boolean | undefined>> = {},
    options: CallOptions = {},
  ): Promise<Profile> {
    const encode = () => ({ query: queryPairs(query) });
    return (await this.#call("listProfiles", options, encode)) as Profile;
  }

  /**
   * Reads a profile.
   *
   * @param profileId the profile: 24 letters and digits
   * @param options the signal
   * @returns the profile
   * @throws {ValidationError} when the profile id is invalid
   * @throws {CognigyError} when the call failed
   */
  async getProfile(profileId: string, options: CallOptions = {}): Promise<Profile> {
    return (await this.#call("getProfile", options, () => idFields({ profileId }))) as Profile;
  }

  /**
   * Creates a profile. After an ambiguous failure the request is not retried, because a second request
   * could create a second profile.
   *
   * @param profile the fields of the profile: `{ profile?, active?, contactIds? }`
   * @param options the signal
   * @returns the new profile
   * @throws {ValidationError} with every issue of the fields; nothing was sent
   * @throws {CognigyError} when the call failed
   */
  async createProfile(profile: object, options: CallOptions = {}): Promise<Profile> {
    return (await this.#call("createProfile", options, () => valueFields(profile))) as Profile;
  }

  /**
   * Changes a profile.
   *
   * @param profileId the profile: 24 letters and digits
   * @param changes the fields to change: `{ profile?, active?, contactIds? }`; absent fields stay the same
   * @param options the signal
   * @returns the changed profile
   * @throws {ValidationError} with every issue of the profile id and the fields; nothing was sent
   * @throws {CognigyError} when the call failed
   */
  async updateProfile(
    profileId: string,
    changes: object,
    options: CallOptions = {},
  ): Promise<Profile> {
    const encode = () => ({ ...idFields({ profileId }), ...valueFields(changes) });
    return (await this.#call("updateProfile", options, encode)) as Profile;
  }

  /**
   * Deletes a profile. A 404 after an ambiguous failure counts as success: the failed attempt has deleted
   * the profile.
   *
   * @param profileId the profile: 24 letters and digits
   * @param options the signal
   * @throws {ValidationError} when the profile id is invalid
   * @throws {CognigyError} when the call failed
   */
  async deleteProfile(profileId: string, options: CallOptions = {}): Promise<void> {
    await this.#call("deleteProfile", options, () => idFields({ profileId }));
  }

  // --- metrics, audit trail, webhooks and memory --------------------------------------------------

  /**
   * Returns metrics of the injections of this client and its copies.
   *
   * @returns counts and durations since the client was created
   * @throws {ConfigurationError} when the client was freed, or its module is not loaded
   */
  metrics(): Metrics {
    return camelizeKeys(parseJson(this.#connection.handle.metrics()));
  }

  /**
   * Returns metrics of the updates of dialog states by this client and its copies.
   *
   * @returns the share of successful updates, and their average duration
   * @throws {ConfigurationError} when the client was freed, or its module is not loaded
   */
  stateMetrics(): StateMetrics {
    return camelizeKeys(parseJson(this.#connection.handle.stateMetrics()));
  }

  /**
   * Returns the newest audit records of this client and its copies. The client keeps the last 1,000.
   *
   * @param count greatest number of records to return, an integer from 0; default: 100
   * @returns the records, oldest first
   * @throws {TypeError} when `count` is not a number
   * @throws {ConfigurationError} when `count` is not an integer from 0, when the client was freed, or
   *   when its module is not loaded
   */
  auditTrail(count = 100): AuditRecord[] {
    requireNumber("count", count);
    // WebAssembly would convert any other value to an integer of 32 bits.
    if (!Number.isInteger(count) || count < 0) {
      throw new ConfigurationError("count must be an integer of 0 or more");
    }
    const limit = Math.min(count, 2 ** 32 - 1);
    return (parseJson(this.#connection.handle.auditTrail(limit)) as unknown[]).map(toAuditRecord);
  }

  /**
   * Waits for queued webhook deliveries to finish, and then drops the rest. `metrics().droppedNotices` includes
   * the dropped ones. A delivery that is in flight at that moment counts as dropped, although it may have reached
   * the webhook. Call it before the process ends; the client and its copies can still be used.
   *
   * @param seconds greatest time to wait, in seconds; default: 5
   * @param options the signal
   * @returns the number of deliveries that were dropped
   * @throws {TypeError} when an argument has the wrong type
   * @throws {ConfigurationError} when `seconds` is less than 0 or not finite, or the client was freed
   */
  async close(seconds?: number, options: CallOptions = {}): Promise<number> {
    const encode = () => (seconds === undefined ? {} : { seconds: encodeNumber("seconds", seconds) });
    return (await this.#call("close", options, encode)) as number;
  }

  /**
   * Waits for queued webhook deliveries to finish.
   *
   * @param seconds greatest time to wait, in seconds
   * @param options the signal
   * @returns whether all deliveries have finished
   * @throws {TypeError} when an argument has the wrong type
   * @throws {ConfigurationError} when `seconds` is less than 0 or not finite, or the client was freed
   */
  async drain(seconds: number, options: CallOptions = {}): Promise<boolean> {
    const encode = () => ({ seconds: encodeNumber("seconds", seconds) });
    return (await this.#call("drain", options, encode)) as boolean;
  }

  /**
   * Releases the client's memory immediately. Pending calls finish; later calls reject with a
   * `ConfigurationError`. Without this call, the garbage collector releases the memory later.
   */
  free(): void {
    this.#connection.free();
  }

  /** Makes a call and parses its result. */
  async #call(name: string, options: CallOptions, encode: () => CallFields): Promise<unknown> {
    return parseJson(await this.#connection.call(name, options, encode));
  }

  static {
    setClassName(this, "Client");
    makeDisposable(this);
  }
}

/** Splits an update. Returns an invalid update unsplit: its call then rejects with the reason. */
function splitUpdate(update: StateUpdate): StateUpdate[] {
  try {
    return update.split();
  } catch {
    return [update];
  }
}
