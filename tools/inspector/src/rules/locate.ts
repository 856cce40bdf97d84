/** Finds the text ranges of JSON Pointers. */
import { pointerToken } from "./json";
import { scan } from "./scan";

/** A range of UTF-16 units, without the unit at `to`. */
export interface TextRange {
  readonly from: number;
  readonly to: number;
}

/** A container that the scan is inside of. */
interface Level {
  /** The JSON Pointer of the container; `\0` if no pointer leads into it. */
  readonly path: string;
  readonly isObject: boolean;
  index: number;
  name: string | undefined;
  /** The range of the key of the next value. */
  key: TextRange | undefined;
  expectsKey: boolean;
}

/** A string value of fewer characters is part of the range of its member. */
const maxShortValueChars = 200;

/**
 * Returns the range of each pointer that the text contains. For a member the range is its key, with its value if the
 * value is short. For a list item it is the value or its opening bracket. For a duplicate key it is the last occurrence.
 */
export function locate(text: string, pointers: ReadonlySet<string>): Map<string, TextRange> {
  const found = new Map<string, TextRange>();
  const levels: Level[] = [];
  // Only the containers of a pointer need a path.
  const ancestors = listPrefixes(pointers);

  const beginValue = (from: number, to: number, includesValue: boolean): string => {
    const level = levels.at(-1);
    if (!level) {
      if (pointers.has("")) found.set("", { from, to });
      return "";
    }
    if (!ancestors.has(level.path)) return "\0";
    const path = `${level.path}/${level.isObject ? pointerToken(level.name ?? "") : level.index}`;
    if (pointers.has(path)) {
      const key = level.key;
      found.set(path, key ? { from: key.from, to: includesValue ? to : key.to } : { from, to });
    }
    return path;
  };

  scan(text, (kind, from, to) => {
    const level = levels.at(-1);
    switch (kind) {
      case "string":
        if (level?.isObject && level.expectsKey) {
          level.name = ancestors.has(level.path) ? parseName(text.slice(from, to)) : "";
          level.key = { from, to };
          level.expectsKey = false;
          return;
        }
        beginValue(from, to, to - from < maxShortValueChars);
        return;
      case "scalar":
        beginValue(from, to, true);
        return;
      case "{":
      case "[":
        levels.push({
          path: beginValue(from, to, false),
          isObject: kind === "{",
          index: 0,
          name: undefined,
          key: undefined,
          expectsKey: true,
        });
        return;
      case "}":
      case "]":
        levels.pop();
        return;
      case ",":
        if (!level) return;
        level.index++;
        level.key = undefined;
        level.expectsKey = true;
        return;
    }
  });
  return found;
}

/** Returns the offset of a line and column, in UTF-16 units. Both start at 1; columns count code points. */
export function toOffset(text: string, line: number, column: number): number {
  let at = 0;
  for (let current = 1; current < line; current++) {
    const end = text.indexOf("\n", at);
    if (end < 0) break;
    at = end + 1;
  }
  for (let current = 1; current < column && at < text.length; current++) {
    at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  }
  return Math.min(at, text.length);
}

/** Returns the name of a quoted key; without its quotes if it is not valid JSON. */
function parseName(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted.slice(1, -1);
  }
}

/** Returns all prefixes of the pointers, without the pointers themselves. */
function listPrefixes(pointers: ReadonlySet<string>): Set<string> {
  const all = new Set<string>();
  for (const pointer of pointers) {
    for (let at = pointer.lastIndexOf("/"); at >= 0; at = pointer.lastIndexOf("/", at - 1)) {
      const prefix = pointer.slice(0, at);
      if (all.has(prefix) || at === 0) {
        all.add(prefix);
        break;
      }
      all.add(prefix);
    }
  }
  return all;
}
