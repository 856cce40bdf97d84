/**
 * Measures memory as allocated bytes, not as resident pages, so that the operating system, the allocator and
 * the background threads of V8 do not affect the result. Needs `--expose-gc`.
 */

/** Collects all garbage and runs the finalizers of the package. */
export async function collect() {
  for (let round = 0; round < 5; round++) {
    globalThis.gc();
    // Finalizers run in later tasks.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Returns the bytes of JavaScript objects, buffers and WebAssembly memories. */
export function bytesInUse() {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
