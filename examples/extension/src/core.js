/** The package with its WebAssembly modules in the bundle, so that an Extension is one file. */
import client from "cognigy-context/cognigy-context-client.wasm";
import wasm from "cognigy-context/cognigy-context.wasm";
import { initSync } from "cognigy-context/browser";

initSync(wasm, client);

export * from "cognigy-context/browser";
