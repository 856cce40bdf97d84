import { debugView as viewInCore, resolveScopes as resolveInCore } from "wasm-glue";
import { withMappedErrors } from "./error-mapping.js";
import { toJson, parseJson } from "./json.js";
import { toArray } from "./util/arguments.js";
import { isWellFormed } from "./text.js";
import type { DebugEntry, ScopedVariable } from "./scoped-variable.js";
import { Variables } from "./variables.js";
import { ensureStarted, writeText } from "./wasm.js";

/**
 * Which variable of each name counts: `global` < `bot` < `session` < `user`, an unknown scope is below
 * all, and of equal ones the first stays.
 *
 * @param variables in the order in which they were answered
 * @returns by name, in the order in which the names first appear
 * @throws {TypeError} when a name or a scope is no string
 *
 * @example
 * ```js
 * const resolved = resolveScopes([
 *   { name: "tier", value: "silver", scope: "bot" },
 *   { name: "tier", value: "gold", scope: "user" },
 * ]);
 * resolved.get("tier").value; // "gold"
 * ```
 */
export function resolveScopes<V extends ScopedVariable>(variables: Iterable<V>): Map<string, V> {
  const list = toArray(variables);
  // Names are only told apart, so they go over as numbers.
  const numbers = new Map<string, string>();
  const pairs = list.map((variable, index) => {
    const { name, scope } = fields(variable, index);
    let number = numbers.get(name);
    if (number === undefined) {
      number = String(numbers.size);
      numbers.set(name, number);
    }
    // A scope that UTF-8 cannot carry is not known, like what is put in its place.
    return [number, isWellFormed(scope) ? scope : "\ufffd"];
  });
  const places = resolveInCore(writeText(JSON.stringify(pairs)));
  const resolved = new Map<string, V>();
  for (const place of places) {
    const variable = list[place];
    if (variable) resolved.set(variable.name, variable);
  }
  return resolved;
}

/**
 * How variables look to somebody who debugs a flow.
 *
 * @param variables a list, what {@link resolveScopes} answered, or what `parseVariables` answered
 * @returns by name: `{ value, scope, type, is_system }`, the names of the wire in every language
 * @throws {ValidationError} when a part of a value has no JSON form
 * @throws {TypeError} when a name or a scope is no string
 *
 * @example
 * ```js
 * debugView([{ name: "_turn", value: 3, scope: "session" }]);
 * // { _turn: { value: 3, scope: "session", type: "integer", is_system: true } }
 * ```
 */
export function debugView(
  variables: Iterable<ScopedVariable> | ReadonlyMap<string, ScopedVariable> | Variables,
): Record<string, DebugEntry> {
  const { maxNesting } = ensureStarted();
  if (variables instanceof Variables) return Variables.view(variables);
  const list = toArray(listOf(variables));
  const texts = list.map((variable) => toJson(variable?.value, maxNesting).text);
  let at = 0;
  const heads = list.map((variable, index) => {
    const { name, scope } = fields(variable, index);
    if (!isWellFormed(name) || !isWellFormed(scope)) {
      throw new TypeError(`name and scope of variable ${index} must be well-formed text`);
    }
    const length = writeText(texts[index] ?? "", at);
    at += length;
    return { name, scope, length };
  });
  const json = withMappedErrors(() => viewInCore(JSON.stringify(heads)));
  return parseJson(json) as Record<string, DebugEntry>;
}

function listOf(
  variables: Iterable<ScopedVariable> | ReadonlyMap<string, ScopedVariable> | Variables,
): Iterable<ScopedVariable> {
  const values: unknown = (variables as ReadonlyMap<string, ScopedVariable> | undefined)?.values;
  // Lists have `values` as well, and so have iterators of the future; either gives the same.
  return typeof values === "function"
    ? (variables as ReadonlyMap<string, ScopedVariable>).values()
    : (variables as Iterable<ScopedVariable>);
}

/** The fields that are text. */
function fields(variable: ScopedVariable, index: number): { name: string; scope: string } {
  const { name, scope } = (variable ?? {}) as Partial<ScopedVariable>;
  if (typeof name !== "string" || typeof scope !== "string") {
    throw new TypeError(`name and scope of variable ${index} must be strings`);
  }
  return { name, scope };
}
