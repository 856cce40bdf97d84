/** The WebAssembly module with the network client. */
import { type InitOutput, initSync, inputBuffer } from "wasm-client";
import { LazyModule } from "../lazy-module.js";
import { client } from "../panic-guard.js";
import { outOfMemory } from "../util/arguments.js";

/** The module, loaded on first use. */
export const clientModule = new LazyModule(
  client,
  (module) => void initSync({ module }),
  "the client is not loaded. Call `await initClient()` first, or await a call of the client.",
);

/**
 * Copies input from the buffer of the rules into the buffer of the client's instance.
 *
 * @param input the bytes
 * @throws {RangeError} when the instance has not enough memory for the bytes
 */
export function copyInput(input: Uint8Array): void {
  const pointer = inputBuffer(input.length);
  if (pointer === 0) throw outOfMemory(input.length);
  // Once the glue has a module, `initSync` returns the current exports.
  const { memory } = (initSync as () => InitOutput)();
  new Uint8Array(memory.buffer, pointer, input.length).set(input);
}
