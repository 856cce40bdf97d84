import { coerceInput } from "wasm-glue";
import { withMappedErrors } from "./error-mapping.js";
import { isWellFormed } from "./text.js";
import { requireString } from "./util/arguments.js";
import { writeText } from "./wasm.js";

/**
 * Which text is converted when it has no {@link TypeHint}. `lossless`: only text that can be written back
 * from the value unchanged, so `007` and `1.50` stay text. `compat`: any text that Python's `int()`,
 * `float()` or JSON converts, so `007` becomes 7.
 *
 * With a hint, `lossless` preserves the value but not its spelling, so `1.50` becomes 1.5.
 */
export type CoercionMode = "lossless" | "compat";

/** The declared type of a variable, to which text is converted. `string` keeps text; `json` is any JSON text. */
export type TypeHint = "string" | "number" | "integer" | "boolean" | "object" | "array" | "json";

/**
 * Converts untyped text to a typed value. Returns any value that is not a string unchanged.
 *
 * An integer that a JavaScript number cannot represent exactly, or JSON text that contains such an
 * integer, stays text. With a hint other than `string`, such a text is an error.
 *
 * @param value a value from an API response
 * @param mode which text is converted, and how exactly; default: `lossless`
 * @param hint the declared type of the value, if it has one; an unknown type is ignored
 * @returns the typed value, or the text if it is not converted
 * @throws {ValidationError} `coercion_failed` when the text cannot be converted to the type of `hint`
 * @throws {ConfigurationError} for an unknown mode
 * @throws {TypeError} when `mode` or `hint` is not a string
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
  // `string & {}` accepts any text, and editors still suggest the known types.
  hint?: TypeHint | (string & {}) | null,
): unknown {
  requireString("mode", mode);
  if (hint != null) requireString("hint", hint);
  if (typeof value !== "string") return value;
  // UTF-8 cannot encode half of a surrogate pair, so the core cannot read such text. The core reads
  // U+FFFD instead, which is never converted either, and still checks the mode and the hint.
  const byteLength = writeText(isWellFormed(value) ? value : "\ufffd");
  const json = withMappedErrors(() => coerceInput(byteLength, mode, hint ?? undefined));
  return json === undefined ? value : (JSON.parse(json) as unknown);
}
