import { coerceInput } from "wasm-glue";
import { withMappedErrors } from "./error-mapping.js";
import { isWellFormed } from "./text.js";
import { writeText } from "./wasm.js";

/**
 * Which text is converted. `lossless`: only text that the value represents exactly, so `007` stays
 * text. `compat`: also text that Python scripts convert, so `007` becomes 7.
 */
export type CoercionMode = "lossless" | "compat";

/** The declared type of a variable. */
export type TypeHint = "string" | "number" | "integer" | "boolean" | "object" | "array" | "json";

/**
 * Converts untyped text to a typed value. Returns any value that is not a string unchanged. An integer
 * that a JavaScript number cannot represent exactly stays text, and so does JSON text that contains one.
 *
 * @param value a value from an API response
 * @param mode which text is converted; default: `lossless`
 * @param hint the declared type of the value, if it has one; an unknown type has no effect
 * @returns the typed value, or the text if it is not converted
 * @throws {ValidationError} `coercion_failed` when the text does not have the type of `hint`
 * @throws {ConfigurationError} for an unknown mode
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
  // UTF-8 cannot encode half of a surrogate pair. Text with one stays text, like the replacement
  // character U+FFFD, but the core still checks the mode and the hint.
  const length = writeText(isWellFormed(value) ? value : "\ufffd");
  const json = withMappedErrors(() => coerceInput(length, mode, hint ?? undefined));
  return json === undefined ? value : (JSON.parse(json) as unknown);
}
