/** Checked requests for hosts that send them themselves, for example in an HTTP Request node of a flow. */
import type { CallFields } from "../client/call-fields.js";
import { withMappedErrors } from "../error-mapping.js";
import { toJson } from "../json.js";
import { type PolicyArgument, withPolicy } from "../policy.js";
import { PLACEHOLDER } from "../text.js";
import { requireOptionalString, requireString } from "../util/arguments.js";
import { ensureStarted, writeText } from "../wasm.js";

/** The tenant and the credentials of a request. */
export interface RequestAddress {
  /**
   * Address of the tenant's API, for example `https://api-trial.cognigy.ai`. A trailing `/new`,
   * `/api/v1` or `/api/v2` is recognised.
   */
  readonly baseUrl: string;
  /**
   * API key, sent as `X-API-Key`. Default: none. Without credentials, add an authentication header to
   * the request yourself.
   */
  readonly apiKey?: string | undefined;
  /** Access token, sent as `Authorization: Bearer` if there is no `apiKey`. Default: none. */
  readonly bearerToken?: string | undefined;
}

/** A checked HTTP request, ready to be sent by any HTTP client. */
export interface PreparedRequest {
  /** The HTTP method. */
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** The absolute URL, with the ids percent-encoded. */
  readonly url: string;
  /** The HTTP headers by name. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body: JSON text that must be sent unchanged, or `null` without a body. */
  readonly body: string | null;
}

/**
 * Has the core check the arguments of an operation and build its request.
 *
 * @param operation the operation, as the core names it
 * @param address the tenant and the credentials
 * @param encode encodes the arguments. Adds those texts of the input buffer to `texts` that the body may
 *   repeat unchanged
 * @param policy the policy to check with; default: `platform`
 * @returns the request
 * @throws {TypeError} when an argument has the wrong type
 * @throws {ValidationError} when the data or an id is invalid
 * @throws {ConfigurationError} when the base URL, a credential or the policy is invalid
 *
 * @internal
 */
export function prepareRequest(
  operation: string,
  { baseUrl, apiKey, bearerToken }: RequestAddress,
  encode: (texts: string[]) => CallFields,
  policy: PolicyArgument = "platform",
): PreparedRequest {
  requireString("baseUrl", baseUrl);
  requireOptionalString("apiKey", apiKey);
  requireOptionalString("bearerToken", bearerToken);
  return withPolicy(policy, (handle) => {
    // All of the caller's code runs in `encode`, so nothing else writes into the buffer before the core
    // reads it.
    const texts: string[] = [];
    const fields = encode(texts);
    fields.baseUrl = baseUrl;
    fields.apiKey = apiKey;
    fields.bearerToken = bearerToken;
    const json = JSON.stringify(fields);
    // One line of JSON, followed by the body if there is one.
    const text = withMappedErrors(() => handle.request(operation, json));
    const lineEnd = text.indexOf("\n");
    const head = lineEnd < 0 ? text : text.slice(0, lineEnd);
    const { method, url, headers } = JSON.parse(head) as PreparedRequest;
    return { method, url, headers, body: lineEnd < 0 ? null : insertTexts(text.slice(lineEnd + 1), texts) };
  });
}

/**
 * Writes a value into the input buffer, and adds its text to `texts`.
 *
 * @param value the value
 * @param texts the texts that replace the placeholders of the body
 * @returns the number of bytes written
 *
 * @internal
 */
export function writeValue(value: unknown, texts: string[]): number {
  const { text } = toJson(value, ensureStarted().maxNesting);
  texts.push(text);
  return writeText(text);
}

/** Replaces each placeholder in a body with its text. */
function insertTexts(body: string, texts: readonly string[]): string {
  const [first = "", ...others] = body.split(PLACEHOLDER);
  return others.reduce((result, part, index) => result + (texts[index] ?? "") + part, first);
}
