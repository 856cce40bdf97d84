/**
 * The script that is pasted into a Code node: everything but the network client, in one global,
 * `cognigyContext`. It asks of its host nothing but the language and `WebAssembly`.
 */
import { rulesModule } from "./bare/module.js";
import { start } from "./wasm.js";

export * from "./index.js";

start(rulesModule());
