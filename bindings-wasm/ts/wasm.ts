/**
 * The one WebAssembly instance, and the memory it shares with us.
 *
 * Text goes over through a buffer that is kept in the instance's memory: we encode straight into
 * it. Figures come back through a few floats at a fixed place. Both are far cheaper than what a
 * call with a string argument costs.
 */
import { type InitOutput, inputBuffer, maxNesting, outcome, initSync } from "wasm-glue";
import { ConfigurationError } from "./errors.js";
import { rules } from "./guard.js";

/** What the core answers of one check, at these places of its outcome area. */
const JSON_BYTES = 0;
const PLATFORM_BYTES = 1;
const DEPTH = 2;
const VARIABLES = 3;
const OK = 4;
const OMITTED = 5;
const OUTCOME_LENGTH = 6;

const encoder = new TextEncoder();

/** Where in the input buffer ends what was written last. */
let end = 0;

interface Instance {
  /** Which instance it is. */
  readonly generation: number;
  readonly memory: WebAssembly.Memory;
  /** The core's cap on nesting, for walks that must end before the stack does. */
  readonly maxNesting: number;
  /** Views of the memory, made anew when it has grown. */
  bytes: Uint8Array;
  outcome: Float64Array;
}

let instance: Instance | undefined;

/** Whether the instance is there. */
export function isStarted(): boolean {
  return instance !== undefined;
}

/** Starts the instance from a module or its bytes; later calls change nothing. */
export function start(module: WebAssembly.Module | BufferSource): void {
  instance ??= lookedAt(initSync({ module }));
}

function lookedAt({ memory }: { readonly memory: WebAssembly.Memory }): Instance {
  return {
    generation: rules.generation,
    memory,
    maxNesting: maxNesting(),
    bytes: new Uint8Array(memory.buffer),
    outcome: new Float64Array(memory.buffer, outcome(), OUTCOME_LENGTH),
  };
}

/** The instance, or an error that says how to get one. */
export function started(): Instance {
  if (instance) {
    rules.revive();
    if (instance.generation !== rules.generation) {
      // Once it has a module, the glue answers the exports that it has now.
      instance = lookedAt((initSync as () => InitOutput)());
    }
    return instance;
  }
  throw new ConfigurationError(
    "cognigy-context is not loaded yet: `await init()` once before anything else",
  );
}

/** The sizes, verdict and count of issues left out of the check that just ran. */
export function readOutcome(): {
  jsonBytes: number;
  platformBytes: number;
  depth: number;
  variables: number;
  ok: boolean;
  omitted: number;
} {
  const here = started();
  if (here.outcome.byteLength === 0) {
    here.outcome = new Float64Array(here.memory.buffer, outcome(), OUTCOME_LENGTH);
  }
  const area = here.outcome;
  return {
    jsonBytes: area[JSON_BYTES] ?? 0,
    platformBytes: area[PLATFORM_BYTES] ?? 0,
    depth: area[DEPTH] ?? 0,
    variables: area[VARIABLES] ?? 0,
    ok: area[OK] === 1,
    omitted: area[OMITTED] ?? 0,
  };
}

/**
 * Writes text into the input buffer as UTF-8, from byte `at` on; what stands before stays.
 *
 * @returns how many bytes it took
 */
export function writeText(text: string, at = 0): number {
  let rest = text;
  // Most text is ASCII, one byte a character; what is not is given room as it turns up.
  let room = text.length;
  let length = 0;
  for (;;) {
    const { read, written } = encoder.encodeInto(rest, reserve(at + length, room));
    length += written;
    if (read === rest.length) {
      end = at + length;
      return length;
    }
    rest = rest.slice(read);
    room = 3 * rest.length;
  }
}

/** Copies bytes into the input buffer, from byte `at` on; what stands before stays. */
export function writeBytes(bytes: Uint8Array, at = 0): number {
  reserve(at, bytes.length).set(bytes);
  end = at + bytes.length;
  return bytes.length;
}

/** What was written into the input buffer since this was asked last; good until the next is. */
export function takeInput(): Uint8Array {
  const length = end;
  end = 0;
  return reserve(0, length);
}

/** The part of the input buffer from byte `at` on, `length` bytes long. */
function reserve(at: number, length: number): Uint8Array {
  const here = started();
  const pointer = inputBuffer(at + length);
  if (pointer === 0) throw new RangeError(`no memory for ${at + length} bytes of JSON text`);
  if (here.bytes.byteLength === 0) here.bytes = new Uint8Array(here.memory.buffer);
  return here.bytes.subarray(pointer + at, pointer + at + length);
}
