import { measureInput } from "wasm-glue";
import type { Issue, Sizes } from "./issue.js";
import { toJson } from "./json.js";
import { type PolicyArgument, withPolicy } from "./policy.js";
import { Report, ValidationError } from "./report.js";
import { type JsonText, writeJsonText } from "./text.js";
import { ensureStarted, readCheckResult, writeText } from "./wasm.js";

/**
 * Checks an object of variables, such as a context, against a policy. Does not throw for issues: the
 * report contains all of them.
 *
 * Values may be anything that `JSON.stringify` accepts, also dates (written as `toISOString` does), maps
 * (as objects), sets (as arrays) and BigInts. A value without a JSON form is reported as an issue with its
 * path. It is never dropped or changed.
 *
 * @param value the object; its members are the variables
 * @param policy the rules: a policy, the name of a preset, or fields that differ from a preset; default:
 *   `platform`
 * @param existing the session's current context, for `platform` policies: the check writes the value on
 *   top of it to find keys that the platform would silently replace; default: an empty context
 * @returns the report
 * @throws {ConfigurationError} when the policy is invalid
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
  return checkInput(policy, existing, json.hasSentinels, () => writeText(json.text));
}

/**
 * Checks JSON text as {@link check} checks a value. This is faster than parsing the text first, and finds
 * what parsing hides: duplicate keys, and integers that JavaScript would round.
 *
 * @param text a string, or its UTF-8 bytes
 * @param policy the rules, as for {@link check}; default: `platform`
 * @param existing the session's current context, as for {@link check}; default: an empty context
 * @returns the report
 * @throws {ConfigurationError} when the policy is invalid
 * @throws {TypeError} when `text` is neither a string nor bytes
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
  return checkInput(policy, existing, false, () => writeJsonText(text));
}

/**
 * Measures a value, in JSON bytes and as the platform counts.
 *
 * @param value any value that `check` accepts inside an object
 * @returns the sizes; `variables` is 0 for a value that is not an object
 * @throws {ValidationError} when a part of the value has no JSON form
 *
 * @example
 * ```js
 * measure({ name: "Ann" }); // { jsonBytes: 14, platformBytes: 14, depth: 0, variables: 1 }
 * ```
 */
export function measure(value: unknown): Sizes {
  const { maxNesting } = ensureStarted();
  const { text, hasSentinels } = toJson(value, maxNesting);
  return readSizes(measureInput(writeText(text), hasSentinels));
}

/**
 * Measures JSON text as {@link measure} measures a value.
 *
 * @param text a string, or its UTF-8 bytes
 * @returns the sizes; `variables` is 0 for a value that is not an object
 * @throws {ValidationError} when the text is not JSON
 * @throws {TypeError} when `text` is neither a string nor bytes
 */
export function measureJson(text: JsonText): Sizes {
  return readSizes(measureInput(writeJsonText(text), false));
}

function checkInput(
  policy: PolicyArgument,
  existing: unknown,
  hasSentinels: boolean,
  writeInput: () => number,
): Report {
  // The conversion to JSON may run code of the caller (getters, `toJSON`) that calls this package again, so
  // the conversion ends before the first byte is written into the buffer.
  const existingJson = existing == null ? undefined : toJson(existing, ensureStarted().maxNesting);
  return withPolicy(policy, (handle) => {
    const length = writeInput();
    if (!existingJson) return readReport(handle.check(length, hasSentinels));
    const existingLength = writeText(existingJson.text, length);
    return readReport(
      handle.checkOnTopOf(length, hasSentinels, existingLength, existingJson.hasSentinels),
    );
  });
}

/** @throws {ValidationError} when the measurement found an error */
function readSizes(issuesJson: string | undefined): Sizes {
  const report = readReport(issuesJson);
  if (!report.ok) throw new ValidationError(report);
  return report.sizes;
}

/** The part of a report that the core returns as JSON if there are issues. `text` is the complete report. */
interface CoreIssues {
  issues: Issue[];
  text: string;
}

const NO_ISSUES: CoreIssues = { issues: [], text: "0 errors, 0 warnings" };

/** Returns the report of the last check: its issues, and the rest from the check result. */
function readReport(issuesJson: string | undefined): Report {
  const { ok, omitted, ...sizes } = readCheckResult();
  const { issues, text } = issuesJson === undefined ? NO_ISSUES : (JSON.parse(issuesJson) as CoreIssues);
  return new Report({ ok, omitted, text, issues, sizes });
}
