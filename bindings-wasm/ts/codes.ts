import { codes as coreCodes } from "wasm-glue";
import type { Code } from "./issue.js";
import { ensureStarted } from "./wasm.js";

/**
 * Lists every code that an issue can have.
 *
 * @returns the codes, in the order of the documentation
 */
export function codes(): readonly Code[] {
  ensureStarted();
  return JSON.parse(coreCodes()) as Code[];
}
