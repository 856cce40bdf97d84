/** Reads variables in both modes and resolves their scopes. */
import type { ScopedVariable } from "cognigy-context/browser";
import { type Json, brief, isObject, parse } from "./json";
import { coerce, debugView, parseVariables, resolveScopes, ValidationError } from "./package";
import { detectKind } from "./detect-kind";
import type { Kind, DisplayValue, ScopeChain, Subject, VariableRow, VariablesView } from "./types";
import { listOf, mapOf } from "./subject";

type RawVariable = ScopedVariable & { readonly index: number; readonly scoped: boolean };

export function variables(subject: Subject): VariablesView | undefined {
  const value = parse(subject.text);
  if (!isObject(value)) return undefined;
  const kind = subject.kind === "auto" ? detectKind(value) : subject.kind;
  // Rejects a response of an unexpected shape with the error of the package.
  if (kind === "variables") parseVariables(subject.text);
  const all = rawVariables(kind, value);
  const scopeChains = scopeChainsOf(all.filter(({ scoped }) => scoped));
  const shadowedBy = new Map<number, string>();
  for (const { candidates } of scopeChains) {
    for (const { index } of candidates.slice(1)) shadowedBy.set(index, candidates[0]?.scope ?? "");
  }
  return { rows: all.map((raw) => rowOf(raw, shadowedBy.get(raw.index))), scopeChains };
}

function rawVariables(kind: Kind, value: Json): RawVariable[] {
  if (kind === "payload" || kind === "variables") {
    const { list, name } = listOf(kind, value);
    return list.flatMap((item, index) => {
      const { [name]: variableName, value = null, scope = kind === "payload" ? "session" : "", type } = item;
      if (typeof variableName !== "string" || typeof scope !== "string") return [];
      return [{ index, name: variableName, value, scope, type: typeof type === "string" ? type : undefined, scoped: true }];
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

function rowOf(raw: RawVariable, shadowedBy: string | undefined): VariableRow {
  const { index, name, scope, type, value, scoped } = raw;
  const lossless = displayValue(value, "lossless", type);
  const compat = displayValue(value, "compat", type);
  return {
    index,
    name,
    scope: scoped ? scope : undefined,
    type: type ?? undefined,
    system: viewOf("", name, value).is_system,
    raw: { type: viewOf("", name, value).type, text: brief(value) },
    lossless,
    compat,
    differs: lossless.type !== compat.type || lossless.text !== compat.text || lossless.error !== compat.error,
    shadowedBy,
  };
}

function displayValue(value: unknown, mode: "lossless" | "compat", hint: string | null | undefined): DisplayValue {
  try {
    const coerced = coerce(value, mode, hint);
    return { type: viewOf("", "value", coerced).type, text: brief(coerced) };
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    const [issue] = error.report.issues;
    return { type: "string", text: brief(value), error: issue ? issue.code : error.name };
  }
}

function viewOf(scope: string, name: string, value: unknown) {
  const view = debugView([{ name, value, scope }])[name];
  if (!view) throw new Error("debugView returned no entry for the variable");
  return view;
}

/** Returns the variables of each duplicate name, highest precedence first. */
function scopeChainsOf(all: readonly RawVariable[]): ScopeChain[] {
  const byName = new Map<string, RawVariable[]>();
  for (const raw of all) {
    const sameName = byName.get(raw.name);
    if (sameName) sameName.push(raw);
    else byName.set(raw.name, [raw]);
  }
  return [...byName].flatMap(([name, sameName]) => {
    if (sameName.length < 2) return [];
    const candidates: RawVariable[] = [];
    let remaining = sameName;
    while (remaining.length > 0) {
      const next = resolveScopes(remaining).get(name) as RawVariable;
      candidates.push(next);
      remaining = remaining.filter((raw) => raw !== next);
    }
    return [{ name, candidates: candidates.map(({ index, scope, value }) => ({ index, scope, text: brief(value) })) }];
  });
}
