/** Checks and conversions of arguments. The errors name the argument and its type, and never repeat its value. */
import { groupDigits } from "./counts.js";

/** Returns a `TypeError` of the form `apiKey must be a string, not a number`. */
export function typeError(name: string, expected: string, value: unknown): TypeError {
  return new TypeError(`${name} must be ${expected}, not ${describeType(value)}`);
}

/** Returns the type of a value with its article, for messages: `a number`, `an array`, `a Map object`, `null`. */
export function describeType(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  const type = typeof value === "object" ? describeObject(value) : typeof value;
  return /^[aeiou]/i.test(type) ? `an ${type}` : `a ${type}`;
}

function describeObject(value: object): string {
  try {
    if (Array.isArray(value)) return "array";
    const tag = Object.prototype.toString.call(value).slice("[object ".length, -1);
    if (tag !== "Object") return `${tag} object`;
  } catch {
    // A proxy that throws.
  }
  return "object";
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

/**
 * Checks that an argument is a number. The core checks its range.
 *
 * @throws {TypeError} when the argument has another type
 */
export function requireNumber(name: string, value: unknown): asserts value is number {
  if (typeof value !== "number") throw typeError(name, "a number", value);
}

/**
 * Returns whether an optional argument is `true`. By default it is not.
 *
 * @throws {TypeError} when the argument is neither a boolean nor `undefined`
 */
export function optionalBoolean(name: string, value: unknown): boolean {
  if (value !== undefined && typeof value !== "boolean") throw typeError(name, "a boolean", value);
  return value === true;
}

/**
 * Checks that an argument is a function or `undefined`.
 *
 * @throws {TypeError} when the argument has another type
 */
export function requireOptionalFunction(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== "function") throw typeError(name, "a function", value);
}

/**
 * Returns an argument with named fields.
 *
 * @param name the name of the argument
 * @param value the argument
 * @param expected what the argument must be; default: `an object`
 * @throws {TypeError} when the argument is not an object, or is an array or another iterable
 */
export function objectArgument<T>(name: string, value: T, expected = "an object"): T {
  if (typeof value !== "object" || value === null || Symbol.iterator in value) {
    throw typeError(name, expected, value);
  }
  return value;
}

/**
 * Returns the signal of a call.
 *
 * @throws {TypeError} when `options` is not an object, or its signal is neither an `AbortSignal` nor `undefined`
 */
export function signalOf(options: { readonly signal?: AbortSignal | undefined }): AbortSignal | undefined {
  const { signal } = objectArgument("options", options);
  // The signals of another realm and of polyfills are not instances of this realm's `AbortSignal`.
  if (signal !== undefined && typeof (signal as Partial<AbortSignal> | null)?.throwIfAborted !== "function") {
    throw typeError("signal", "an AbortSignal", signal);
  }
  return signal;
}

/** Returns the `TypeError` for text that UTF-8 cannot encode. */
export function surrogateError(name: string): TypeError {
  return new TypeError(`${name} must be well-formed Unicode: it contains half of a surrogate pair`);
}

/**
 * Copies an iterable argument into an array.
 *
 * @param name the name of the argument
 * @throws {TypeError} when the argument is not iterable, is a string, or is a list with holes
 */
export function toArray<V>(name: string, iterable: Iterable<V>): V[] {
  requireIterable(name, iterable);
  return [...iterable];
}

/**
 * Checks that an argument is iterable, and that a list has no holes: a list with an id as an index would be as
 * long as the id is large.
 *
 * @param isAsync whether the argument may also be asynchronously iterable
 * @throws {TypeError} when the argument is not iterable, is a string, or is a list with holes
 */
export function requireIterable(name: string, value: unknown, isAsync = false): void {
  if (Array.isArray(value)) {
    requireDense(name, value);
    return;
  }
  const iterable = value as Partial<Iterable<unknown> & AsyncIterable<unknown>> | null;
  if (
    typeof value !== "object" ||
    ArrayBuffer.isView(value) ||
    (typeof iterable?.[Symbol.iterator] !== "function" &&
      !(isAsync && typeof iterable?.[Symbol.asyncIterator] === "function"))
  ) {
    throw typeError(name, "an array or another iterable", value);
  }
}

/**
 * Checks that a list has no holes.
 *
 * @throws {TypeError} when the list has holes
 */
export function requireDense(name: string, list: readonly unknown[]): void {
  if (isSparse(list)) throw new TypeError(`${name} must be a list without holes`);
}

/** Returns whether a list has holes, in the time of the items before the first hole. */
export function isSparse(list: readonly unknown[]): boolean {
  for (let index = 0; index < list.length; index++) {
    if (!Object.hasOwn(list, index)) return true;
  }
  return false;
}

/** Returns the `RangeError` for input that does not fit into the WebAssembly memory. */
export function outOfMemory(bytes: number): RangeError {
  return new RangeError(`not enough memory for ${groupDigits(bytes)} bytes of JSON text. Use smaller values.`);
}

/**
 * Prepares a number for the core. Converts NaN and infinities to text, which the core rejects. `JSON.stringify`
 * would write them as `null`, which means "no limit" in some options.
 *
 * @throws {TypeError} when the argument is not a number
 */
export function encodeNumber(name: string, value: unknown): number | string {
  requireNumber(name, value);
  return Number.isFinite(value) ? value : String(value);
}
