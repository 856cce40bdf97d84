/** The entry for Node, with `import` and `require`. It needs no `init`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { clientModule } from "./client/client-module.js";
import { setEnvironment } from "./client/hooks.js";
import { schemaModule } from "./schema-module.js";
import { start } from "./wasm.js";

export * from "./index.js";
export * from "./client/journal.js";

const readModule = (name: string) => readFileSync(join(__dirname, "..", name));
start(readModule("cognigy-context.wasm"));
clientModule.setSource(() => readModule("cognigy-context-client.wasm"));
schemaModule.setSource(() => readModule("cognigy-context-documents.wasm"));
setEnvironment((name) => process.env[name]);
