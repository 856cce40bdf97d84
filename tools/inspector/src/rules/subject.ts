/**
 * Passes a document to the function of the package for its kind. A document that is not a context can be checked
 * against any policy: then its variables are checked as a map.
 */
import type { PresetName, Report } from "cognigy-context/browser";
import { type Json, type JsonObject, isObject, parse, pointerToken } from "./json";
import { check, checkJson, InjectionPayload, parseVariables, StateUpdate } from "./package";
import type { Kind, Subject } from "./types";

interface SubjectReport {
  readonly report: Pick<Report, "issues" | "sizes" | "omitted">;
  readonly policy: PresetName | "variables";
  /** Converts a path in the checked value to a path in the document. */
  readonly toDocumentPath: (path: string) => string;
}

const samePath = (path: string) => path;

export function reportOf(
  { text, policy }: Subject,
  kind: Kind,
  value: Json | undefined,
  existing: JsonObject | undefined,
): SubjectReport {
  switch (kind) {
    case "context": {
      const preset = policy === "auto" ? "platform" : policy;
      const body = contextIn(value);
      // Of a request, check its context. Otherwise check the text, because parsing hides duplicate keys.
      if (body !== value) return { report: check(body, preset, existing), policy: preset, toDocumentPath: (path) => `/context${path}` };
      return { report: checkJson(text, preset, existing), policy: preset, toDocumentPath: samePath };
    }
    case "payload":
      if (policy === "auto" || policy === "injection") {
        return { report: payloadOf(value).check(), policy: "injection", toDocumentPath: samePath };
      }
      break;
    case "state":
      if (policy === "auto" || policy === "state") {
        return { report: stateOf(value).check(), policy: "state", toDocumentPath: samePath };
      }
      break;
    case "variables":
      if (policy === "auto") {
        const { issues } = parseVariables(text);
        return { report: { issues, sizes: check(mapOf(kind, value).map).sizes, omitted: 0 }, policy: "variables", toDocumentPath: samePath };
      }
  }
  const { map, toDocumentPath } = mapOf(kind, value);
  return { report: check(map, policy, existing), policy, toDocumentPath };
}

/** Returns the variables of a document as a map, and the conversion of its paths to paths in the document. */
export function mapOf(kind: Kind, value: Json | undefined): { map: JsonObject; toDocumentPath: (path: string) => string } {
  if (kind === "context") {
    const body = contextIn(value);
    return { map: isObject(body) ? body : {}, toDocumentPath: body === value ? samePath : (path) => `/context${path}` };
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
    const { list, name } = listOf(kind, value);
    const typed = kind === "variables" ? parseVariables(JSON.stringify(value)) : undefined;
    list.forEach((item, index) => {
      const key = item[name];
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

/** Returns the context of an inject request, or the value itself. */
function contextIn(value: Json | undefined): Json | undefined {
  return isObject(value) && typeof value.userId === "string" && isObject(value.context) && Object.keys(value).length === 2
    ? value.context
    : value;
}

export function listOf(kind: "payload" | "variables", value: Json | undefined) {
  const variables = isObject(value) ? value.variables : undefined;
  const list = Array.isArray(variables) ? (variables as Json[]).map((item) => (isObject(item) ? item : {})) : [];
  return { list, name: kind === "payload" ? "key" : "name" } as const;
}

export function payloadOf(value: Json | undefined) {
  const body = isObject(value) ? value : {};
  const variables = Array.isArray(body.variables) ? body.variables : [];
  const { mergeStrategy } = body;
  return new InjectionPayload(
    "inspected",
    variables,
    typeof mergeStrategy === "string" ? { mergeStrategy } : {},
  );
}

export function stateOf(value: Json | undefined) {
  const { session, user, transition } = isObject(value) ? value : ({} as JsonObject);
  const nextStep = isObject(transition) ? transition.nextStep : undefined;
  return new StateUpdate({
    session: isObject(session) ? session : {},
    user: isObject(user) ? user : {},
    nextStep: typeof nextStep === "string" ? nextStep : undefined,
  });
}

/** Returns the existing context; `undefined` if the text is not a JSON object. */
export function existingOf(text: string): JsonObject | undefined {
  if (text.trim() === "") return undefined;
  const value = parse(text);
  return isObject(value) ? value : undefined;
}
