/** The options of a client's calls. */
import type { VariablesQuery } from "../variables.js";

/** The options that every call takes. */
export interface CallOptions {
  /** Cancels the call, which then rejects with the signal's reason. Default: none. */
  readonly signal?: AbortSignal | undefined;
}

/** The options of `Client.inject`. */
export interface InjectOptions extends CallOptions {
  /** Data for the CRM webhook, if one is configured. Default: the `crmPayload` of the payload, or none. */
  readonly crmPayload?: unknown;
}

/** The options of `Client.injectContext`. */
export interface InjectContextOptions extends CallOptions {
  /**
   * The session's current context. Default: the context in the last response that this client got for
   * the session, or an empty context.
   */
  readonly existing?: unknown;
}

/** The options of `Client.getVariables` and `Client.debugSnapshot`: which variables to read. */
export interface ReadOptions extends CallOptions, VariablesQuery {}

/** The options of `Client.updateState`. */
export interface UpdateStateOptions extends CallOptions {
  /** Updates the state only if it still has this tag, a strong `ETag` as the server sent it. Default: updates it in any case. */
  readonly ifMatch?: string | undefined;
  /** After a conflict, reads the new tag and sends the update again, up to 16 times. Default: `false`. */
  readonly rebase?: boolean | undefined;
}
