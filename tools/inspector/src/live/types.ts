/** The types of the messages between the Live view and its worker. */

/** The client's method that a call uses. */
export type Operation = "injectContext" | "inject" | "getVariables" | "getDocument" | "updateState";

/** One operation and its arguments. */
export interface LiveCall {
  readonly operation: Operation;
  readonly baseUrl: string;
  readonly apiKey: string;
  /** The id of the session, or of the dialog for `updateState`. */
  readonly targetId: string;
  /** The user of the session, for `injectContext`. */
  readonly userId: string;
  /** The name of the variables to fetch; empty for all. */
  readonly name: string;
  /** The scope of the variables to fetch; empty for all. */
  readonly scope: string;
  readonly includeSystem: boolean;
  /** The document in the editor. */
  readonly text: string;
  /** JSON text of the context that the session already has; empty for none. */
  readonly existing: string;
  /** Whether to return the request without sending it. */
  readonly isDryRun: boolean;
}

/** A request, as it is sent. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | undefined;
}

/** The outcome of a call. */
export interface LiveResult {
  /** The last request. Absent if the call failed before a request was sent. */
  readonly request?: HttpRequest | undefined;
  /** The HTTP status of the last response. */
  readonly status?: number | undefined;
  /** The body of the last response. */
  readonly body?: string | undefined;
  /** The duration of the call, in milliseconds. */
  readonly durationMs: number;
  /** The error of a failed call. */
  readonly error?: { readonly name: string; readonly message: string; readonly hint?: string | undefined };
}
