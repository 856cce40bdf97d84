import { hashSessionId as hashInCore, webhookVariables as variablesInCore } from "wasm-glue";
import { withMappedErrors } from "./error-mapping.js";
import { toJson, parseJson } from "./json.js";
import { isWellFormed, type JsonText, writeJsonText } from "./text.js";
import { ensureStarted, writeText } from "./wasm.js";

/** One message of a user, as the web-messaging webhook gets it. Unknown fields are ignored. */
export interface WebhookEvent {
  readonly sessionId: string;
  readonly userId: string;
  /** What the user wrote. */
  readonly message: string;
  /** For example `web`. */
  readonly channel: string;
  /** When, in the unit of the sender: a whole number. */
  readonly timestamp: number | bigint;
  /** What else the sender gives. */
  readonly custom?: Readonly<Record<string, unknown>> | null | undefined;
}

/** What a flow gets to read of an event. The names are those of the flow. */
export interface WebhookVariables {
  last_user_message: string;
  /** A BigInt where no number holds it exactly. */
  webhook_timestamp: number | bigint;
  channel_type: string;
  /** The `custom` object as JSON text; `{}` when there is none. */
  custom_data: string;
}

/**
 * The variables that are derived of a webhook event.
 *
 * @param event the event: an object, or the JSON text of one as a string or UTF-8 bytes
 * @throws {ValidationError} with every issue when it is no event
 *
 * @example
 * ```js
 * webhookVariables({
 *   sessionId: "s-1", userId: "u-1", message: "hi", channel: "web", timestamp: 7,
 * });
 * // { last_user_message: "hi", webhook_timestamp: 7, channel_type: "web", custom_data: "{}" }
 * ```
 */
export function webhookVariables(event: WebhookEvent | JsonText): WebhookVariables {
  const { maxNesting } = ensureStarted();
  let length: number;
  let marked = false;
  if (isText(event)) {
    length = writeJsonText(event);
  } else {
    // `undefined` is how an object says that it has no such field.
    const json = toJson(withoutUndefined(event), maxNesting);
    marked = json.hasSentinels;
    length = writeText(json.text);
  }
  return parseJson(withMappedErrors(() => variablesInCore(length, marked))) as WebhookVariables;
}

/**
 * The SHA-256 of a session id in lower-case hexadecimal, as it may stand in logs and stores; under
 * a key the HMAC-SHA-256, for stores that others can read.
 *
 * @param key text, or bytes
 * @throws {ValidationError} `lone_surrogate` when the id is no well-formed text
 *
 * @example
 * ```js
 * hashSessionId("s-1"); // "6a840baf…", 64 characters
 * ```
 */
export function hashSessionId(sessionId: string, key?: string | Uint8Array): string {
  ensureStarted();
  if (typeof sessionId !== "string") throw new TypeError("sessionId must be a string");
  return withMappedErrors(() => hashInCore(JSON.stringify(sessionId), bytesOf(key)));
}

function bytesOf(key: string | Uint8Array | undefined): Uint8Array | undefined {
  if (key === undefined) return undefined;
  if (ArrayBuffer.isView(key)) return new Uint8Array(key.buffer, key.byteOffset, key.byteLength);
  if (typeof key !== "string" || !isWellFormed(key)) {
    throw new TypeError("key must be well-formed text or bytes");
  }
  return new TextEncoder().encode(key);
}

function isText(event: unknown): event is JsonText {
  return (
    typeof event === "string" ||
    ArrayBuffer.isView(event) ||
    Object.prototype.toString.call(event) === "[object ArrayBuffer]"
  );
}

function withoutUndefined(event: WebhookEvent): unknown {
  if (typeof event !== "object" || event === null || Array.isArray(event)) return event;
  const { custom, ...rest } = event;
  return custom === undefined ? rest : event;
}
