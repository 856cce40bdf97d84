/**
 * How much memory is in use, by count instead of by resident pages: what the operating system, the
 * allocator and V8's background threads do at that moment is no part of it. Needs `--expose-gc`.
 */

/** Collects all garbage, and lets the package free what belonged to it. */
export async function collect() {
  for (let round = 0; round < 5; round++) {
    globalThis.gc();
    // Finalizers run in tasks of their own.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Bytes of JavaScript's objects, of buffers and of the WebAssembly instances' memories. */
export function bytesInUse() {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
