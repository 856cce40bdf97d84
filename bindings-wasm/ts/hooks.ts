/** What the core calls of a client's own functions. */
import type { ClientOptions, ApiFamily } from "./client-options.js";
import { environmentVariable } from "./environment.js";
import { recordOf, type StateUpdateResult, told, updatedOf } from "./results.js";

/** Hears of an update of a dialog's state that succeeded. */
export type StateListener = (
  dialogId: string,
  payload: Record<string, unknown>,
  result: StateUpdateResult,
) => void;

/** The functions that a client was given. The client keeps them. */
export class ClientFunctions {
  /** What `getToken` last threw: the cause of the error that comes of it. */
  tokenCause: unknown;
  /** Whether the core tells of updated states. */
  isHeard = false;
  readonly listeners = new Set<StateListener>();
  readonly getToken: ClientOptions["getToken"];
  readonly audit: ClientOptions["audit"];

  constructor({ getToken, audit }: ClientOptions) {
    this.getToken = getToken;
    this.audit = audit;
  }
}

/**
 * What the core holds of them: no more than a weak reference. A function that knows its client would
 * otherwise keep it for ever, as no garbage collector sees through the core.
 *
 * @internal
 */
export class Hooks {
  readonly #functions: WeakRef<ClientFunctions>;

  constructor(functions: ClientFunctions) {
    this.#functions = new WeakRef(functions);
  }

  variable(name: string): string | undefined {
    return environmentVariable(name);
  }

  async token(family: ApiFamily): Promise<string> {
    const functions = this.#functions.deref();
    try {
      const given = await functions?.getToken?.(family);
      const { token, expiresIn } = typeof given === "object" ? given : { token: given };
      if (typeof token !== "string" || (expiresIn !== undefined && !Number.isFinite(expiresIn))) {
        throw new TypeError("getToken gave no token: expected text, or {token, expiresIn?}");
      }
      return JSON.stringify([token, expiresIn ?? null]);
    } catch (error) {
      if (functions) functions.tokenCause = error;
      throw error;
    }
  }

  record(record: string): void {
    this.#functions.deref()?.audit?.(recordOf(told(record)));
  }

  stateUpdated(dialogId: string, payload: string, result: string): void {
    const functions = this.#functions.deref();
    if (!functions) return;
    let failed: { error: unknown } | undefined;
    for (const listener of [...functions.listeners]) {
      try {
        listener(dialogId, told(payload) as Record<string, unknown>, updatedOf(told(result)));
      } catch (error) {
        failed ??= { error };
      }
    }
    if (failed) throw failed.error;
  }
}
