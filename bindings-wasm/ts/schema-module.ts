/** The WebAssembly module with schemas and context managers: a JSON Schema validator is large. */
import { initSync, maxNesting } from "wasm-documents";
import { toRoundTripJson } from "./json.js";
import { LazyModule } from "./lazy-module.js";
import { documents } from "./panic-guard.js";

let nestingLimit = 0;

/** The module, loaded on first use. */
export const schemaModule = new LazyModule(
  documents,
  (module) => {
    initSync({ module });
    nestingLimit = maxNesting();
  },
  "schemas and context managers are not loaded: call `await initSchema()` once before you use them",
);

/**
 * Returns the JSON text of a schema or context document, as the module reads it.
 *
 * @throws {ConfigurationError} when the module is not loaded
 */
export function toDocumentJson(document: unknown): string {
  schemaModule.ensureStarted();
  return toRoundTripJson(document, nestingLimit);
}
