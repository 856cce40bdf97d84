/** Values and assertions that the tests of the workflows share. */
import assert from "node:assert/strict";
import { importPackage } from "./project.mjs";

const { ValidationError } = await importPackage();

/** Returns `code path` of every issue of the ValidationError that `action` throws. */
export function issuesOf(action) {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof ValidationError, String(error));
    return error.report.issues.map(({ code, path }) => `${code} ${path}`);
  }
  assert.fail("nothing was thrown");
}

/** Returns an object that contains itself. */
function cycle() {
  const value = {};
  value.self = value;
  return value;
}

/** For each value without a JSON form: a function that creates it, the issue's code, and the path in the value. */
export const UNSUPPORTED = [
  [() => () => {}, "unserializable_type", ""],
  [() => Symbol("s"), "unserializable_type", ""],
  [() => NaN, "non_finite_number", ""],
  [() => ({ deep: [Infinity] }), "non_finite_number", "/deep/0"],
  [cycle, "circular_reference", "/self"],
  [() => "\ud83d", "lone_surrogate", ""],
  [() => new Map([[1, 2]]), "non_string_key", ""],
  [() => new Date(NaN), "unserializable_type", ""],
];

/** Values that JSON does not have. `jsonForm` is their JSON form. */
export const jsValues = {
  at: new Date(0),
  map: new Map([["k", new Set([1, "two"])]]),
  big: 7n,
};
export const jsonForm = { at: "1970-01-01T00:00:00.000Z", map: { k: [1, "two"] }, big: 7 };
