/**
 * The WebAssembly module with the rules, compressed to half as many characters. The decompressor is a
 * WebAssembly module too: JavaScript that runs only once is never optimised, so a decompressor in JavaScript
 * would take longer than the rest of the start.
 */
import { inflater, inflaterSize, rules, rulesSize } from "wasm-inline";
import { decodeBytes, decodeUnits } from "./base14.js";

interface Inflater {
  readonly memory: WebAssembly.Memory;
  /** Returns the address of the compressed input, an array of 16-bit units. */
  input(): number;
  /** Decompresses the input and returns the address of the bytes. */
  inflate(): number;
}

/**
 * Compiles the module, synchronously: a host without an event loop may never finish an asynchronous
 * compilation.
 */
export function compileRules(): WebAssembly.Module {
  const module = new WebAssembly.Module(decodeBytes(inflater, inflaterSize));
  const { memory, input, inflate } = new WebAssembly.Instance(module).exports as unknown as Inflater;
  decodeUnits(rules, new Uint16Array(memory.buffer, input(), rules.length));
  return new WebAssembly.Module(new Uint8Array(memory.buffer, inflate(), rulesSize));
}
