/** From what a caller hands over to JSON text the core can read. */
import { isPlain } from "./plain.js";
import { serialize } from "./serialize.js";

/** JSON text, and whether it may hold markers for what has no JSON form. */
export interface Json {
  readonly text: string;
  readonly marked: boolean;
}

/**
 * The JSON text of any value. The usual one goes straight through `JSON.stringify`.
 *
 * @param maxNesting the core's cap on nesting, counted below the outermost object
 * @param anyBigInt whether a BigInt that no number holds exactly has a form
 */
export function jsonOf(value: unknown, maxNesting: number, anyBigInt = true): Json {
  const levels = maxNesting + 1;
  try {
    if (isPlain(value, levels)) return { text: JSON.stringify(value), marked: false };
  } catch {
    // A getter or a proxy that throws: the careful way reports where.
  }
  return { text: serialize(value, levels, anyBigInt), marked: true };
}

/**
 * The JSON text of a value that `JSON.stringify` would not write as it is; `undefined` for any other,
 * which may then be written together with more.
 */
export function jsonOfCareful(value: unknown, maxNesting: number): string | undefined {
  const levels = maxNesting + 1;
  try {
    if (isPlain(value, levels)) return undefined;
  } catch {
    // As above.
  }
  return serialize(value, levels);
}

/**
 * The JSON text of a value of which the result is made, as values of JavaScript's own. A BigInt
 * that no number holds exactly could not come back, and is an issue.
 */
export function jsonOfKept(value: unknown, maxNesting: number): string {
  return jsonOf(value, maxNesting, false).text;
}

/**
 * Parses the core's JSON text without rounding: an integer that no number holds exactly becomes a
 * BigInt. Such text comes of BigInts that went in.
 */
export function parseExactly(json: string): unknown {
  if (!/\d{16}/.test(json)) return JSON.parse(json);
  // Long integers pass the parser as strings of a beginning that no string of the text has.
  let beginning = "integer:";
  while (json.includes(`"${beginning}`)) beginning = `:${beginning}`;
  const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  const marked = json.replace(tokens, (token) =>
    /^-?\d{16,}$/.test(token) && String(Number(token)) !== token
      ? `"${beginning}${token}"`
      : token,
  );
  return JSON.parse(marked, (_, value: unknown) =>
    typeof value === "string" && value.startsWith(beginning)
      ? BigInt(value.slice(beginning.length))
      : value,
  );
}
