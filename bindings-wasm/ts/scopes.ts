import { debugView as viewInCore, resolveScopes as resolveInCore } from "wasm-glue";
import { withMappedErrors } from "./error-mapping.js";
import { parseJson, toJson } from "./json.js";
import { isWellFormed } from "./text.js";
import { toArray } from "./util/arguments.js";
import { type DebugEntry, type ScopedVariable, Variables } from "./variables.js";
import { ensureStarted, writeText } from "./wasm.js";

/**
 * Selects, for each name, the variable that a flow reads. The scopes from weakest to strongest: any other
 * scope, `global`, `bot`, `session`, `user`. Of two variables in the same scope, the first is selected.
 *
 * @param variables the variables, in the order of the response
 * @returns the selected variables by name, in the order in which the names first appear
 * @throws {TypeError} when a name or a scope is not a string
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
  const list = toArray("variables", variables);
  // The core only compares names, and a number is shorter than a name.
  const numberOfName = new Map<string, string>();
  const pairs = list.map((variable, index) => {
    const { name, scope } = stringFields(variable, index);
    let number = numberOfName.get(name);
    if (number === undefined) {
      number = String(numberOfName.size);
      numberOfName.set(name, number);
    }
    // UTF-8 cannot encode a scope with half of a surrogate pair. Such a scope is unknown, and so is its
    // replacement U+FFFD.
    return [number, isWellFormed(scope) ? scope : "\ufffd"];
  });
  const indexes = resolveInCore(writeText(JSON.stringify(pairs)));
  const resolved = new Map<string, V>();
  for (const index of indexes) {
    const variable = list[index];
    if (variable) resolved.set(variable.name, variable);
  }
  return resolved;
}

/**
 * Returns variables in a form for debugging a flow: the value, scope and type of each name.
 *
 * @param variables a list, or the result of {@link resolveScopes} or `parseVariables`
 * @returns entries `{ value, scope, type, is_system }` by name; the fields have the same names in every
 *   language
 * @throws {ValidationError} when a value contains something that has no JSON form
 * @throws {TypeError} when a name or a scope is not a string
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
  if (variables instanceof Variables) return Variables.debugView(variables);
  const list = toArray("variables", toIterable(variables));
  const texts = list.map((variable) => toJson(variable?.value, maxNesting).text);
  let offset = 0;
  const entries = list.map((variable, index) => {
    const { name, scope } = stringFields(variable, index);
    if (!isWellFormed(name) || !isWellFormed(scope)) {
      throw new TypeError(
        `name and scope of variable ${index} must be well-formed Unicode: ` +
          "one contains half of a surrogate pair",
      );
    }
    const length = writeText(texts[index] ?? "", offset);
    offset += length;
    return { name, scope, length };
  });
  const json = withMappedErrors(() => viewInCore(JSON.stringify(entries)));
  return parseJson(json) as Record<string, DebugEntry>;
}

/** Returns the variables of a list or the values of a map. */
function toIterable(
  variables: Iterable<ScopedVariable> | ReadonlyMap<string, ScopedVariable>,
): Iterable<ScopedVariable> {
  // An array has `values` as well, but its iterator would hide the holes.
  if (Array.isArray(variables)) return variables;
  const values: unknown = (variables as ReadonlyMap<string, ScopedVariable> | null | undefined)?.values;
  return typeof values === "function"
    ? (variables as ReadonlyMap<string, ScopedVariable>).values()
    : (variables as Iterable<ScopedVariable>);
}

/** @throws {TypeError} when a field is not a string */
function stringFields(variable: ScopedVariable, index: number): { name: string; scope: string } {
  const { name, scope } = (variable ?? {}) as Partial<ScopedVariable>;
  if (typeof name !== "string" || typeof scope !== "string") {
    throw new TypeError(`name and scope of variable ${index} must be strings`);
  }
  return { name, scope };
}
