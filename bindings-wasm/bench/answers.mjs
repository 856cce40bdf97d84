/** Row 10: an answer of variables, from its bytes to the debug view. */
import assert from "node:assert/strict";
import { debugView, parseVariables } from "cognigy-context";
import { answer } from "./data.mjs";
import { compare } from "./measuring.mjs";

const COUNT = 1_000;
const RANKS = { global: 1, bot: 2, session: 3, user: 4 };

/** What an integrator writes: nothing may be lost. */
function coerced(text) {
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

function byLoops(page) {
  const winners = new Map();
  for (const variable of JSON.parse(page).variables) {
    const held = winners.get(variable.name);
    if (!held || (RANKS[variable.scope] ?? 0) > (RANKS[held.scope] ?? 0)) {
      winners.set(variable.name, variable);
    }
  }
  const view = {};
  for (const [name, { value: text, scope }] of winners) {
    const value = coerced(text);
    view[name] = { value, scope, type: typeOf(value), is_system: name.startsWith("_") };
  }
  return view;
}

export function rows() {
  const page = answer(COUNT);
  const ours = () => debugView(parseVariables(page));
  const theirs = () => byLoops(page);
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
