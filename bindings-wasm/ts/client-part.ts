/** The WebAssembly instance with the network client. */
import { type InitOutput, initSync, inputBuffer } from "wasm-client";
import { client } from "./guard.js";
import { Part } from "./part.js";

/** The module, loaded where it is used. */
export const clientPart = new Part(
  client,
  (module) => void initSync({ module }),
  "the client is not loaded yet: `await initClient()` once before, or a call of it",
);

/** Writes into the instance's input buffer what was written into that of the rules. */
export function handOver(input: Uint8Array): void {
  const pointer = inputBuffer(input.length);
  if (pointer === 0) throw new RangeError(`no memory for ${input.length} bytes of JSON text`);
  // Once it has a module, the glue answers the exports that it has now.
  const { memory } = (initSync as () => InitOutput)();
  new Uint8Array(memory.buffer, pointer, input.length).set(input);
}
