/** The WebAssembly instance with schemas and context managers: a JSON Schema validator is large. */
import { initSync, maxNesting } from "wasm-documents";
import { documents } from "./guard.js";
import { jsonOfKept } from "./json.js";
import { Part } from "./part.js";

let nesting = 0;

/** The module, loaded where it is used. */
export const documentsPart = new Part(
  documents,
  (module) => {
    initSync({ module });
    nesting = maxNesting();
  },
  "schemas and context managers are not loaded yet: `await initSchema()` once before",
);

/** The JSON text of a document, as the instance takes it. */
export function documentText(document: unknown): string {
  documentsPart.need();
  return jsonOfKept(document, nesting);
}
