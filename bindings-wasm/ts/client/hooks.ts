/** The functions that the core calls: the callbacks of a client, and a read of environment variables. */
import type { ApiFamily, ClientOptions } from "./client-options.js";
import { parseJson } from "../json.js";
import { type StateUpdateResult, toAuditRecord, toStateUpdateResult } from "./results.js";
import { typeError } from "../util/arguments.js";
import { ignoreResult } from "../util/callbacks.js";
import { emitWarning } from "./warnings.js";

/**
 * Handles a successful update of a dialog's state.
 *
 * @param dialogId the dialog
 * @param payload the update that was sent: `{ session?, user?, transition? }`
 * @param result the result of the update
 */
export type StateListener = (
  dialogId: string,
  payload: Record<string, unknown>,
  result: StateUpdateResult,
) => void;

let readEnvironment: (name: string) => string | undefined = () => undefined;

/**
 * Sets how environment variables are read. By default there are none.
 *
 * @param read returns the value of a variable, or `undefined`
 *
 * @internal
 */
export function setEnvironment(read: (name: string) => string | undefined): void {
  readEnvironment = read;
}

/**
 * The functions that the caller passed to a client. The client keeps them alive.
 *
 * @internal
 */
export class ClientCallbacks {
  /** The last exception of `getToken`, which becomes the cause of the call's error. */
  tokenCause: unknown;
  /** Whether the core reports updates of dialog states; stays `true` when the last listener is removed. */
  hasListeners = false;
  readonly listeners = new Set<StateListener>();
  readonly getToken: ClientOptions["getToken"];
  readonly audit: ClientOptions["audit"];

  constructor({ getToken, audit }: ClientOptions) {
    this.getToken = getToken;
    this.audit = audit;
  }
}

/**
 * The interface through which the core calls the callbacks. It refers to the callbacks weakly: otherwise a
 * callback that refers to its client would keep the client alive forever, because the garbage collector
 * cannot see references that go through the core.
 *
 * @internal
 */
export class Hooks {
  readonly #callbacks: WeakRef<ClientCallbacks>;

  constructor(callbacks: ClientCallbacks) {
    this.#callbacks = new WeakRef(callbacks);
  }

  /** Returns the value of an environment variable; `undefined` if it is not set. */
  variable(name: string): string | undefined {
    return readEnvironment(name);
  }

  /** Calls `getToken`. Resolves to JSON: `[token, seconds | null]`. */
  async token(family: ApiFamily): Promise<string> {
    const callbacks = this.#callbacks.deref();
    try {
      const result = await callbacks?.getToken?.(family);
      const { token, expiresIn } = typeof result === "object" && result !== null ? result : { token: result };
      if (typeof token !== "string") {
        throw typeError("the result of getToken", "a string or { token, expiresIn? }", result);
      }
      if (expiresIn !== undefined && !Number.isFinite(expiresIn)) {
        throw new TypeError("expiresIn, in the result of getToken, must be a finite number of seconds");
      }
      return JSON.stringify([token, expiresIn ?? null]);
    } catch (error) {
      if (callbacks) callbacks.tokenCause = error;
      throw error;
    }
  }

  /** Passes an audit record to the option `audit`. */
  record(record: string): void {
    ignoreResult(this.#callbacks.deref()?.audit?.(toAuditRecord(parseJson(record))));
  }

  /** Passes a warning of the core to the listeners of all clients. */
  warning(message: string): void {
    emitWarning(message);
  }

  /** Calls every listener, and then throws the first exception of a listener, if there is one. */
  stateUpdated(dialogId: string, payload: string, result: string): void {
    const callbacks = this.#callbacks.deref();
    if (!callbacks) return;
    let failure: { error: unknown } | undefined;
    for (const listener of [...callbacks.listeners]) {
      try {
        const sent = parseJson(payload) as Record<string, unknown>;
        ignoreResult(listener(dialogId, sent, toStateUpdateResult(parseJson(result))));
      } catch (error) {
        failure ??= { error };
      }
    }
    if (failure) throw failure.error;
  }
}
