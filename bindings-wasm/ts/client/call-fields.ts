/** The fields that the core needs for a call, besides the input buffer. */
import { toJson } from "../json.js";
import { requireOptionalString, requireString } from "../util/arguments.js";
import type { VariablesQuery } from "../variables.js";
import { ensureStarted, writeText } from "../wasm.js";

/** Fields by name, with values that JSON can represent. */
export type CallFields = Record<string, unknown>;

/**
 * Encodes ids.
 *
 * @throws {TypeError} when one is not a string
 */
export function idFields(ids: Readonly<Record<string, unknown>>): CallFields {
  const fields: CallFields = {};
  for (const [name, id] of Object.entries(ids)) fields[name] = encodeId(name, id);
  return fields;
}

/**
 * Encodes one id as a JSON string, which can also carry half of a surrogate pair.
 *
 * @throws {TypeError} when it is not a string
 */
export function encodeId(name: string, id: unknown): string {
  requireString(name, id);
  return JSON.stringify(id);
}

/**
 * Returns fields that are strings or `undefined`.
 *
 * @throws {TypeError} when one has another type
 */
export function optionalStringFields(fields: Readonly<Record<string, unknown>>): CallFields {
  for (const [name, value] of Object.entries(fields)) requireOptionalString(name, value);
  return fields;
}

/** Encodes a query for variables. */
export function queryFields({ name, scope, includeSystem }: VariablesQuery): CallFields {
  return { ...optionalStringFields({ name, scope }), includeSystem: includeSystem === true };
}

/** Writes a value into the input buffer, and returns its length as a field. */
export function valueFields(value: unknown, allowUnsafeBigInt = true): CallFields {
  const { maxNesting } = ensureStarted();
  return { length: writeText(toJson(value, maxNesting, allowUnsafeBigInt).text) };
}

/** Returns the pairs of a query for profiles, without those that are `undefined`. */
export function queryPairs(query: Readonly<Record<string, unknown>>): [string, string][] {
  return Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, String(value)]);
}
