/** Conversion of callers' values to JSON text that the core reads, and of the core's text to values. */
import { isJsonSafe } from "./json-safe.js";
import { serialize } from "./serialize.js";

/** JSON text, and whether it may contain markers for values that have no JSON form. */
export interface JsonInput {
  readonly text: string;
  readonly hasSentinels: boolean;
}

/**
 * Returns the JSON text of any value. Most values go straight through `JSON.stringify`.
 *
 * @param maxNesting the core's nesting limit, counted below the outermost object
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
 * other value, which the caller can write together with more values.
 */
export function slowPathJson(value: unknown, maxNesting: number): string | undefined {
  const levels = maxNesting + 1;
  try {
    if (isJsonSafe(value, levels)) return undefined;
  } catch {
    // As above.
  }
  return serialize(value, levels);
}

/**
 * Returns the JSON text of a value that comes back to the caller as a JavaScript value. A BigInt
 * beyond ±(2^53−1) could not come back, and is an issue.
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
  // Long integers pass the parser as strings with a prefix that no string of the text has.
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
