/** Reads variables in both modes and resolves their scopes. */
import type { ScopedVariable } from "cognigy-context/browser";
import { detectKind } from "./detect-kind";
import { listVariables, toVariableMap } from "./document-parts";
import { type Json, isObject, parse, shortJson } from "./json";
import { coerce, debugView, parseVariables, resolveScopes, ValidationError } from "./package";
import type { CheckInput, DisplayValue, Kind, ScopeChain, VariableRow, VariablesData } from "./types";

/** A variable as the document contains it. `isScoped` is false for the variables of a context. */
type RawVariable = ScopedVariable & { readonly index: number; readonly isScoped: boolean };

/** Returns the variables of a document; `undefined` if it is not a JSON object. */
export function readVariables(input: CheckInput): VariablesData | undefined {
  const value = parse(input.text);
  if (!isObject(value)) return undefined;
  const kind = input.kind === "auto" ? detectKind(value) : input.kind;
  // Throws the package's error for a response of an unexpected shape.
  if (kind === "variables") parseVariables(input.text);
  const all = listRawVariables(kind, value);
  const scopeChains = listScopeChains(all.filter(({ isScoped }) => isScoped));
  const shadowedBy = new Map<number, string>();
  for (const { candidates } of scopeChains) {
    for (const { index } of candidates.slice(1)) shadowedBy.set(index, candidates[0]?.scope ?? "");
  }
  return { rows: all.map((raw) => toRow(raw, shadowedBy.get(raw.index))), scopeChains };
}

function listRawVariables(kind: Kind, value: Json): RawVariable[] {
  if (kind === "payload" || kind === "variables") {
    const { list, nameMember } = listVariables(kind, value);
    return list.flatMap((item, index) => {
      const { [nameMember]: name, value = null, scope = kind === "payload" ? "session" : "", type } = item;
      if (typeof name !== "string" || typeof scope !== "string") return [];
      return [{ index, name, value, scope, type: typeof type === "string" ? type : undefined, isScoped: true }];
    });
  }
  if (kind === "state" && isObject(value)) {
    let index = 0;
    return ["session", "user"].flatMap((scope) => {
      const part = value[scope];
      return Object.entries(isObject(part) ? part : {}).map(([name, value]) => ({ index: index++, name, value, scope, isScoped: true }));
    });
  }
  return Object.entries(toVariableMap(kind, value).map).map(([name, value], index) => ({ index, name, value, scope: "", isScoped: false }));
}

function toRow(raw: RawVariable, shadowedBy: string | undefined): VariableRow {
  const { index, name, scope, type, value, isScoped } = raw;
  const lossless = toDisplayValue(value, "lossless", type);
  const compat = toDisplayValue(value, "compat", type);
  return {
    index,
    name,
    scope: isScoped ? scope : undefined,
    type: type ?? undefined,
    isSystem: describeVariable("", name, value).is_system,
    raw: { type: describeVariable("", name, value).type, text: shortJson(value) },
    lossless,
    compat,
    differs: lossless.type !== compat.type || lossless.text !== compat.text || lossless.error !== compat.error,
    shadowedBy,
  };
}

/** Coerces a value in a mode. On a coercion error, returns the value itself with the error's code. */
function toDisplayValue(value: unknown, mode: "lossless" | "compat", hint: string | null | undefined): DisplayValue {
  try {
    const coerced = coerce(value, mode, hint);
    return { type: describeVariable("", "value", coerced).type, text: shortJson(coerced) };
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    const [issue] = error.report.issues;
    return { type: "string", text: shortJson(value), error: issue ? issue.code : error.name };
  }
}

/** Returns the entry of a variable in the debug view. */
function describeVariable(scope: string, name: string, value: unknown) {
  const view = debugView([{ name, value, scope }])[name];
  if (!view) throw new Error("debugView returned no entry for the variable");
  return view;
}

/** Returns the variables of each name that occurs more than once, highest precedence first. */
function listScopeChains(all: readonly RawVariable[]): ScopeChain[] {
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
    return [{ name, candidates: candidates.map(({ index, scope, value }) => ({ index, scope, text: shortJson(value) })) }];
  });
}
