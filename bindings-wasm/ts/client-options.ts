/** What a client is made of, and how it goes over to the core. */
import { ConfigurationError } from "./errors.js";
import type { Fetch } from "./network.js";
import type { PolicyArgument } from "./policy.js";
import type { AuditRecord } from "./results.js";

/**
 * A family of routes. Each has a token endpoint and a scope of its own.
 *
 * - `sessions_v1`: variables that are appended
 * - `sessions_v2`: injections that the server merges
 * - `botsessions`: variables that are read
 * - `documents`: context documents
 * - `runtime_v2`: the state of dialogs
 * - `platform`: contexts, states and profiles of the platform itself (`/new/v2.0`)
 */
export type ApiFamily =
  | "sessions_v1"
  | "sessions_v2"
  | "botsessions"
  | "documents"
  | "runtime_v2"
  | "platform";

/** A token, and how long it is good for. */
export interface Token {
  /** The token, as it goes behind `Bearer`. */
  readonly token: string;
  /** For how many seconds it is good; without it, the client's `tokenLifetime`. */
  readonly expiresIn?: number | undefined;
}

/** Most requests in any stretch of time of a length. */
export interface Rate {
  /** How many, 1 at least. */
  readonly requests: number;
  /** How many seconds the stretch is long. */
  readonly window: number;
}

/**
 * What a client is made of.
 *
 * Credentials are one of: `apiKey`, `bearerToken`, `getToken`, or `clientId` with `clientSecret`. A
 * key may stand beside another of them: it then serves the family `platform`, and that the others.
 */
export interface ClientOptions {
  /**
   * Where the tenant's API is, for example `https://api-trial.cognigy.ai`; an ending `/new`,
   * `/api/v1` or `/api/v2` is recognised. In Node also from `COGNIGY_BASE_URL` or
   * `COGNIGY_TENANT_URL`.
   */
  readonly baseUrl?: string | undefined;
  /** The key that is sent as `X-API-Key`. In Node also from `COGNIGY_API_KEY`. */
  readonly apiKey?: string | undefined;
  /** A token that is ready, sent as `Authorization: Bearer`. */
  readonly bearerToken?: string | undefined;
  /**
   * Gives a token for a family of routes: the way for a browser, whose own server has the secret.
   * Each is kept until shortly before its end, or until it is refused; many calls that need one at
   * once ask for it once. What it throws is the `cause` of the `AuthenticationError`.
   */
  readonly getToken?: ((family: ApiFamily) => string | Token | Promise<string | Token>) | undefined;
  /** Id of an OAuth 2 client. In Node also from `COGNIGY_CLIENT_ID`. */
  readonly clientId?: string | undefined;
  /**
   * Secret of that client. In Node also from `COGNIGY_CLIENT_SECRET`. Refused in browsers, where
   * everybody could read it.
   */
  readonly clientSecret?: string | undefined;
  /**
   * Takes a client secret in a browser all the same: for tests, and for kiosks whose users are all
   * trusted with it.
   */
  readonly dangerouslyAllowClientSecret?: boolean | undefined;
  /** The tenant, sent as `organisation-id`. In Node also from `COGNIGY_TENANT_ID`. */
  readonly tenantId?: string | undefined;
  /** Token endpoints that are others than the usual ones: whole addresses. */
  readonly tokenUrls?: Readonly<Partial<Record<ApiFamily, string>>> | undefined;
  /** Scopes that are others than the usual ones, parted by spaces. */
  readonly scopes?: Readonly<Partial<Record<ApiFamily, string>>> | undefined;
  /** What contexts of the family `platform` are held against; without it, `platform`. */
  readonly policy?: PolicyArgument | undefined;
  /** Refuse session ids that do not start so, for example `sess_`. */
  readonly sessionIdPrefix?: string | undefined;
  /** Seconds that a whole call may take, with all its attempts and waits; without it, 60. */
  readonly deadline?: number | undefined;
  /** Seconds that one attempt may take; without it, 15. */
  readonly attemptTimeout?: number | undefined;
  /** Seconds that an attempt to get a token may take; without it, 10. */
  readonly tokenTimeout?: number | undefined;
  /** Seconds that a token lives whose lifetime nobody says; without it, 3,600. */
  readonly tokenLifetime?: number | undefined;
  /** How often a failed request is sent again; without it, 3: four attempts in all. */
  readonly maxRetries?: number | undefined;
  /** How many requests are under way at a time; without it, 5. */
  readonly maxConcurrent?: number | undefined;
  /**
   * Most requests of the families but `platform`; without it, 100 in 60 seconds. `null`: as many as
   * there are.
   */
  readonly rate?: Rate | null | undefined;
  /** Most requests of the family `platform`; without it, 1,000 in 300 seconds. `null`: no limit. */
  readonly platformRate?: Rate | null | undefined;
  /**
   * Takes a record of every operation when it is over, beside the memory of the client. It is called
   * in its course, so it must be quick; what it throws changes nothing.
   */
  readonly audit?: ((record: AuditRecord) => void) | undefined;
  /**
   * Whether audit records hold session and dialog ids in the clear and not their hashes. A session id
   * lets whoever reads it join the conversation.
   */
  readonly logRawSessionIds?: boolean | undefined;
  /** The address that is told of each injection. In Node also from `CRM_WEBHOOK_URL`. */
  readonly crmWebhook?: string | undefined;
  /** The secret that it is told under, as Standard Webhooks write it: `whsec_` and Base64. */
  readonly crmWebhookSecret?: string | undefined;
  /** The address that is told of each debug snapshot. */
  readonly snapshotWebhook?: string | undefined;
  /** What sends the requests; without it, the host's own `fetch`. */
  readonly fetch?: Fetch | undefined;
}

