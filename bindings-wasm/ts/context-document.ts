import { deepMerge as mergeInCore, serializeContext as serializeInCore } from "wasm-glue";
import { withMappedErrors } from "./error-mapping.js";
import { toJson, toRoundTripJson } from "./json.js";
import { ensureStarted, writeText } from "./wasm.js";

/**
 * Writes a context document as compact JSON text, without its internal keys: keys that start with
 * `__`, at every depth.
 *
 * @param value the document; any value that `check` accepts, also dates, maps, sets and BigInts
 * @returns the JSON text
 * @throws {ValidationError} when the document contains something that has no JSON form
 *
 * @example
 * ```js
 * serializeContext({ turn: 3, __cache: [1], since: new Date(0) });
 * // '{"turn":3,"since":"1970-01-01T00:00:00.000Z"}'
 * ```
 */
export function serializeContext(value: unknown): string {
  const { maxNesting } = ensureStarted();
  const { text } = toJson(value, maxNesting);
  return withMappedErrors(() => serializeInCore(writeText(text))) ?? text;
}

/**
 * Merges `update` into `base` and returns a new value: objects merge member by member, all other
 * values are replaced. Keys like `__proto__` are ordinary keys and do not change a prototype.
 *
 * @param base the document to start from; not changed
 * @param update the values to merge in; not changed
 * @returns a new value of plain objects that shares nothing with the arguments
 * @throws {ValidationError} when an argument contains something that has no JSON form, or a BigInt
 *   beyond ±(2^53−1), which a JavaScript number cannot represent exactly
 *
 * @example
 * ```js
 * deepMerge({ user: { name: "Ada", tags: [1, 2] } }, { user: { tags: [3] } });
 * // { user: { name: "Ada", tags: [3] } }
 * ```
 */
export function deepMerge(base: unknown, update: unknown): unknown {
  const { maxNesting } = ensureStarted();
  const texts = [toRoundTripJson(base, maxNesting), toRoundTripJson(update, maxNesting)] as const;
  const length = writeText(texts[0]);
  const updateLength = writeText(texts[1], length);
  return JSON.parse(withMappedErrors(() => mergeInCore(length, updateLength))) as unknown;
}
