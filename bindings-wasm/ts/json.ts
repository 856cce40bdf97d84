/** Converts callers' values to JSON text for the core, and the core's JSON text to values. */
import { isJsonSafe } from "./json-safe.js";
import { serialize } from "./serialize.js";

/** JSON text, and whether it may contain sentinels for values that have no JSON form. */
export interface JsonInput {
  readonly text: string;
  readonly hasSentinels: boolean;
}

/**
 * Returns the JSON text of any value. `JSON.stringify` writes most values.
 *
 * @param maxNesting the core's nesting limit, which does not count the outermost object
 * @param allowUnsafeBigInt whether a BigInt beyond ±(2^53−1) has a JSON form
 */
export function toJson(value: unknown, maxNesting: number, allowUnsafeBigInt = true): JsonInput {
  const levels = maxNesting + 1;
  try {
    if (isJsonSafe(value, levels)) return { text: JSON.stringify(value), hasSentinels: false };
  } catch {
    // A getter or a proxy that throws: the slow path reports where.
  }
  return { text: serialize(value, levels, allowUnsafeBigInt), hasSentinels: true };
}

/**
 * Returns the JSON text of a value that `JSON.stringify` would change. Returns `undefined` for any
 * other value, so that the caller can write it together with others in one call of `JSON.stringify`.
 */
export function slowPathJson(value: unknown, maxNesting: number): string | undefined {
  const levels = maxNesting + 1;
  try {
    if (isJsonSafe(value, levels)) return undefined;
  } catch {
    // A getter or a proxy that throws, as in `toJson`.
  }
  return serialize(value, levels);
}

/**
 * Returns the JSON text of a value that the core returns to the caller later. A BigInt beyond
 * ±(2^53−1) could not be returned unchanged, so it is an issue.
 */
export function toRoundTripJson(value: unknown, maxNesting: number): string {
  return toJson(value, maxNesting, false).text;
}

/**
 * Parses the core's JSON text without rounding: an integer that a number cannot represent exactly
 * becomes a BigInt. The core only writes one where the caller passed a BigInt.
 */
export function parseJson(json: string): unknown {
  if (!/\d{16}/.test(json)) return JSON.parse(json);
  // Writes long integers as strings with a prefix that no other string has, and converts them back.
  // JSON writers escape no letter and no colon, so a search in the text finds every string with it.
  let prefix = "integer:";
  while (json.includes(`"${prefix}`)) prefix = `:${prefix}`;
  const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  const prefixed = json.replace(tokens, (token) =>
    /^-?\d{16,}$/.test(token) && String(Number(token)) !== token ? `"${prefix}${token}"` : token,
  );
  return JSON.parse(prefixed, (_, value: unknown) =>
    typeof value === "string" && value.startsWith(prefix) ? BigInt(value.slice(prefix.length)) : value,
  );
}
