/** Which of the documents of the API a value looks like, by the members that only that one has. */
import { type Json, isObject } from "./json";
import type { Kind } from "./shapes";

const statePart = new Set(["session", "user", "transition"]);

export function recognise(value: Json | undefined): Kind {
  if (!isObject(value)) return "context";
  const { variables, userId, context } = value;
  if (Array.isArray(variables)) {
    const first = variables.find(isObject);
    return first && "name" in first && !("key" in first) ? "answer" : first ? "payload" : emptyList(value);
  }
  if (typeof userId === "string" && isObject(context)) return "context";
  const names = Object.keys(value);
  if (names.length > 0 && names.every((name) => statePart.has(name) && isObject(value[name]))) return "state";
  return "context";
}

function emptyList(value: { readonly [name: string]: Json }): Kind {
  return "mergeStrategy" in value ? "payload" : "answer";
}
