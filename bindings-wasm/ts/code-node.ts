/**
 * The entry of the script that is pasted into a Code node. The script contains everything except the
 * network client, schemas and context managers, and defines one global variable, `cognigyContext`. It
 * needs nothing from its host except `WebAssembly`.
 */
import { compileRules } from "./code-node/rules-module.js";
import { start } from "./wasm.js";

export * from "./rules-exports.js";

start(compileRules());
