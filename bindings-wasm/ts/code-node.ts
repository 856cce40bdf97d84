/**
 * The script that is pasted into a Code node: everything but the network client, schemas and context
 * managers, in one global variable, `cognigyContext`. It needs only the language and `WebAssembly`.
 */
import { compileRules } from "./code-node/rules-module.js";
import { start } from "./wasm.js";

export * from "./index.js";

start(compileRules());
