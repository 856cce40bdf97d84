/** Checks and conversions of arguments. The errors name the argument and its type, and never repeat its value. */

/** Returns a `TypeError` of the form `apiKey must be a string, not a number`. */
export function typeError(name: string, expected: string, value: unknown): TypeError {
  return new TypeError(`${name} must be ${expected}, not ${describeType(value)}`);
}

/** Returns the type of a value with its article, for messages: `a number`, `an array`, `null`. */
export function describeType(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  const type = Array.isArray(value) ? "array" : typeof value;
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

/**
 * Checks that an argument is a string.
 *
 * @throws {TypeError} when the argument has another type
 */
export function requireString(name: string, value: unknown): asserts value is string {
  if (typeof value !== "string") throw typeError(name, "a string", value);
}

/**
 * Checks that an argument is a string or `undefined`.
 *
 * @throws {TypeError} when the argument has another type
 */
export function requireOptionalString(name: string, value: unknown): asserts value is string | undefined {
  if (value !== undefined) requireString(name, value);
}

/** Returns the `TypeError` for text that UTF-8 cannot encode. */
export function surrogateError(name: string): TypeError {
  return new TypeError(`${name} must be well-formed Unicode: it contains half of a surrogate pair`);
}

/**
 * Copies an iterable of variables into an array.
 *
 * @throws {TypeError} when `variables` is not iterable
 */
export function toArray<V>(variables: Iterable<V>): V[] {
  const iterable: unknown = variables;
  if (typeof (iterable as Partial<Iterable<V>> | null | undefined)?.[Symbol.iterator] !== "function") {
    throw typeError("variables", "an array or another iterable", variables);
  }
  return [...variables];
}

/**
 * Prepares a number for the core. Converts anything except finite numbers to text, which the core rejects.
 * `JSON.stringify` would write NaN and infinities as `null`, which means "no limit" in some options.
 */
export function encodeNumber(value: unknown): unknown {
  return typeof value === "number" && Number.isFinite(value) ? value : String(value);
}

/** Returns the `RangeError` for input that does not fit into the WebAssembly memory. */
export function outOfMemory(bytes: number): RangeError {
  const count = String(bytes).replace(/\B(?=(?:\d{3})+$)/g, ",");
  return new RangeError(`not enough memory for ${count} bytes of JSON text. Use smaller values.`);
}
