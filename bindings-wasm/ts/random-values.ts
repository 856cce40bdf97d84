/**
 * Fills an array with random bytes. The build injects it into the glue for Node, because Node 18 has
 * no global `crypto`. `node:crypto` is loaded on the first call, when the first schema is created.
 */
export function randomValues(array: Uint8Array): Uint8Array {
  const { randomFillSync } = require("node:crypto") as typeof import("node:crypto");
  return randomFillSync(array);
}
