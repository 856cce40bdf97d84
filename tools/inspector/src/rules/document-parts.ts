/** Extracts the parts of a document: its context, variables, payload or state update. */
import { type Json, type JsonObject, isObject, parse, pointerToken } from "./json";
import { InjectionPayload, parseVariables, StateUpdate } from "./package";
import type { Kind } from "./types";

/** Returns a path unchanged: a path in a value that is the document itself. */
export const keepPath = (path: string) => path;

/** Returns the variables of a document as a map, with a function that converts paths in the map to paths in the document. */
export function toVariableMap(kind: Kind, value: Json | undefined): { map: JsonObject; toDocumentPath: (path: string) => string } {
  if (kind === "context") {
    const body = extractContext(value);
    return { map: isObject(body) ? body : {}, toDocumentPath: body === value ? keepPath : (path) => `/context${path}` };
  }
  // Without a prototype, because a name can be any text.
  const map: Record<string, Json> = Object.create(null);
  const paths = new Map<string, string>();
  if (kind === "state") {
    for (const part of ["session", "user"]) {
      const members = isObject(value) ? value[part] : undefined;
      for (const [name, member] of Object.entries(isObject(members) ? members : {})) {
        map[name] = member;
        paths.set(pointerToken(name), `/${part}/${pointerToken(name)}`);
      }
    }
  } else {
    const { list, nameMember } = listVariables(kind, value);
    const typed = kind === "variables" ? parseVariables(JSON.stringify(value)) : undefined;
    list.forEach((item, index) => {
      const key = item[nameMember];
      if (typeof key !== "string") return;
      map[key] = (typed ? typed.get(key)?.value : item.value) as Json;
      paths.set(pointerToken(key), `/variables/${index}`);
    });
  }
  return {
    map,
    toDocumentPath: (path) => {
      const [token = "", ...rest] = path.slice(1).split("/");
      const variablePath = paths.get(token);
      if (variablePath === undefined) return "";
      const below = rest.map((part) => `/${part}`).join("");
      return kind === "state" || below === "" ? variablePath + below : `${variablePath}/value${below}`;
    },
  };
}

/** Returns the context of an inject request, which has only `userId` and `context`, or the value itself. */
export function extractContext(value: Json | undefined): Json | undefined {
  return isObject(value) && typeof value.userId === "string" && isObject(value.context) && Object.keys(value).length === 2
    ? value.context
    : value;
}

/** Returns the items of a variables list, and the name of the member that contains the variable name. */
export function listVariables(kind: "payload" | "variables", value: Json | undefined) {
  const variables = isObject(value) ? value.variables : undefined;
  const list = Array.isArray(variables) ? (variables as Json[]).map((item) => (isObject(item) ? item : {})) : [];
  return { list, nameMember: kind === "payload" ? "key" : "name" } as const;
}

/** Returns the payload of a document. Replaces members of the wrong type with their defaults. */
export function toInjectionPayload(value: Json | undefined) {
  const body = isObject(value) ? value : {};
  const variables = Array.isArray(body.variables) ? body.variables : [];
  const { mergeStrategy } = body;
  return new InjectionPayload("inspected", variables, typeof mergeStrategy === "string" ? { mergeStrategy } : {});
}

/** Returns the state update of a document. Omits members of the wrong type. */
export function toStateUpdate(value: Json | undefined) {
  const { session, user, transition } = isObject(value) ? value : ({} as JsonObject);
  const nextStep = isObject(transition) ? transition.nextStep : undefined;
  return new StateUpdate({
    session: isObject(session) ? session : {},
    user: isObject(user) ? user : {},
    nextStep: typeof nextStep === "string" ? nextStep : undefined,
  });
}

/** Returns the existing context; `undefined` if the text is not a JSON object. */
export function parseExisting(text: string): JsonObject | undefined {
  if (text.trim() === "") return undefined;
  const value = parse(text);
  return isObject(value) ? value : undefined;
}
