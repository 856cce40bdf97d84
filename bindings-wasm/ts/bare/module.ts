/**
 * The rules as a module. Compressed they are half as many characters to paste; what uncompresses them
 * is a module as well, because JavaScript that runs only once would be slower at it than all the rest
 * of the start together.
 */
import { inflater, inflaterSize, rules, rulesSize } from "wasm-inline";
import { unpackBytes, unpackUnits } from "./packed.js";

interface Inflater {
  readonly memory: WebAssembly.Memory;
  /** Where the compressed input belongs, as 16-bit units. */
  input(): number;
  /** Undoes the compression and answers where the bytes are. */
  inflate(): number;
}

/** Compiled at once: compiling asynchronously may never end where there is no event loop. */
export function rulesModule(): WebAssembly.Module {
  const module = new WebAssembly.Module(unpackBytes(inflater, inflaterSize));
  const { memory, input, inflate } = new WebAssembly.Instance(module).exports as unknown as Inflater;
  unpackUnits(rules, new Uint16Array(memory.buffer, input(), rules.length));
  return new WebAssembly.Module(new Uint8Array(memory.buffer, inflate(), rulesSize));
}
