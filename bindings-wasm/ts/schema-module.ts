/** The WebAssembly module with schemas and context managers, which contains a JSON Schema validator. */
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
  "schemas and context managers are not loaded. Call `await initSchema()` once before you create one.",
);

/**
 * Returns the JSON text of a schema or a context document for the module.
 *
 * @throws {ConfigurationError} when the module is not loaded
 */
export function toDocumentJson(document: unknown): string {
  schemaModule.ensureStarted();
  return toRoundTripJson(document, nestingLimit);
}
