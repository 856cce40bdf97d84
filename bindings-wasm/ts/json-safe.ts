import { isSparse } from "./util/arguments.js";

/**
 * The length from which the holes of a list are looked for first, because a proxy may have a value for every
 * index. A shorter list is visited fast enough.
 */
const LONG_LIST = 1_000_000;

/**
 * Returns whether `JSON.stringify` writes a value without changing it.
 *
 * `JSON.stringify` writes NaN and the holes of a list as `null`, drops `undefined` and the properties of a list,
 * and throws on BigInts and cycles. Properties are only looked for in a list without items: that is a list that
 * was used as an object, while a list with items may have helpful properties, as the result of `match` has.
 *
 * This check runs for every value that is sent, and nearly all values pass, so it allocates nothing.
 * The loop over a container checks scalar members itself, and arrays and objects have separate
 * functions: that takes half the time of a plain recursion.
 *
 * @param value the value to write
 * @param levels the maximum number of nested containers; every cycle exceeds this number
 */
export function isJsonSafe(value: unknown, levels: number): boolean {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return true;
  return typeof value === "number" ? Number.isFinite(value) : isSafeContainer(value, levels);
}

function isSafeArray(list: readonly unknown[], levels: number): boolean {
  if (levels === 0 || (list as { toJSON?: unknown }).toJSON !== undefined) return false;
  if (list.length === 0) return !hasProperties(list);
  if (list.length > LONG_LIST && isSparse(list)) return false;
  for (let index = 0; index < list.length; index++) {
    const value = list[index];
    if (typeof value === "string" || typeof value === "boolean" || value === null) continue;
    if (typeof value === "number" ? !Number.isFinite(value) : !isSafeContainer(value, levels - 1)) {
      return false;
    }
  }
  return true;
}

function isSafeObject(object: object, levels: number): boolean {
  if (levels === 0 || (object as { toJSON?: unknown }).toJSON !== undefined) return false;
  if (!isPlainObject(object)) return false;
  for (const key in object) {
    const value = (object as Record<string, unknown>)[key];
    if (typeof value === "string" || typeof value === "boolean" || value === null) continue;
    if (typeof value === "number" ? !Number.isFinite(value) : !isSafeContainer(value, levels - 1)) {
      return false;
    }
  }
  return true;
}

/** Returns whether a list without items has properties. */
export function hasProperties(list: readonly unknown[]): boolean {
  return Object.keys(list).length > 0;
}

/** Checks a value that is not a string, boolean, number or `null`. */
function isSafeContainer(value: unknown, levels: number): boolean {
  if (typeof value !== "object") return false;
  return Array.isArray(value) ? isSafeArray(value, levels) : isSafeObject(value as object, levels);
}

/**
 * Returns whether an object is plain: created by a literal or `JSON.parse`, in this realm or another
 * one (which has another `Object.prototype`), or created without a prototype.
 */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    prototype === Object.prototype ||
    prototype === null ||
    Object.getPrototypeOf(prototype) === null
  );
}
