/** The fields that the core needs for a call, besides the input buffer. */
import { toJson } from "../json.js";
import { objectArgument, optionalBoolean, requireOptionalString, requireString, typeError } from "../util/arguments.js";
import type { VariablesQuery } from "../variables.js";
import { ensureStarted, writeText } from "../wasm.js";

/** Fields by name, with values that JSON can represent. */
export type CallFields = Record<string, unknown>;

/**
 * Encodes ids.
 *
 * @param ids the ids by argument name
 * @returns a field for each id
 * @throws {TypeError} when an id is not a string
 */
export function idFields(ids: Readonly<Record<string, unknown>>): CallFields {
  const fields: CallFields = {};
  for (const [name, id] of Object.entries(ids)) fields[name] = encodeId(name, id);
  return fields;
}

/**
 * Encodes one id as a JSON string, which can also carry half of a surrogate pair.
 *
 * @param name the name of the argument, for the error
 * @param id the id
 * @returns the JSON string
 * @throws {TypeError} when the id is not a string
 */
export function encodeId(name: string, id: unknown): string {
  requireString(name, id);
  return JSON.stringify(id);
}

/**
 * Checks that fields are strings or `undefined`.
 *
 * @param fields the fields by argument name
 * @returns the same fields
 * @throws {TypeError} when a field has another type
 */
export function optionalStringFields(fields: Readonly<Record<string, unknown>>): CallFields {
  for (const [name, value] of Object.entries(fields)) requireOptionalString(name, value);
  return fields;
}

/**
 * Encodes a query for variables.
 *
 * @returns a field for each part of the query
 * @throws {TypeError} when a part of the query has the wrong type
 */
export function queryFields({ name, scope, includeSystem }: VariablesQuery): CallFields {
  return {
    ...optionalStringFields({ name, scope }),
    includeSystem: optionalBoolean("includeSystem", includeSystem),
  };
}

/**
 * Writes a value into the input buffer.
 *
 * @param value the value
 * @param allowUnsafeBigInt whether a BigInt beyond ±(2^53−1) has a JSON form; default: `true`
 * @returns the length in bytes, as a field
 */
export function valueFields(value: unknown, allowUnsafeBigInt = true): CallFields {
  const { maxNesting } = ensureStarted();
  return { length: writeText(toJson(value, maxNesting, allowUnsafeBigInt).text) };
}

/**
 * Encodes the query parameters of a request.
 *
 * @param query the parameters by name
 * @returns pairs of a name and a value as text, without the parameters that are `undefined`
 * @throws {TypeError} when `query` is not an object, or a parameter is neither a string, a number nor a boolean
 */
export function queryPairs(query: Readonly<Record<string, unknown>>): [string, string][] {
  const pairs: [string, string][] = [];
  for (const [name, value] of Object.entries(objectArgument("query", query))) {
    if (value === undefined) continue;
    if (!["string", "number", "boolean"].includes(typeof value)) {
      throw typeError("each parameter of query", "a string, a number or a boolean", value);
    }
    pairs.push([name, String(value)]);
  }
  return pairs;
}
