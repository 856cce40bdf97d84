/**
 * Checks a document with the function of the package for its kind. If the selected policy is for another kind, checks
 * the variables of the document as a map.
 */
import type { PresetName, Report } from "cognigy-context/browser";
import { extractContext, keepPath, toInjectionPayload, toStateUpdate, toVariableMap } from "./document-parts";
import type { Json, JsonObject } from "./json";
import { check, checkJson, parseVariables } from "./package";
import type { CheckInput, Kind } from "./types";

/** The result of a check for one kind. */
interface KindCheck {
  readonly report: Pick<Report, "issues" | "sizes" | "omitted">;
  readonly policy: PresetName | "variables";
  /** Converts a path in the checked value to a path in the document. */
  readonly toDocumentPath: (path: string) => string;
}

/**
 * Checks a document.
 *
 * @param value the parsed text; `undefined` if the text is not JSON
 * @throws the error of the package, for example for a response of an unexpected shape
 */
export function checkByKind(
  { text, policy }: CheckInput,
  kind: Kind,
  value: Json | undefined,
  existing: JsonObject | undefined,
): KindCheck {
  switch (kind) {
    case "context": {
      const preset = policy === "auto" ? "platform" : policy;
      const body = extractContext(value);
      // A context is checked as text, because parsing hides duplicate keys. The context of a request is checked as a value.
      if (body !== value) return { report: check(body, preset, existing), policy: preset, toDocumentPath: (path) => `/context${path}` };
      return { report: checkJson(text, preset, existing), policy: preset, toDocumentPath: keepPath };
    }
    case "payload":
      if (policy === "auto" || policy === "injection") {
        return { report: toInjectionPayload(value).check(), policy: "injection", toDocumentPath: keepPath };
      }
      break;
    case "state":
      if (policy === "auto" || policy === "state") {
        return { report: toStateUpdate(value).check(), policy: "state", toDocumentPath: keepPath };
      }
      break;
    case "variables":
      if (policy === "auto") {
        const { issues } = parseVariables(text);
        return { report: { issues, sizes: check(toVariableMap(kind, value).map).sizes, omitted: 0 }, policy: "variables", toDocumentPath: keepPath };
      }
  }
  const { map, toDocumentPath } = toVariableMap(kind, value);
  return { report: check(map, policy, existing), policy, toDocumentPath };
}
