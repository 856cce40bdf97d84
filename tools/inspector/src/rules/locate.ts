/** Where the places that issues name (JSON Pointers) are in the text. */
import { pointerToken } from "./json";
import { scan } from "./scan";

export interface Place {
  readonly from: number;
  readonly to: number;
}

interface Level {
  readonly path: string;
  readonly isObject: boolean;
  index: number;
  name: string | undefined;
  /** Where the key of the next value is. */
  key: Place | undefined;
  expectsKey: boolean;
}

/**
 * @returns by pointer: the key of that member, with its value where that is short; of an item of a list
 *   its value, or the bracket that opens it. A key that is there twice is where it is last.
 */
export function locate(text: string, pointers: ReadonlySet<string>): Map<string, Place> {
  const found = new Map<string, Place>();
  const levels: Level[] = [];
  // How many levels still lead to a wanted place: the others need no path.
  const wanted = prefixes(pointers);

  const begin = (from: number, to: number, whole: boolean): string => {
    const level = levels.at(-1);
    if (!level) {
      if (pointers.has("")) found.set("", { from, to });
      return "";
    }
    if (!wanted.has(level.path)) return "\0";
    const path = `${level.path}/${level.isObject ? pointerToken(level.name ?? "") : level.index}`;
    if (pointers.has(path)) {
      const key = level.key;
      found.set(path, key ? { from: key.from, to: whole ? to : key.to } : { from, to });
    }
    return path;
  };

  scan(text, (kind, from, to) => {
    const level = levels.at(-1);
    switch (kind) {
      case "string":
        if (level?.isObject && level.expectsKey) {
          level.name = wanted.has(level.path) ? nameOf(text.slice(from, to)) : "";
          level.key = { from, to };
          level.expectsKey = false;
          return;
        }
        begin(from, to, to - from < 200);
        return;
      case "scalar":
        begin(from, to, true);
        return;
      case "{":
      case "[":
        levels.push({
          path: begin(from, to, false),
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

/** The offset of a line and column, both from 1. Columns count characters. */
export function offsetOf(text: string, line: number, column: number): number {
  let at = 0;
  for (let passed = 1; passed < line; passed++) {
    const end = text.indexOf("\n", at);
    if (end < 0) break;
    at = end + 1;
  }
  for (let passed = 1; passed < column && at < text.length; passed++) {
    at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  }
  return Math.min(at, text.length);
}

function nameOf(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted.slice(1, -1);
  }
}

function prefixes(pointers: ReadonlySet<string>): Set<string> {
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
