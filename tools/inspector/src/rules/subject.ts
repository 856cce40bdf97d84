/**
 * Hands a document to the part of the package that is for it. What is no context can be held against
 * any policy too: then its variables are checked as the map that they are.
 */
import type { PresetName, Report } from "cognigy-context/browser";
import { type Json, type JsonObject, isObject, pointerToken, read } from "./json";
import { check, checkJson, InjectionPayload, parseVariables, StateUpdate } from "./package";
import type { Kind, Subject } from "./shapes";

interface Told {
  readonly report: Pick<Report, "issues" | "sizes" | "omitted">;
  readonly policy: PresetName | "answer";
  /** The place in the document of a place in what was checked. */
  readonly at: (path: string) => string;
}

const itself = (path: string) => path;

export function reportOf(
  { text, policy }: Subject,
  kind: Kind,
  value: Json | undefined,
  existing: JsonObject | undefined,
): Told {
  switch (kind) {
    case "context": {
      const preset = policy === "auto" ? "platform" : policy;
      const body = contextIn(value);
      // Of a whole request the context counts. Otherwise the text: it shows what parsing hides.
      if (body !== value) return { report: check(body, preset, existing), policy: preset, at: (path) => `/context${path}` };
      return { report: checkJson(text, preset, existing), policy: preset, at: itself };
    }
    case "payload":
      if (policy === "auto" || policy === "injection") {
        return { report: payloadOf(value).check(), policy: "injection", at: itself };
      }
      break;
    case "state":
      if (policy === "auto" || policy === "state") {
        return { report: stateOf(value).check(), policy: "state", at: itself };
      }
      break;
    case "answer":
      if (policy === "auto") {
        const { issues } = parseVariables(text);
        return { report: { issues, sizes: check(mapOf(kind, value).map).sizes, omitted: 0 }, policy: "answer", at: itself };
      }
  }
  const { map, at } = mapOf(kind, value);
  return { report: check(map, policy, existing), policy, at };
}

/** The variables of a document as a map, and where each of its places is in the document. */
export function mapOf(kind: Kind, value: Json | undefined): { map: JsonObject; at: (path: string) => string } {
  if (kind === "context") {
    const body = contextIn(value);
    return { map: isObject(body) ? body : {}, at: body === value ? itself : (path) => `/context${path}` };
  }
  // Without a prototype, because a name may be any text.
  const map: Record<string, Json> = Object.create(null);
  const places = new Map<string, string>();
  if (kind === "state") {
    for (const part of ["session", "user"]) {
      const members = isObject(value) ? value[part] : undefined;
      for (const [name, member] of Object.entries(isObject(members) ? members : {})) {
        map[name] = member;
        places.set(pointerToken(name), `/${part}/${pointerToken(name)}`);
      }
    }
  } else {
    const { list, name } = listOf(kind, value);
    const typed = kind === "answer" ? parseVariables(JSON.stringify(value)) : undefined;
    list.forEach((item, index) => {
      const key = item[name];
      if (typeof key !== "string") return;
      map[key] = (typed ? typed.get(key)?.value : item.value) as Json;
      places.set(pointerToken(key), `/variables/${index}`);
    });
  }
  return {
    map,
    at: (path) => {
      const [token = "", ...rest] = path.slice(1).split("/");
      const place = places.get(token);
      if (place === undefined) return "";
      const below = rest.map((part) => `/${part}`).join("");
      return kind === "state" || below === "" ? place + below : `${place}/value${below}`;
    },
  };
}

/** The context of a request that injects one, or the value itself. */
function contextIn(value: Json | undefined): Json | undefined {
  return isObject(value) && typeof value.userId === "string" && isObject(value.context) && Object.keys(value).length === 2
    ? value.context
    : value;
}

export function listOf(kind: "payload" | "answer", value: Json | undefined) {
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

/** The context that is there already; what is no object is none. */
export function existingOf(text: string): JsonObject | undefined {
  if (text.trim() === "") return undefined;
  const value = read(text);
  return isObject(value) ? value : undefined;
}
