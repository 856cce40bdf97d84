/**
 * Measures the memory in use in allocated bytes, not in resident pages, so that the operating system, the
 * allocator and V8's background threads do not affect it. Needs `--expose-gc`.
 */

/** Collects all garbage and lets the package run its finalizers. */
export async function collect() {
  for (let round = 0; round < 5; round++) {
    globalThis.gc();
    // Finalizers run in separate tasks.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Returns the bytes of JavaScript objects, buffers and WebAssembly memories. */
export function bytesInUse() {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
