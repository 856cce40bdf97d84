/**
 * Fills an array with random bytes, for the glue of the modules in Node. Node 18 has no global `crypto`;
 * `node:crypto` is loaded when the first schema is made.
 */
export function randomValues(array: Uint8Array): Uint8Array {
  const { randomFillSync } = require("node:crypto") as typeof import("node:crypto");
  return randomFillSync(array);
}
