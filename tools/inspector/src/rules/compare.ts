/** Compares two documents and merges the second into the first. */
import { checkDocument } from "./check-document";
import { type Json, parse, pointerToken, shortJson } from "./json";
import { deepMerge } from "./package";
import { detectKind } from "./detect-kind";
import type { Change, CheckInput, Comparison } from "./types";

/** The maximum number of listed changes. All changes are counted. */
const maxListedChanges = 2000;

/** Returns the differences between the document and another text, or an error if one of the texts is not JSON. */
export function compare(input: CheckInput, other: string): Comparison | { error: string } {
  const [base, update] = [parse(input.text), parse(other)];
  if (base === undefined) return { error: "The document in the editor is not JSON. Correct it first." };
  if (update === undefined) return { error: "The other document is not JSON. Correct it first." };
  const changes: Change[] = [];
  const counts = { added: 0, removed: 0, changed: 0 };
  const record: OnChange = (path, before, after) => {
    const type = before === undefined ? "added" : after === undefined ? "removed" : "changed";
    counts[type]++;
    if (changes.length >= maxListedChanges) return;
    const text = (value: Json | undefined) => (value === undefined ? undefined : shortJson(value));
    changes.push({ path, type, before: text(before), after: text(after) });
  };
  visitDifferences(base, update, record);
  const merged = JSON.stringify(deepMerge(base, update), null, 2);
  const kind = input.kind === "auto" ? detectKind(base) : input.kind;
  const checkResult = checkDocument({ ...input, kind, text: merged });
  return { changes, counts, merged, checkResult };
}

type OnChange = (path: string, before: Json | undefined, after: Json | undefined) => void;

/** Calls `onChange` for each difference, with `undefined` for a missing value. */
function visitDifferences(first: Json, second: Json, onChange: OnChange): void {
  // Uses a stack instead of recursion, because the nesting depth is unlimited.
  const pending: [path: string, before: Json | undefined, after: Json | undefined][] = [["", first, second]];
  for (let pair = pending.pop(); pair; pair = pending.pop()) {
    const [path, before, after] = pair;
    const oldMembers = getMembers(before);
    const newMembers = getMembers(after);
    if (!oldMembers || !newMembers || Array.isArray(before) !== Array.isArray(after)) {
      if (before !== after) onChange(path, before, after);
      continue;
    }
    const names = [...new Set([...Object.keys(oldMembers), ...Object.keys(newMembers)])];
    for (const name of names.reverse()) {
      pending.push([`${path}/${pointerToken(name)}`, getOwnMember(oldMembers, name), getOwnMember(newMembers, name)]);
    }
  }
}

/** Returns an object or a list as its members by name; `undefined` for other values. */
function getMembers(value: Json | undefined): { readonly [name: string]: Json } | undefined {
  return typeof value === "object" && value !== null ? (value as { readonly [name: string]: Json }) : undefined;
}

function getOwnMember(members: { readonly [name: string]: Json }, name: string): Json | undefined {
  return Object.hasOwn(members, name) ? members[name] : undefined;
}
