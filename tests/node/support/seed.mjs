/** The seed of random tests: today's, or another that the environment variable `TEST_SEED` names. */
import assert from "node:assert/strict";

/**
 * Returns the seed of a test.
 *
 * @param usual the seed where `TEST_SEED` is not set
 */
export function seedOf(usual) {
  const text = process.env.TEST_SEED ?? "";
  if (text === "") return usual;
  assert.match(text, /^-?\d+$/, "TEST_SEED must be an integer");
  return Number(text);
}

/** Returns a generator of integers from 0 below a bound, the same for the same seed. */
export function randomOf(seed) {
  // The generator of Park and Miller, whose state is never 0.
  const MODULUS = 2_147_483_647;
  let state = (((seed % MODULUS) + MODULUS) % MODULUS) || 1;
  return (below) => {
    state = (state * 48_271) % MODULUS;
    return state % below;
  };
}
