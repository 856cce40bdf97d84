/** What differs between two documents, and what merging the second into the first gives. */
import { inspect } from "./inspect";
import { type Json, brief, pointerToken, read } from "./json";
import { deepMerge } from "./package";
import { recognise } from "./recognise";
import type { Change, Comparison, Subject } from "./shapes";

/** So many changes are told one by one; all are counted. */
const mostTold = 2000;

export function compare(subject: Subject, other: string): Comparison | { problem: string } {
  const [base, update] = [read(subject.text), read(other)];
  if (base === undefined) return { problem: "The document in the editor is not JSON." };
  if (update === undefined) return { problem: "The other document is not JSON." };
  const changes: Change[] = [];
  const counts = { added: 0, removed: 0, changed: 0 };
  const tell = (path: string, before: Json | undefined, after: Json | undefined) => {
    const what = before === undefined ? "added" : after === undefined ? "removed" : "changed";
    counts[what]++;
    if (changes.length >= mostTold) return;
    const text = (value: Json | undefined) => (value === undefined ? undefined : brief(value));
    changes.push({ path, what, before: text(before), after: text(after) });
  };
  differences(base, update, tell);
  const merged = JSON.stringify(deepMerge(base, update), null, 2);
  const kind = subject.kind === "auto" ? recognise(base) : subject.kind;
  const verdict = inspect({ ...subject, kind, text: merged });
  return { changes, counts, merged, verdict };
}

function differences(
  first: Json,
  second: Json,
  tell: (path: string, before: Json | undefined, after: Json | undefined) => void,
): void {
  // A stack of what is still to be looked at, because nesting has no bound here.
  const open: [path: string, before: Json | undefined, after: Json | undefined][] = [["", first, second]];
  for (let pair = open.pop(); pair; pair = open.pop()) {
    const [path, before, after] = pair;
    const old = membersOf(before);
    const now = membersOf(after);
    if (!old || !now || Array.isArray(before) !== Array.isArray(after)) {
      if (before !== after) tell(path, before, after);
      continue;
    }
    const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
    for (const name of names.reverse()) open.push([`${path}/${pointerToken(name)}`, own(old, name), own(now, name)]);
  }
}

function membersOf(value: Json | undefined): { readonly [name: string]: Json } | undefined {
  return typeof value === "object" && value !== null ? (value as { readonly [name: string]: Json }) : undefined;
}

function own(members: { readonly [name: string]: Json }, name: string): Json | undefined {
  return Object.hasOwn(members, name) ? members[name] : undefined;
}