const TEXTS = [
  "baseUrl",
  "apiKey",
  "bearerToken",
  "clientId",
  "clientSecret",
  "tenantId",
  "sessionIdPrefix",
  "crmWebhook",
  "crmWebhookSecret",
  "snapshotWebhook",
] as const;

const FIGURES = [
  "deadline",
  "attemptTimeout",
  "tokenTimeout",
  "tokenLifetime",
  "maxRetries",
  "maxConcurrent",
] as const;

/**
 * The options as JSON for the core, which judges them.
 *
 * @throws {TypeError} when one is of another kind; its value is not repeated
 * @throws {ConfigurationError} for a client secret in a browser
 */
export function optionsText(options: ClientOptions): string {
  refuseSecrets(options);
  const told: Record<string, unknown> = {};
  for (const name of TEXTS) {
    const text: unknown = options[name];
    if (text === undefined) continue;
    if (typeof text !== "string") throw new TypeError(`${name} must be a string`);
    told[name] = text;
  }
  for (const name of FIGURES) {
    if (options[name] !== undefined) told[name] = figure(options[name]);
  }
  for (const name of ["rate", "platformRate"] as const) {
    const rate = options[name];
    if (rate === undefined) continue;
    told[name] = rate && { requests: figure(rate.requests), window: figure(rate.window) };
  }
  for (const name of ["tokenUrls", "scopes"] as const) {
    const texts = Object.entries(options[name] ?? {}).filter(([, text]) => text !== undefined);
    if (texts.length > 0) told[name] = texts;
  }
  for (const name of ["getToken", "audit"] as const) {
    if (options[name] === undefined) continue;
    if (typeof options[name] !== "function") throw new TypeError(`${name} must be a function`);
    told[name] = true;
  }
  told["logRawSessionIds"] = options.logRawSessionIds === true;
  return JSON.stringify(told);
}

/** JSON would turn what is no number into `null`; the core is to see that there was something. */
export function figure(value: unknown): unknown {
  return typeof value === "number" && Number.isFinite(value) ? value : String(value);
}

function refuseSecrets(options: ClientOptions): void {
  if (options.clientSecret === undefined || options.dangerouslyAllowClientSecret === true) return;
  if (isBrowser()) {
    throw new ConfigurationError(
      "a client secret in a browser is known to everybody: give getToken, which asks your own server for a token",
    );
  }
}

/**
 * Whether this is a page or a worker of one. All browsers say that they are Mozilla, and no server
 * does; those have windows and workers of their own at times.
 */
function isBrowser(): boolean {
  const agent: unknown = (globalThis as { navigator?: { userAgent?: unknown } }).navigator?.userAgent;
  return typeof agent === "string" && agent.startsWith("Mozilla/");
}
