import { codes as coreCodes } from "wasm-glue";
import type { Code } from "./issue.js";
import { ensureStarted } from "./wasm.js";

/**
 * Returns every code that an issue can have.
 *
 * @returns the codes, in the order of the documentation
 * @throws {ConfigurationError} when the WebAssembly module is not loaded
 */
export function codes(): readonly Code[] {
  ensureStarted();
  return JSON.parse(coreCodes()) as Code[];
}
