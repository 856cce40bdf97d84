/** JSON text as callers have it: a string or UTF-8 bytes. */
import { writeBytes, writeText } from "./wasm.js";

/**
 * Stands in text of the core's for another text, or between two. It never stands bare in JSON.
 *
 * @internal
 */
export const PLACE = "\u0001";

/** JSON text: a string, or its UTF-8 bytes. */
export type JsonText = string | Uint8Array | ArrayBuffer;

/**
 * Writes the text into the input buffer and answers how many bytes it took.
 *
 * @internal
 */
export function writeJsonText(text: JsonText, at = 0): number {
  if (typeof text === "string") return writeText(withoutLoneSurrogates(text), at);
  // Told by their kind and not by `instanceof`, which fails for those of another realm.
  if (ArrayBuffer.isView(text)) {
    return writeBytes(new Uint8Array(text.buffer, text.byteOffset, text.byteLength), at);
  }
  if (Object.prototype.toString.call(text) === "[object ArrayBuffer]") {
    return writeBytes(new Uint8Array(text), at);
  }
  throw new TypeError("JSON text is a string, a Uint8Array or an ArrayBuffer");
}

/**
 * UTF-8 cannot carry half of a surrogate pair, and an encoder would put U+FFFD in its place
 * without a word. As an escape it says the same, and the core finds it. After a backslash it is no
 * JSON either way and stays.
 */
function withoutLoneSurrogates(text: string): string {
  if (isWellFormed(text)) return text;
  return text.replace(
    /(\\*)([\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff])/g,
    (found, backslashes: string, units: string) =>
      units.length === 2 || backslashes.length % 2 === 1
        ? found
        : `${backslashes}\\u${units.charCodeAt(0).toString(16)}`,
  );
}

/** Whether text holds no half of a surrogate pair. */
export function isWellFormed(text: string): boolean {
  const native: unknown = (text as { isWellFormed?: unknown }).isWellFormed;
  if (typeof native === "function") return native.call(text) as boolean;
  return !/\p{Surrogate}/u.test(text);
}
