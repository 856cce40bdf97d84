import { coerceInput } from "wasm-glue";
import { withMappedErrors } from "./error-mapping.js";
import { isWellFormed } from "./text.js";
import { writeText } from "./wasm.js";

/**
 * How eager coercion is. `lossless`: a string becomes a value only where nothing is lost. `compat`:
 * what Python scripts do, so that `007` is 7.
 */
export type CoercionMode = "lossless" | "compat";

/** What a variable may say its value is. */
export type TypeHint = "string" | "number" | "integer" | "boolean" | "object" | "array" | "json";

/**
 * The typed value of untyped text. Only strings are coerced; anything else passes untouched. An
 * integer that a JavaScript number does not hold exactly stays text, inside JSON text too.
 *
 * @param value what the API answered
 * @param mode how eager coercion is
 * @param hint the type that is stated for the value, if one is; an unknown one is none
 * @throws {ValidationError} `coercion_failed` when the text is not of the type of the hint
 * @throws {ConfigurationError} for a mode that is none
 *
 * @example
 * ```js
 * coerce("42"); // 42
 * coerce("007"); // "007": as a number it would lose its zeros
 * coerce("007", "compat"); // 7
 * coerce('{"tier": "gold"}'); // { tier: "gold" }
 * coerce("1.50", "lossless", "number"); // 1.5
 * ```
 */
export function coerce(
  value: unknown,
  mode: CoercionMode = "lossless",
  hint?: TypeHint | (string & {}) | null,
): unknown {
  if (typeof value !== "string") return value;
  // Text that UTF-8 cannot carry is no value of any kind, like the character that is put in the
  // place of what it cannot carry.
  const length = writeText(isWellFormed(value) ? value : "\ufffd");
  const json = withMappedErrors(() => coerceInput(length, mode, hint ?? undefined));
  return json === undefined ? value : (JSON.parse(json) as unknown);
}
