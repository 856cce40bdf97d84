/** The options of a client, and their conversion to JSON for the core. */
import { ConfigurationError } from "../errors.js";
import type { Fetch } from "./network.js";
import type { PolicyArgument } from "../policy.js";
import type { AuditRecord } from "./results.js";
import {
  encodeNumber,
  objectArgument,
  optionalBoolean,
  requireOptionalFunction,
  requireOptionalString,
  typeError,
} from "../util/arguments.js";

/**
 * A family of API routes. Each has its own token endpoint and scope.
 *
 * - `sessions_v1`: appends variables (v1 API)
 * - `sessions_v2`: injects variables that the server merges
 * - `botsessions`: reads variables
 * - `documents`: context documents
 * - `runtime_v2`: the state of dialogs
 * - `platform`: contexts, states and profiles of the platform (`/new/v2.0`)
 */
export type ApiFamily =
  | "sessions_v1"
  | "sessions_v2"
  | "botsessions"
  | "documents"
  | "runtime_v2"
  | "platform";

/** An access token with its lifetime. */
export interface Token {
  /** The token, without `Bearer`. */
  readonly token: string;
  /** Lifetime in seconds. Default: the client's `tokenLifetime`. */
  readonly expiresIn?: number | undefined;
}

/** A rate limit: the greatest number of requests in a sliding time window. */
export interface Rate {
  /** Number of requests, at least 1. */
  readonly requests: number;
  /** Length of the window in seconds, more than 0. */
  readonly window: number;
}

/**
 * The options of a client.
 *
 * Credentials are one of: `apiKey`, `bearerToken`, `getToken`, or `clientId` with `clientSecret`. An
 * `apiKey` can be combined with one of the others: it then serves the family `platform`, and the other
 * serves the remaining families.
 */
export interface ClientOptions {
  /**
   * Address of the tenant's API, for example `https://api-trial.cognigy.ai`. A trailing `/new`,
   * `/api/v1` or `/api/v2` is recognised. Default in Node: `COGNIGY_BASE_URL` or `COGNIGY_TENANT_URL`.
   */
  readonly baseUrl?: string | undefined;
  /** API key, sent as `X-API-Key`. Default in Node: `COGNIGY_API_KEY`. */
  readonly apiKey?: string | undefined;
  /** Access token, sent as `Authorization: Bearer`. Default: none. */
  readonly bearerToken?: string | undefined;
  /**
   * Gets an access token for a family of routes. Use it in browsers, and keep the secret on your own
   * server. A token is cached until shortly before it expires, or until the API rejects it. Concurrent
   * calls share one request for a token. An exception becomes the `cause` of an `AuthenticationError`.
   * Default: none.
   */
  readonly getToken?: ((family: ApiFamily) => string | Token | Promise<string | Token>) | undefined;
  /** OAuth 2 client id. Default in Node: `COGNIGY_CLIENT_ID`. */
  readonly clientId?: string | undefined;
  /**
   * OAuth 2 client secret. Default in Node: `COGNIGY_CLIENT_SECRET`. Rejected in browsers, where every
   * visitor could read it.
   */
  readonly clientSecret?: string | undefined;
  /**
   * Accepts a client secret in a browser: for tests, and for kiosks whose users may all know the secret.
   * Default: `false`.
   */
  readonly dangerouslyAllowClientSecret?: boolean | undefined;
  /** Tenant id, sent as `organisation-id`. Default in Node: `COGNIGY_TENANT_ID`. */
  readonly tenantId?: string | undefined;
  /** Absolute URLs of token endpoints, by API family. Default: the endpoints of the tenant. */
  readonly tokenUrls?: Readonly<Partial<Record<ApiFamily, string>>> | undefined;
  /** OAuth 2 scopes by API family, separated by spaces. Default: the scopes that the API documents. */
  readonly scopes?: Readonly<Partial<Record<ApiFamily, string>>> | undefined;
  /** Policy that contexts of the family `platform` are checked against. Default: `platform`. */
  readonly policy?: PolicyArgument | undefined;
  /** Prefix that every session id must have, for example `sess_`. Default: none. */
  readonly sessionIdPrefix?: string | undefined;
  /** Time limit of a call in seconds, with all attempts and waits. Default: 60. */
  readonly deadline?: number | undefined;
  /** Time limit of one attempt in seconds. Default: 15. */
  readonly attemptTimeout?: number | undefined;
  /** Time limit of an attempt to get a token, in seconds. Default: 10. */
  readonly tokenTimeout?: number | undefined;
  /** Lifetime in seconds of tokens that do not state one. Default: 3,600. */
  readonly tokenLifetime?: number | undefined;
  /** Number of retries after a transient error. Default: 3, which is four attempts in total. */
  readonly maxRetries?: number | undefined;
  /** Greatest number of concurrent requests. Default: 5. */
  readonly maxConcurrent?: number | undefined;
  /**
   * Rate limit of all families but `platform`. Default: 100 requests in 60 seconds. `null`: no limit.
   */
  readonly rate?: Rate | null | undefined;
  /** Rate limit of the family `platform`. Default: 1,000 requests in 300 seconds. `null`: no limit. */
  readonly platformRate?: Rate | null | undefined;
  /**
   * Receives a record after each operation, in addition to the client's audit trail. It runs during
   * the call, so keep it fast. Its exceptions are ignored. Default: none.
   */
  readonly audit?: ((record: AuditRecord) => void) | undefined;
  /**
   * Whether audit records contain session and dialog ids in clear text instead of their SHA-256. A
   * session id lets its reader join the conversation. Default: `false`.
   */
  readonly logRawSessionIds?: boolean | undefined;
  /** Webhook URL that receives an event after each injection. Default in Node: `CRM_WEBHOOK_URL`. */
  readonly crmWebhook?: string | undefined;
  /**
   * Secret that signs the events for `crmWebhook`, in the form of Standard Webhooks: `whsec_` and Base64.
   * Default: none; events are not signed.
   */
  readonly crmWebhookSecret?: string | undefined;
  /** Webhook URL that receives each debug snapshot. Default: none. */
  readonly snapshotWebhook?: string | undefined;
  /** Function that sends the requests. Default: the host's `fetch`. */
  readonly fetch?: Fetch | undefined;
}

