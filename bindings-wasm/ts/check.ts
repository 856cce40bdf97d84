import { measureInput } from "wasm-glue";
import { toJson } from "./json.js";
import { type PolicyArgument, withPolicy } from "./policy.js";
import type { Issue, Sizes } from "./issue.js";
import { Report, ValidationError } from "./report.js";
import { type JsonText, writeJsonText } from "./text.js";
import { readCheckResult, ensureStarted, writeText } from "./wasm.js";

/**
 * Checks a map of names to values, such as a context, against a policy.
 *
 * It does not throw for what it finds: every issue is in the report. Values may be anything that
 * `JSON.stringify` takes, and dates (as `toISOString`), maps (as objects), sets (as arrays) and
 * BigInts; what has no JSON form is an issue with its path, never dropped or changed.
 *
 * @param value the map; its members are the variables
 * @param policy the rules: a policy, a preset's name, or fields that differ from a preset
 * @param existing the context that the session already holds, for `platform` policies: keys that
 *   the platform would silently replace are found by writing the value onto it
 * @throws {ConfigurationError} for a policy that is none
 *
 * @example
 * ```js
 * check({ customer: { tier: "gold" } }).raiseIfFailed();
 * check({ note: "x".repeat(70_000) }).issues[0].code; // "payload_too_large"
 * ```
 */
export function check(
  value: unknown,
  policy: PolicyArgument = "platform",
  existing?: unknown,
): Report {
  const { maxNesting } = ensureStarted();
  const json = toJson(value, maxNesting);
  return run(policy, existing, json.hasSentinels, () => writeText(json.text));
}

/**
 * The same as {@link check}, from JSON text. Faster than parsing it first, and it finds what
 * parsing hides: duplicate keys, and integers that JavaScript rounds.
 *
 * @param text a string, or its UTF-8 bytes
 * @throws {ConfigurationError} for a policy that is none
 *
 * @example
 * ```js
 * checkJson('{"id": 9007199254740993}').issues[0].code; // "unsafe_integer"
 * ```
 */
export function checkJson(
  text: JsonText,
  policy: PolicyArgument = "platform",
  existing?: unknown,
): Report {
  return run(policy, existing, false, () => writeJsonText(text));
}

/**
 * How large a value is, in JSON bytes and in the platform's own count. Any value: for one that is
 * not a map of names to values, `variables` is 0.
 *
 * @throws {ValidationError} when something in it has no JSON form
 *
 * @example
 * ```js
 * measure({ name: "Ann" }); // { jsonBytes: 14, platformBytes: 14, depth: 0, variables: 1 }
 * ```
 */
export function measure(value: unknown): Sizes {
  const { maxNesting } = ensureStarted();
  const { text, hasSentinels } = toJson(value, maxNesting);
  return measured(measureInput(writeText(text), hasSentinels));
}

/**
 * The same as {@link measure}, from JSON text.
 *
 * @param text a string, or its UTF-8 bytes
 * @throws {ValidationError} when it is not JSON
 */
export function measureJson(text: JsonText): Sizes {
  return measured(measureInput(writeJsonText(text), false));
}

function run(
  policy: PolicyArgument,
  existing: unknown,
  hasSentinels: boolean,
  write: () => number,
): Report {
  // Turning values into text may run code of the caller's (getters, `toJSON`), which may call us
  // again; so all of it runs before the first byte is written into the buffer.
  const there = existing == null ? undefined : toJson(existing, ensureStarted().maxNesting);
  return withPolicy(policy, (handle) => {
    const length = write();
    if (!there) return answer(handle.check(length, hasSentinels));
    const existingLength = writeText(there.text, length);
    return answer(handle.checkOnTopOf(length, hasSentinels, existingLength, there.hasSentinels));
  });
}

function measured(findings: string | undefined): Sizes {
  const report = answer(findings);
  if (!report.ok) throw new ValidationError(report);
  return report.sizes;
}

/** What the core hands over of a report that has issues. */
interface Findings {
  issues: Issue[];
  text: string;
}

const NO_FINDINGS: Findings = { issues: [], text: "0 errors, 0 warnings" };

function answer(json: string | undefined): Report {
  const { ok, omitted, ...sizes } = readCheckResult();
  const { issues, text } = json === undefined ? NO_FINDINGS : (JSON.parse(json) as Findings);
  return new Report({ ok, omitted, text, issues, sizes });
}
