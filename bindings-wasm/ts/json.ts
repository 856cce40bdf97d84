/** Converts callers' values to JSON text for the core, and the core's JSON text to values. */
import { isJsonSafe } from "./json-safe.js";
import { serialize } from "./serialize.js";

/** JSON text for the core. */
export interface JsonInput {
  readonly text: string;
  /**
   * Whether the text may contain sentinels. A sentinel is U+0001 and a letter, in place of a value that has
   * no JSON form. The core reports it as an issue.
   */
  readonly hasSentinels: boolean;
}

/**
 * Converts any value to JSON text for the core. Most values are written by `JSON.stringify`. Values that
 * it would change or throw on are written by the slower `serialize`.
 *
 * @param maxNesting the core's nesting limit, which does not count the outermost object
 * @param allowUnsafeBigInt whether a BigInt beyond ±(2^53−1) is allowed; otherwise the core reports it as an
 *   issue
 */
export function toJson(value: unknown, maxNesting: number, allowUnsafeBigInt = true): JsonInput {
  const levels = maxNesting + 1;
  try {
    if (isJsonSafe(value, levels)) return { text: JSON.stringify(value), hasSentinels: false };
  } catch {
    // A getter or a proxy throws: `serialize` writes a sentinel for it, so that the issue has its path.
  }
  return { text: serialize(value, levels, allowUnsafeBigInt), hasSentinels: true };
}

/**
 * Returns the JSON text of a value that `JSON.stringify` would change or throw on. Only such a value needs the
 * slower `serialize`. Returns `undefined` for any other value, so that the caller can write it together
 * with others in one call of `JSON.stringify`.
 */
export function slowPathJson(value: unknown, maxNesting: number): string | undefined {
  const levels = maxNesting + 1;
  try {
    if (isJsonSafe(value, levels)) return undefined;
  } catch {
    // A getter or a proxy throws: `serialize` writes a sentinel for it.
  }
  return serialize(value, levels);
}

/**
 * Returns the JSON text of a value that the core returns to the caller later. A BigInt beyond ±(2^53−1) is
 * reported as an issue: the core returns JSON text, and `JSON.parse` would round the integer.
 */
export function toRoundTripJson(value: unknown, maxNesting: number): string {
  return toJson(value, maxNesting, false).text;
}

/**
 * Parses the core's JSON text without rounding: an integer that a number cannot represent exactly
 * becomes a BigInt.
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