const STRING_OPTIONS = [
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

const NUMBER_OPTIONS = [
  "deadline",
  "attemptTimeout",
  "tokenTimeout",
  "tokenLifetime",
  "maxRetries",
  "maxConcurrent",
] as const;

/**
 * Converts options to JSON for the core, which validates their values.
 *
 * @param options the options of the caller
 * @returns the JSON text, without the functions
 * @throws {TypeError} when an option has the wrong type
 * @throws {ConfigurationError} for a client secret in a browser
 */
export function toOptionsJson(options: ClientOptions): string {
  objectArgument("options", options);
  rejectSecretInBrowser(options);
  const json: Record<string, unknown> = {};
  for (const name of STRING_OPTIONS) {
    const text: unknown = options[name];
    requireOptionalString(name, text);
    json[name] = text;
  }
  for (const name of NUMBER_OPTIONS) {
    if (options[name] !== undefined) json[name] = encodeNumber(name, options[name]);
  }
  for (const name of ["rate", "platformRate"] as const) {
    if (options[name] !== undefined) json[name] = encodeRate(name, options[name]);
  }
  for (const name of ["tokenUrls", "scopes"] as const) {
    if (options[name] === undefined) continue;
    const entries: [string, unknown][] = Object.entries(objectArgument(name, options[name]));
    const texts = entries.filter(([, text]) => text !== undefined);
    for (const [, text] of texts) {
      if (typeof text !== "string") throw typeError(`each value of ${name}`, "a string", text);
    }
    if (texts.length > 0) json[name] = texts;
  }
  for (const name of ["getToken", "audit", "fetch"] as const) {
    requireOptionalFunction(name, options[name]);
  }
  json["getToken"] = options.getToken !== undefined;
  json["audit"] = options.audit !== undefined;
  json["logRawSessionIds"] = optionalBoolean("logRawSessionIds", options.logRawSessionIds);
  return JSON.stringify(json);
}

/** @throws {TypeError} when a rate is neither `null` nor an object with two numbers */
function encodeRate(name: string, rate: Rate | null): unknown {
  if (rate === null) return null;
  const { requests, window } = objectArgument(name, rate, "{ requests, window } or null");
  return {
    requests: encodeNumber(`requests of ${name}`, requests),
    window: encodeNumber(`window of ${name}`, window),
  };
}

/** @throws {ConfigurationError} for a client secret in a browser, unless the options allow it */
function rejectSecretInBrowser(options: ClientOptions): void {
  const isAllowed = optionalBoolean("dangerouslyAllowClientSecret", options.dangerouslyAllowClientSecret);
  if (options.clientSecret === undefined || isAllowed) return;
  if (isBrowser()) {
    throw new ConfigurationError(
      "clientSecret is not allowed in a browser, where every visitor can read it. Pass getToken, which gets a token from your own server.",
    );
  }
}

/**
 * Returns whether the script runs in a page or in a worker of one. The user agent of a browser starts with
 * "Mozilla/", that of a server does not. Servers can have `window` and `Worker` too.
 */
function isBrowser(): boolean {
  const agent: unknown = (globalThis as { navigator?: { userAgent?: unknown } }).navigator?.userAgent;
  return typeof agent === "string" && agent.startsWith("Mozilla/");
}
