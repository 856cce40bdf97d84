import { hashSessionId as hashInCore, webhookVariables as deriveInCore } from "wasm-glue";
import { withMappedErrors } from "./error-mapping.js";
import { parseJson, toJson } from "./json.js";
import { isDateObject } from "./payload.js";
import { isJsonText, isWellFormed, type JsonText, writeJsonText } from "./text.js";
import { objectArgument, requireString, surrogateError, typeError } from "./util/arguments.js";
import { ensureStarted, writeText } from "./wasm.js";

/** An event of the web-messaging webhook: one message of a user. Other fields are ignored. */
export interface WebhookEvent {
  /** The session. */
  readonly sessionId: string;
  /** The user who wrote the message. */
  readonly userId: string;
  /** The text that the user wrote. */
  readonly message: string;
  /** The channel, for example `web`. */
  readonly channel: string;
  /** The time of the message since 1970, an integer: in milliseconds from 10¹¹ on, otherwise in seconds. */
  readonly timestamp: number | bigint;
  /** Additional data of the sender. */
  readonly custom?: Readonly<Record<string, unknown>> | null | undefined;
}

/** The variables that a flow reads. The names of the fields are the names in the flow. */
export interface WebhookVariables {
  /** The `message` of the event. */
  last_user_message: string;
  /** The `timestamp` of the event. A BigInt when a number cannot represent it exactly. */
  webhook_timestamp: number | bigint;
  /** The `channel` of the event. */
  channel_type: string;
  /** The `custom` object as JSON text; `{}` without one. */
  custom_data: string;
}

/** The options of {@link webhookVariables}. */
export interface WebhookOptions {
  /** The current time. An event more than 24 h ahead of it is invalid. Default: the time is not checked. */
  readonly now?: Date | undefined;
}

/**
 * Derives the variables of a flow from a webhook event.
 *
 * @param event the event: an object, or JSON text as a string or UTF-8 bytes
 * @param options the options; default: none
 * @returns the variables
 * @throws {ValidationError} with every issue when the event is invalid; `invalid_timestamp` when its timestamp is
 *   more than 24 h ahead of `now`
 * @throws {TypeError} when `now` is not a valid `Date`
 *
 * @example
 * ```js
 * webhookVariables({
 *   sessionId: "s-1", userId: "u-1", message: "hi", channel: "web", timestamp: 7,
 * });
 * // { last_user_message: "hi", webhook_timestamp: 7, channel_type: "web", custom_data: "{}" }
 * ```
 */
export function webhookVariables(
  event: WebhookEvent | JsonText,
  options: WebhookOptions = {},
): WebhookVariables {
  const { maxNesting } = ensureStarted();
  const now = toSeconds(options);
  let length: number;
  let hasSentinels = false;
  if (isJsonText(event)) {
    length = writeJsonText(event);
  } else {
    const json = toJson(withoutUndefinedCustom(event), maxNesting);
    hasSentinels = json.hasSentinels;
    length = writeText(json.text);
  }
  return parseJson(withMappedErrors(() => deriveInCore(length, hasSentinels, now))) as WebhookVariables;
}

/**
 * Returns the SHA-256 hash of a session id in lower-case hexadecimal, for logs and stores that must not
 * contain the id. With a key, returns the HMAC-SHA-256, for stores that others can read.
 *
 * @param sessionId the session
 * @param key the key: text or bytes; default: none
 * @returns the hash, 64 characters
 * @throws {ValidationError} `lone_surrogate` when the id contains half of a surrogate pair
 * @throws {TypeError} when an argument has the wrong type, or `key` contains half of a surrogate pair
 *
 * @example
 * ```js
 * hashSessionId("s-1"); // "6a840baf…", 64 characters
 * ```
 */
export function hashSessionId(sessionId: string, key?: string | Uint8Array): string {
  ensureStarted();
  requireString("sessionId", sessionId);
  return withMappedErrors(() => hashInCore(JSON.stringify(sessionId), toKeyBytes(key)));
}

/** Returns the `now` of the options in seconds since 1970. */
function toSeconds(options: WebhookOptions): number | undefined {
  const { now } = objectArgument("options", options);
  if (now === undefined) return undefined;
  const milliseconds = isDateObject(now) ? now.getTime() : NaN;
  if (Number.isNaN(milliseconds)) throw typeError("now", "a valid Date", now);
  return milliseconds / 1000;
}

function toKeyBytes(key: string | Uint8Array | undefined): Uint8Array | undefined {
  if (key === undefined) return undefined;
  if (ArrayBuffer.isView(key)) return new Uint8Array(key.buffer, key.byteOffset, key.byteLength);
  if (typeof key !== "string") throw typeError("key", "a string or a Uint8Array", key);
  if (!isWellFormed(key)) throw surrogateError("key");
  return new TextEncoder().encode(key);
}

/** Returns the event without a `custom` that is `undefined`, which means the same as a missing field. */
function withoutUndefinedCustom(event: WebhookEvent): unknown {
  if (typeof event !== "object" || event === null || Array.isArray(event)) return event;
  const { custom, ...rest } = event;
  return custom === undefined ? rest : event;
}
