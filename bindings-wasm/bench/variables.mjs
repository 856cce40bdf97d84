/** Row 10: a response of the variables API, from its bytes to the debug view. */
import assert from "node:assert/strict";
import { debugView, parseVariables } from "cognigy-context";
import { createResponse } from "./data.mjs";
import { compare } from "./measure.mjs";

const COUNT = 1_000;
/** The precedence of each scope; the greatest is resolved. */
const RANKS = { global: 1, bot: 2, session: 3, user: 4 };

/** Converts text as an integrator would: booleans in any case, JSON, and numbers that keep their spelling. */
function coerce(text) {
  if (typeof text !== "string") return text;
  const lower = text.toLowerCase();
  if (lower === "true" || lower === "false") return lower === "true";
  const number = Number(text);
  if (String(number) === text && Number.isFinite(number)) {
    return Number.isInteger(number) && !Number.isSafeInteger(number) ? text : number;
  }
  if (/^\s*[{["n]/.test(text)) {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }
  return text;
}

function typeOf(value) {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return Number.isInteger(value) ? "integer" : typeof value;
}

function debugViewByLoops(page) {
  const resolved = new Map();
  for (const variable of JSON.parse(page).variables) {
    const earlier = resolved.get(variable.name);
    if (!earlier || (RANKS[variable.scope] ?? 0) > (RANKS[earlier.scope] ?? 0)) {
      resolved.set(variable.name, variable);
    }
  }
  const view = {};
  for (const [name, { value: text, scope }] of resolved) {
    const value = coerce(text);
    view[name] = { value, scope, type: typeOf(value), is_system: name.startsWith("_") };
  }
  return view;
}

export function rows() {
  const page = createResponse(COUNT);
  const ours = () => debugView(parseVariables(page));
  const theirs = () => debugViewByLoops(page);
  assert.deepStrictEqual(ours(), theirs());
  assert.deepEqual(Object.keys(ours()), Object.keys(theirs()));
  compare(
    "10",
    `Node: response with ${COUNT.toLocaleString("en")} variables (${Math.round(page.length / 1000)} kB) → coerced, resolved debug view`,
    "JSON.parse + JS loops",
    "≤ 1×",
    ours,
    theirs,
  );
}
