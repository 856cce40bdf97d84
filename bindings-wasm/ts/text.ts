/** JSON text as callers pass it: a string or UTF-8 bytes. */
import { typeError } from "./util/arguments.js";
import { writeBytes, writeText } from "./wasm.js";

/**
 * Marks a position in the core's text: where another text is inserted, or where the next text starts.
 * JSON text never contains this character unescaped.
 *
 * @internal
 */
export const PLACEHOLDER = "\u0001";

/** JSON text: a string, or its UTF-8 bytes. */
export type JsonText = string | Uint8Array | ArrayBuffer;

/**
 * Writes JSON text into the input buffer.
 *
 * @returns the number of bytes written
 * @throws {TypeError} when `text` is neither a string nor bytes
 *
 * @internal
 */
export function writeJsonText(text: JsonText, offset = 0): number {
  if (typeof text === "string") return writeText(escapeLoneSurrogates(text), offset);
  if (ArrayBuffer.isView(text)) {
    return writeBytes(new Uint8Array(text.buffer, text.byteOffset, text.byteLength), offset);
  }
  if (isArrayBuffer(text)) return writeBytes(new Uint8Array(text), offset);
  throw typeError("JSON text", "a string, a Uint8Array or an ArrayBuffer", text);
}

/**
 * Returns whether a value has a type of {@link JsonText}.
 *
 * @internal
 */
export function isJsonText(value: unknown): value is JsonText {
  return typeof value === "string" || ArrayBuffer.isView(value) || isArrayBuffer(value);
}

/** Unlike `instanceof`, this also recognises an `ArrayBuffer` of another realm. */
function isArrayBuffer(value: unknown): value is ArrayBuffer {
  try {
    // Throws for an object without the internal slot that only an `ArrayBuffer` has.
    ArrayBuffer.prototype.slice.call(value as ArrayBuffer, 0, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * Replaces each half of a surrogate pair with its JSON escape, which the core reports as an issue. UTF-8
 * cannot encode half of a pair, and an encoder would write U+FFFD instead. A half after a backslash that
 * escapes it stays, because the text is not JSON with or without the escape.
 */
function escapeLoneSurrogates(text: string): string {
  if (isWellFormed(text)) return text;
  return text.replace(
    /(\\*)([\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff])/g,
    (match, backslashes: string, units: string) =>
      units.length === 2 || backslashes.length % 2 === 1
        ? match
        : `${backslashes}\\u${units.charCodeAt(0).toString(16)}`,
  );
}

/**
 * Returns whether text contains no half of a surrogate pair.
 *
 * @internal
 */
export function isWellFormed(text: string): boolean {
  const native: unknown = (text as { isWellFormed?: unknown }).isWellFormed;
  if (typeof native === "function") return native.call(text) as boolean;
  return !/\p{Surrogate}/u.test(text);
}
