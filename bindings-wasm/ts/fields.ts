/** What the core is told of a call beside the input buffer. */
import { jsonOf } from "./json.js";
import type { VariablesQuery } from "./variables.js";
import { started, writeText } from "./wasm.js";

/** Names to what JSON can say. */
export type Fields = Record<string, unknown>;

/**
 * Ids as the core takes them.
 *
 * @throws {TypeError} when one is no string; its value is not repeated
 */
export function ids(given: Readonly<Record<string, unknown>>): Fields {
  const told: Fields = {};
  for (const [name, value] of Object.entries(given)) told[name] = id(name, value);
  return told;
}

/**
 * One id as the core takes it.
 *
 * @throws {TypeError} as {@link ids}
 */
export function id(name: string, value: unknown): string {
  if (typeof value !== "string") throw new TypeError(`${name} must be a string`);
  return JSON.stringify(value);
}

/**
 * Texts that may be missing.
 *
 * @throws {TypeError} when one is anything else
 */
export function texts(given: Readonly<Record<string, unknown>>): Fields {
  for (const [name, text] of Object.entries(given)) optionalText(name, text);
  return given;
}

/**
 * Holds a text that may be missing to be one.
 *
 * @throws {TypeError} as {@link texts}
 */
export function optionalText(name: string, text: unknown): void {
  if (text !== undefined && typeof text !== "string") throw new TypeError(`${name} must be a string`);
}

/** Which variables are asked for. */
export function queryFields({ name, scope, includeSystem }: VariablesQuery): Fields {
  return { ...texts({ name, scope }), includeSystem: includeSystem === true };
}

/** Writes a value into the input buffer. */
export function valueFields(value: unknown, anyBigInt = true): Fields {
  const { maxNesting } = started();
  return { length: writeText(jsonOf(value, maxNesting, anyBigInt).text) };
}
