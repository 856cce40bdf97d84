/** JSON values: types, parsing and short texts. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export type JsonObject = { readonly [name: string]: Json };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

let lastText: string | undefined;
let lastValue: Json | undefined;

/** Returns the value of a text; `undefined` if it is not JSON. Caches one value, because all views parse one text. */
export function parse(text: string): Json | undefined {
  if (text === lastText) return lastValue;
  try {
    lastValue = JSON.parse(text) as Json;
  } catch {
    lastValue = undefined;
  }
  lastText = text;
  return lastValue;
}

const maxShortChars = 400;

/** Returns the JSON text of a value, truncated after 400 characters; an empty text for `undefined`. */
export function shortJson(value: unknown): string {
  const text = JSON.stringify(value) ?? "";
  return text.length > maxShortChars ? `${text.slice(0, maxShortChars)}…` : text;
}

/** Escapes a name as a token of a JSON Pointer (RFC 6901). */
export function pointerToken(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
