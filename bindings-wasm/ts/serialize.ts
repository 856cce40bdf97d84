/**
 * Writes the JSON text of values that `JSON.stringify` would change, drop or throw on.
 *
 * A value without a JSON form becomes a sentinel: the character U+0001 and a letter for the kind of issue, with a
 * number in one case. JSON text never contains this character unescaped, so a sentinel differs from all data. The core
 * turns sentinels into issues.
 */
import { hasProperties, isPlainObject } from "./json-safe.js";
import { isSparse } from "./util/arguments.js";

const NON_FINITE = "\u0001N";
const UNSERIALIZABLE = "\u0001U";
const CIRCULAR = "\u0001C";
const TOO_DEEP = "\u0001D";
const NON_STRING_KEY = "\u0001K";
const LIST_WITH_PROPERTIES = "\u0001P";
/** The number of holes follows. */
const SPARSE_LIST = "\u0001H";

/** The state of a walk through a value. */
interface Walk {
  /** The containers around the current value, outermost first. */
  readonly ancestors: object[];
  readonly allowUnsafeBigInt: boolean;
}

/**
 * Returns a value as JSON text with sentinels. Never throws and never overflows the stack: a getter,
 * proxy or `toJSON` that throws is a value without a JSON form.
 *
 * @param levels the maximum number of nested containers
 * @param allowUnsafeBigInt whether a BigInt beyond ±(2^53−1) has a JSON form
 */
export function serialize(value: unknown, levels: number, allowUnsafeBigInt = true): string {
  return write(value, "", levels, { ancestors: [], allowUnsafeBigInt });
}

/** Writes a value. An exception of the caller's code makes it a value without a JSON form. */
function write(value: unknown, key: string, levels: number, walk: Walk): string {
  try {
    return writeValue(value, key, levels, walk);
  } catch {
    return UNSERIALIZABLE;
  }
}

function writeValue(raw: unknown, key: string, levels: number, walk: Walk): string {
  const value = toWritable(raw, key);
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "number":
      return Number.isFinite(value) ? JSON.stringify(value) : NON_FINITE;
    case "boolean":
      return value ? "true" : "false";
    case "bigint":
      return walk.allowUnsafeBigInt || Number.isSafeInteger(Number(value))
        ? value.toString()
        : UNSERIALIZABLE;
    case "object":
      break;
    default:
      return UNSERIALIZABLE;
  }
  if (value === null) return "null";
  if (walk.ancestors.includes(value)) return CIRCULAR;
  if (levels === 0) return TOO_DEEP;
  walk.ancestors.push(value);
  try {
    return writeContainer(value, levels - 1, walk);
  } finally {
    walk.ancestors.pop();
  }
}

function writeContainer(value: object, levels: number, walk: Walk): string {
  if (Array.isArray(value)) {
    if (isSparse(value)) return `${SPARSE_LIST}${countHoles(value)}`;
    if (value.length === 0 && hasProperties(value)) return LIST_WITH_PROPERTIES;
    const items: string[] = [];
    for (let index = 0; index < value.length; index++) {
      items.push(writeMember(value, index, levels, walk));
    }
    return `[${items.join(",")}]`;
  }
  const setItems = itemsOfSet(value);
  if (setItems) {
    return `[${setItems.map((item) => write(item, "", levels, walk)).join(",")}]`;
  }
  const members: string[] = [];
  const mapEntries = entriesOfMap(value);
  if (mapEntries) {
    for (const [key, item] of mapEntries) {
      members.push(
        typeof key === "string"
          ? `${JSON.stringify(key)}:${write(item, key, levels, walk)}`
          : `${NON_STRING_KEY}:null`,
      );
    }
  } else if (isRecord(value)) {
    for (const key of Object.keys(value)) {
      members.push(`${JSON.stringify(key)}:${writeMember(value, key, levels, walk)}`);
    }
  } else {
    return UNSERIALIZABLE;
  }
  return `{${members.join(",")}}`;
}

/** Returns the number of holes of a list that has at least one. */
function countHoles(list: readonly unknown[]): number {
  const items = Object.keys(list).filter((key) => String(Number(key) >>> 0) === key).length;
  const holes = list.length - items;
  // A proxy may report any length.
  return Number.isSafeInteger(holes) && holes > 0 ? holes : 1;
}

/** Writes one member of a container. Reading the member may call a getter or a proxy. */
function writeMember(container: object, key: string | number, levels: number, walk: Walk): string {
  let value: unknown;
  try {
    value = (container as Record<string | number, unknown>)[key];
  } catch {
    return UNSERIALIZABLE;
  }
  return write(value, String(key), levels, walk);
}

/**
 * Returns the value to write instead of `value`: the text of a date, the result of `toJSON`, or the
 * primitive inside a `Number`, `String`, `Boolean` or `BigInt` object.
 */
function toWritable(value: unknown, key: string): unknown {
  if ((typeof value !== "object" && typeof value !== "bigint") || value === null) {
    return typeof value === "function" ? callToJSON(value, key) : value;
  }
  if (typeof value === "object") {
    if (isDate(value)) return Date.prototype.toISOString.call(value);
  }
  return unbox(callToJSON(value, key));
}

function callToJSON(value: object | bigint, key: string): unknown {
  const toJSON: unknown = (value as { toJSON?: unknown }).toJSON;
  return typeof toJSON === "function" ? toJSON.call(value, key) : value;
}

/** Returns the primitive inside a wrapper object, or the value itself. */
function unbox(value: unknown): unknown {
  if (typeof value !== "object" || value === null || isPlainObject(value)) return value;
  for (const { prototype } of [Number, String, Boolean, BigInt]) {
    const valueOf: (this: unknown) => unknown = prototype.valueOf;
    try {
      return valueOf.call(value);
    } catch {
      // Not an object of this class: only those have the internal slot that `valueOf` reads.
    }
  }
  return value;
}

// These functions recognise a class by the internal slot that only its objects have, because
// `instanceof` fails for objects from another realm.

/** Returns whether an object is a date. */
export function isDate(value: object): value is Date {
  try {
    Date.prototype.getTime.call(value);
    return true;
  } catch {
    return false;
  }
}

/** Returns the items of a set; `undefined` for any other object. */
function itemsOfSet(value: object): unknown[] | undefined {
  try {
    return [...Set.prototype.values.call(value)];
  } catch {
    return undefined;
  }
}

/** Returns the entries of a map; `undefined` for any other object. */
function entriesOfMap(value: object): [unknown, unknown][] | undefined {
  try {
    return [...Map.prototype.entries.call(value)];
  } catch {
    return undefined;
  }
}

/**
 * Returns whether the enumerable properties of an object are its data, as for a literal or an instance of
 * the caller's own class. For objects of the host (errors, typed arrays, promises, regular expressions
 * and others) they are not: `JSON.stringify` would write `{}` for most of them.
 */
function isRecord(value: object): boolean {
  return Object.prototype.toString.call(value) === "[object Object]";
}
