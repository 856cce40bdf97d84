/** Detects the kind of a document by its members. */
import { type Json, isObject } from "./json";
import type { Kind } from "./types";

const stateMembers = new Set(["session", "user", "transition"]);

/** Returns the kind of a value; `context` if nothing identifies another kind. */
export function detectKind(value: Json | undefined): Kind {
  if (!isObject(value)) return "context";
  const { variables, userId, context } = value;
  if (Array.isArray(variables)) {
    const first = variables.find(isObject);
    return first && "name" in first && !("key" in first) ? "variables" : first ? "payload" : detectKindOfEmptyList(value);
  }
  if (typeof userId === "string" && isObject(context)) return "context";
  const names = Object.keys(value);
  if (names.length > 0 && names.every((name) => stateMembers.has(name) && isObject(value[name]))) return "state";
  return "context";
}

/** Returns the kind of a document whose `variables` contain no object. */
function detectKindOfEmptyList(value: { readonly [name: string]: Json }): Kind {
  return "mergeStrategy" in value ? "payload" : "variables";
}
