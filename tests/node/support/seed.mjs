/** The seed of random tests: a fixed integer, or the environment variable `TEST_SEED`. */
import assert from "node:assert/strict";

/**
 * Returns the seed of a test.
 *
 * @param fallback the seed when `TEST_SEED` is not set
 */
export function seedOf(fallback) {
  const text = process.env.TEST_SEED ?? "";
  if (text === "") return fallback;
  assert.match(text, /^-?\d+$/, "TEST_SEED must be an integer");
  return Number(text);
}

/** Returns a function of a bound. It returns random integers from 0 to below the bound, the same for a seed. */
export function randomOf(seed) {
  // The Park–Miller generator, whose state must not be 0.
  const MODULUS = 2_147_483_647;
  let state = (((seed % MODULUS) + MODULUS) % MODULUS) || 1;
  return (below) => {
    state = (state * 48_271) % MODULUS;
    return state % below;
  };
}
