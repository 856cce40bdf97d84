/** JSON values, and how they are read and shown. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export type JsonObject = { readonly [name: string]: Json };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

let lastText: string | undefined;
let lastValue: Json | undefined;

/** The value of a text, or `undefined` when it is not JSON. The last one is kept: each view asks. */
export function read(text: string): Json | undefined {
  if (text === lastText) return lastValue;
  try {
    lastValue = JSON.parse(text) as Json;
  } catch {
    lastValue = undefined;
  }
  lastText = text;
  return lastValue;
}

const longest = 400;

/** The text of a value, cut to what a table can show. */
export function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? "";
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

/** A token of a JSON Pointer (RFC 6901). */
export function pointerToken(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
