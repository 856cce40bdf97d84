/** Variables as text and as values, and which of one name counts. */
import type { ScopedVariable } from "cognigy-context/browser";
import { type Json, brief, isObject, read } from "./json";
import { coerce, debugView, parseVariables, resolveScopes, ValidationError } from "./package";
import { recognise } from "./recognise";
import type { Kind, Ladder, Row, Shown, Subject, VariablesView } from "./shapes";
import { listOf, mapOf } from "./subject";

type Raw = ScopedVariable & { readonly index: number; readonly scoped: boolean };

export function variables(subject: Subject): VariablesView | undefined {
  const value = read(subject.text);
  if (!isObject(value)) return undefined;
  const kind = subject.kind === "auto" ? recognise(value) : subject.kind;
  // Refuses an answer of another shape, with the package's own words.
  if (kind === "answer") parseVariables(subject.text);
  const all = rawOf(kind, value);
  const ladders = laddersOf(all.filter(({ scoped }) => scoped));
  const hiddenBy = new Map<number, string>();
  for (const { steps } of ladders) {
    for (const { index } of steps.slice(1)) hiddenBy.set(index, steps[0]?.scope ?? "");
  }
  return { rows: all.map((raw) => rowOf(raw, hiddenBy.get(raw.index))), ladders };
}

function rawOf(kind: Kind, value: Json): Raw[] {
  if (kind === "payload" || kind === "answer") {
    const { list, name } = listOf(kind, value);
    return list.flatMap((item, index) => {
      const { [name]: called, value = null, scope = kind === "payload" ? "session" : "", type } = item;
      if (typeof called !== "string" || typeof scope !== "string") return [];
      return [{ index, name: called, value, scope, type: typeof type === "string" ? type : undefined, scoped: true }];
    });
  }
  if (kind === "state" && isObject(value)) {
    let index = 0;
    return ["session", "user"].flatMap((scope) => {
      const part = value[scope];
      return Object.entries(isObject(part) ? part : {}).map(([name, value]) => ({ index: index++, name, value, scope, scoped: true }));
    });
  }
  return Object.entries(mapOf(kind, value).map).map(([name, value], index) => ({ index, name, value, scope: "", scoped: false }));
}

function rowOf(raw: Raw, hiddenBy: string | undefined): Row {
  const { index, name, scope, type, value, scoped } = raw;
  const lossless = shown(value, "lossless", type);
  const compat = shown(value, "compat", type);
  return {
    index,
    name,
    scope: scoped ? scope : undefined,
    type: type ?? undefined,
    system: viewOf("", name, value).is_system,
    raw: { type: viewOf("", name, value).type, text: brief(value) },
    lossless,
    compat,
    differs: lossless.type !== compat.type || lossless.text !== compat.text || lossless.failed !== compat.failed,
    hiddenBy,
  };
}

function shown(value: unknown, mode: "lossless" | "compat", hint: string | null | undefined): Shown {
  try {
    const coerced = coerce(value, mode, hint);
    return { type: viewOf("", "value", coerced).type, text: brief(coerced) };
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    const [issue] = error.report.issues;
    return { type: "string", text: brief(value), failed: issue ? issue.code : error.name };
  }
}

function viewOf(scope: string, name: string, value: unknown) {
  const view = debugView([{ name, value, scope }])[name];
  if (!view) throw new Error("a variable has no view");
  return view;
}

/** Of each name that is there more than once, all its variables, in the order in which they count. */
function laddersOf(all: readonly Raw[]): Ladder[] {
  const byName = new Map<string, Raw[]>();
  for (const raw of all) {
    const same = byName.get(raw.name);
    if (same) same.push(raw);
    else byName.set(raw.name, [raw]);
  }
  return [...byName].flatMap(([name, same]) => {
    if (same.length < 2) return [];
    const steps: Raw[] = [];
    let left = same;
    while (left.length > 0) {
      const next = resolveScopes(left).get(name) as Raw;
      steps.push(next);
      left = left.filter((raw) => raw !== next);
    }
    return [{ name, steps: steps.map(({ index, scope, value }) => ({ index, scope, text: brief(value) })) }];
  });
}
