/** What the Live view asks its worker for. */
export type Operation = "injectContext" | "inject" | "getVariables" | "getDocument" | "updateState";

export interface LiveCall {
  readonly operation: Operation;
  readonly baseUrl: string;
  readonly apiKey: string;
  /** The session, or the dialog. */
  readonly session: string;
  readonly user: string;
  readonly name: string;
  readonly scope: string;
  readonly includeSystem: boolean;
  /** The document in the editor. */
  readonly text: string;
  readonly existing: string;
  /** Only tell the request, and send nothing. */
  readonly dryRun: boolean;
}

/** A request as it goes out. */
export interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | undefined;
}

export interface LiveAnswer {
  /** The last request: of a call that was refused before it was sent there is none. */
  readonly sent?: Sent | undefined;
  readonly status?: number | undefined;
  /** What came back, as it came. */
  readonly body?: string | undefined;
  /** Milliseconds of the whole call. */
  readonly took: number;
  /** Why it failed. */
  readonly failed?: { readonly name: string; readonly message: string; readonly hint?: string | undefined };
}
