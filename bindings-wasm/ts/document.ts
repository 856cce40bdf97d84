import { deepMerge as mergeInCore, serializeContext as serializeInCore } from "wasm-glue";
import { throwing } from "./failure.js";
import { jsonOf, jsonOfKept } from "./json.js";
import { started, writeText } from "./wasm.js";

/**
 * Writes a context document as compact JSON text, without its internal keys: those that start with
 * `__`, at every depth. Takes what `check` takes: dates, maps, sets and BigInts too.
 *
 * @throws {ValidationError} when a part of the value has no JSON form
 *
 * @example
 * ```js
 * serializeContext({ turn: 3, __cache: [1], since: new Date(0) });
 * // '{"turn":3,"since":"1970-01-01T00:00:00.000Z"}'
 * ```
 */
export function serializeContext(value: unknown): string {
  const { maxNesting } = started();
  const { text } = jsonOf(value, maxNesting);
  return throwing(() => serializeInCore(writeText(text))) ?? text;
}

/**
 * Merges `update` into `base`: objects merge member by member, all else is replaced. Both stay as
 * they are; the result is new, of plain objects, and shares nothing with them. Keys such as
 * `__proto__` are data and touch no prototype.
 *
 * @throws {ValidationError} when a part of either has no JSON form, or is a BigInt that no number
 *   holds exactly, which could not come back
 *
 * @example
 * ```js
 * deepMerge({ user: { name: "Ada", tags: [1, 2] } }, { user: { tags: [3] } });
 * // { user: { name: "Ada", tags: [3] } }
 * ```
 */
export function deepMerge(base: unknown, update: unknown): unknown {
  const { maxNesting } = started();
  const texts = [jsonOfKept(base, maxNesting), jsonOfKept(update, maxNesting)] as const;
  const length = writeText(texts[0]);
  const updateLength = writeText(texts[1], length);
  return JSON.parse(throwing(() => mergeInCore(length, updateLength))) as unknown;
}
