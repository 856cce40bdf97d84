/**
 * The WebAssembly instance with the rules, and the memory that it shares with JavaScript.
 *
 * JavaScript encodes text directly into a buffer in the instance's memory, and reads the numbers of a
 * check from six floats at a fixed address. Both cost much less than a call with a string argument.
 */
import { checkResultAddress, type InitOutput, initSync, inputBuffer, maxNesting } from "wasm-glue";
import { ConfigurationError } from "./errors.js";
import { rules } from "./panic-guard.js";
import { outOfMemory } from "./util/arguments.js";

/** Indices into the check result that the core writes. */
const JSON_BYTES = 0;
const PLATFORM_BYTES = 1;
const DEPTH = 2;
const VARIABLES = 3;
const OK = 4;
const OMITTED = 5;
const CHECK_RESULT_LENGTH = 6;

const encoder = new TextEncoder();

/** End of the last write, as an offset into the input buffer. */
let inputEnd = 0;

/** An instance of the module, and views of its memory. */
interface Instance {
  /** The number of this instance; `InstanceSupervisor` counts them. */
  readonly generation: number;
  readonly memory: WebAssembly.Memory;
  /** The core's nesting limit, which keeps recursive walks from overflowing the stack. */
  readonly maxNesting: number;
  /** A view of the memory, created again when the memory has grown. */
  bytes: Uint8Array;
  /** A view of the numbers of the last check, created again when the memory has grown. */
  checkResult: Float64Array;
}

let instance: Instance | undefined;

/** Returns whether the instance exists. */
export function isStarted(): boolean {
  return instance !== undefined;
}

/** Creates the instance from a module or its bytes. Later calls do nothing. */
export function start(module: WebAssembly.Module | BufferSource): void {
  instance ??= viewMemory(initSync({ module }));
}

/** Creates views of the memory of the current instance. */
function viewMemory({ memory }: { readonly memory: WebAssembly.Memory }): Instance {
  return {
    generation: rules.generation,
    memory,
    maxNesting: maxNesting(),
    bytes: new Uint8Array(memory.buffer),
    checkResult: viewCheckResult(memory),
  };
}

function viewCheckResult(memory: WebAssembly.Memory): Float64Array {
  return new Float64Array(memory.buffer, checkResultAddress(), CHECK_RESULT_LENGTH);
}

/**
 * Returns the instance, or a new one after a panic.
 *
 * @throws {ConfigurationError} when the module is not loaded
 */
export function ensureStarted(): Instance {
  if (instance) {
    rules.ensureAlive();
    if (instance.generation !== rules.generation) {
      // Once the glue has a module, `initSync` returns the current exports.
      instance = viewMemory((initSync as () => InitOutput)());
    }
    return instance;
  }
  throw new ConfigurationError(
    "cognigy-context is not loaded. Call `await init()` once before any other function.",
  );
}

/** Returns the numbers of the last check or measurement: sizes, whether it passed, and the number of omitted issues. */
export function readCheckResult(): {
  jsonBytes: number;
  platformBytes: number;
  depth: number;
  variables: number;
  ok: boolean;
  omitted: number;
} {
  const current = ensureStarted();
  // A view is empty once the memory has grown.
  if (current.checkResult.byteLength === 0) current.checkResult = viewCheckResult(current.memory);
  const result = current.checkResult;
  return {
    jsonBytes: result[JSON_BYTES] ?? 0,
    platformBytes: result[PLATFORM_BYTES] ?? 0,
    depth: result[DEPTH] ?? 0,
    variables: result[VARIABLES] ?? 0,
    ok: result[OK] === 1,
    omitted: result[OMITTED] ?? 0,
  };
}

/**
 * Writes text into the input buffer as UTF-8, starting at byte `offset`. Earlier bytes stay.
 *
 * @returns the number of bytes written
 */
export function writeText(text: string, offset = 0): number {
  let rest = text;
  // Most text is ASCII, with one byte per character. Other text needs a second round with more space.
  let reserved = text.length;
  let length = 0;
  for (;;) {
    const { read, written } = encoder.encodeInto(rest, reserve(offset + length, reserved));
    length += written;
    if (read === rest.length) {
      inputEnd = offset + length;
      return length;
    }
    rest = rest.slice(read);
    reserved = 3 * rest.length;
  }
}

/**
 * Copies bytes into the input buffer, starting at byte `offset`. Earlier bytes stay.
 *
 * @returns the number of bytes written
 */
export function writeBytes(bytes: Uint8Array, offset = 0): number {
  reserve(offset, bytes.length).set(bytes);
  inputEnd = offset + bytes.length;
  return bytes.length;
}

/**
 * Returns the input buffer up to the end of the last write; empty without a write since the last call of this
 * function. The view is valid until the next write.
 */
export function takeInput(): Uint8Array {
  const length = inputEnd;
  inputEnd = 0;
  return reserve(0, length);
}

/**
 * Returns `length` bytes of the input buffer, starting at byte `offset`. Grows the buffer if needed.
 *
 * @throws {RangeError} when there is not enough memory
 */
function reserve(offset: number, length: number): Uint8Array {
  const current = ensureStarted();
  const pointer = inputBuffer(offset + length);
  if (pointer === 0) throw outOfMemory(offset + length);
  if (current.bytes.byteLength === 0) current.bytes = new Uint8Array(current.memory.buffer);
  return current.bytes.subarray(pointer + offset, pointer + offset + length);
}
