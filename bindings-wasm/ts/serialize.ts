/**
 * JSON text of values that `JSON.stringify` would change, drop or throw on.
 *
 * What has no JSON form is written as a marker: the character U+0001 and a letter for its kind. No
 * JSON text has that character outside a string, nor unescaped inside one, so a marker cannot be
 * mistaken for data. The core turns markers into issues; nothing is judged here.
 */
import { isPlainObject } from "./json-safe.js";

const NON_FINITE = "\u0001N";
const UNSERIALIZABLE = "\u0001U";
const CIRCULAR = "\u0001C";
const TOO_DEEP = "\u0001D";
const NON_STRING_KEY = "\u0001K";

/** Where a walk is: the containers around a value, and what the walk does with BigInts. */
interface Walk {
  readonly ancestors: object[];
  /** Whether a BigInt that no number holds has a form. */
  readonly anyBigInt: boolean;
}

/**
 * Writes `value` as JSON text with markers. Never throws and never overflows the stack: a getter,
 * proxy or `toJSON` that throws is a value without a JSON form.
 *
 * @param levels how many containers may stand inside one another
 * @param anyBigInt whether a BigInt that no number holds exactly has a form; it has none where the
 *   value comes back as JavaScript's own
 */
export function serialize(value: unknown, levels: number, anyBigInt = true): string {
  return write(value, "", levels, { ancestors: [], anyBigInt });
}

function write(value: unknown, key: string, levels: number, walk: Walk): string {
  try {
    return writeValue(value, key, levels, walk);
  } catch {
    return UNSERIALIZABLE;
  }
}

function writeValue(raw: unknown, key: string, levels: number, walk: Walk): string {
  const value = prepare(raw, key);
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "number":
      return Number.isFinite(value) ? JSON.stringify(value) : NON_FINITE;
    case "boolean":
      return value ? "true" : "false";
    case "bigint":
      return walk.anyBigInt || Number.isSafeInteger(Number(value))
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
    const items: string[] = [];
    for (let index = 0; index < value.length; index++) {
      items.push(member(value, index, levels, walk));
    }
    return `[${items.join(",")}]`;
  }
  const set = asSet(value);
  if (set) {
    return `[${set.map((item) => write(item, "", levels, walk)).join(",")}]`;
  }
  const members: string[] = [];
  const map = asMap(value);
  if (map) {
    for (const [key, item] of map) {
      members.push(
        typeof key === "string"
          ? `${JSON.stringify(key)}:${write(item, key, levels, walk)}`
          : `${NON_STRING_KEY}:null`,
      );
    }
  } else if (isRecord(value)) {
    for (const key of Object.keys(value)) {
      members.push(`${JSON.stringify(key)}:${member(value, key, levels, walk)}`);
    }
  } else {
    return UNSERIALIZABLE;
  }
  return `{${members.join(",")}}`;
}

/** Reads one member, which may be a getter or behind a proxy, and writes it. */
function member(
  holder: object,
  key: string | number,
  levels: number,
  walk: Walk,
): string {
  let value: unknown;
  try {
    value = (holder as Record<string | number, unknown>)[key];
  } catch {
    return UNSERIALIZABLE;
  }
  return write(value, String(key), levels, walk);
}

/** What is to be written in the place of `value`: a date's text, what `toJSON` answers, or what is
 * inside a `Number`, `String`, `Boolean` or `BigInt` object. */
function prepare(value: unknown, key: string): unknown {
  if ((typeof value !== "object" && typeof value !== "bigint") || value === null) {
    return typeof value === "function" ? fromToJSON(value, key) : value;
  }
  if (typeof value === "object") {
    if (isDate(value)) return Date.prototype.toISOString.call(value);
  }
  return unbox(fromToJSON(value, key));
}

function fromToJSON(value: object | bigint, key: string): unknown {
  const toJSON: unknown = (value as { toJSON?: unknown }).toJSON;
  return typeof toJSON === "function" ? toJSON.call(value, key) : value;
}

function unbox(value: unknown): unknown {
  if (typeof value !== "object" || value === null || isPlainObject(value)) return value;
  for (const { prototype } of [Number, String, Boolean, BigInt]) {
    const valueOf: (this: unknown) => unknown = prototype.valueOf;
    try {
      return valueOf.call(value);
    } catch {
      // Not an object of this kind: only its own kind has the slot that `valueOf` reads.
    }
  }
  return value;
}

// An object's kind is told by the slot that only its kind has, so that it is known from another
// realm too, where `instanceof` fails.

function isDate(value: object): boolean {
  try {
    Date.prototype.getTime.call(value);
    return true;
  } catch {
    return false;
  }
}

function asSet(value: object): unknown[] | undefined {
  try {
    return [...Set.prototype.values.call(value)];
  } catch {
    return undefined;
  }
}

function asMap(value: object): [unknown, unknown][] | undefined {
  try {
    return [...Map.prototype.entries.call(value)];
  } catch {
    return undefined;
  }
}

/**
 * Whether an object's enumerable properties are its data, as for a literal or an instance of a
 * class of the user's own. Those of the host's objects (errors, typed arrays, promises, regular
 * expressions, …) are not: `JSON.stringify` would write `{}` or worse.
 */
function isRecord(value: object): boolean {
  return Object.prototype.toString.call(value) === "[object Object]";
}
