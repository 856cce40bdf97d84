/**
 * The WebAssembly module with the rules. Compressed it takes half as many characters to paste. The
 * decompressor is a module too, because JavaScript that runs once is slower than the rest of the
 * start-up together.
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

/** Compiles the module synchronously: asynchronous compilation may never finish without an event loop. */
export function compileRules(): WebAssembly.Module {
  const module = new WebAssembly.Module(decodeBytes(inflater, inflaterSize));
  const { memory, input, inflate } = new WebAssembly.Instance(module).exports as unknown as Inflater;
  decodeUnits(rules, new Uint16Array(memory.buffer, input(), rules.length));
  return new WebAssembly.Module(new Uint8Array(memory.buffer, inflate(), rulesSize));
}
