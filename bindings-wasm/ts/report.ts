import type { Code } from "./codes.js";
import { ValidationError } from "./errors.js";
import { named } from "./named.js";
import { camelCase, renameKeys } from "./names.js";

/** Whether a finding stops the data from being sent. */
export type Severity = "error" | "warning";

/** One finding. Messages hold paths, kinds and sizes, never values: context data is personal data. */
export interface Issue {
  /** What was found; stable, and the same in every language. */
  readonly code: Code;
  /** `error` stops the data from being sent, `warning` does not. */
  readonly severity: Severity;
  /** Where, as a JSON Pointer (RFC 6901); `""` is the whole value. */
  readonly path: string;
  /** What was found, in a sentence. */
  readonly message: string;
  /** The limit that was hit, in the unit that the message names. */
  readonly limit?: number;
  /** The figure that was found, in the same unit. */
  readonly actual?: number;
  /** What to do about it. */
  readonly hint?: string;
}

/** How large a value is, in the units that the limits are stated in. */
export interface Sizes {
  /** Bytes of the compact UTF-8 JSON text that goes over the wire. */
  readonly jsonBytes: number;
  /**
   * The platform's own count: a string is 2 × its length, a number 8, a boolean 4, a key 2 × its
   * length; `null` and the frame of an array or object count nothing.
   */
  readonly platformBytes: number;
  /** Levels of nesting of the deepest variable: 0 for a scalar, 1 for a flat list or object. */
  readonly depth: number;
  /** Number of variables, which are the members of the outermost object. */
  readonly variables: number;
}

/**
 * What a report is made of.
 *
 * @internal
 */
export interface ReportParts {
  readonly ok: boolean;
  readonly issues: readonly Issue[];
  readonly sizes: Sizes;
  readonly omitted: number;
  /** The report as text. */
  readonly text: string;
}

/**
 * The outcome of a check: every issue that was found, and the sizes.
 *
 * @example
 * ```js
 * const report = check({ "customer.tier": "gold" });
 * report.ok; // true: a warning does not stop the data
 * report.issues[0].code; // "unreadable_key"
 * report.issues[0].path; // "/customer.tier"
 * report.sizes.jsonBytes; // 24
 * ```
 */
export class Report {
  static {
    named(this, "Report");
  }
  /** Whether no error was found. Warnings do not count. */
  readonly ok: boolean;
  /** Every issue, errors and warnings, in the order of the value. */
  readonly issues: readonly Issue[];
  /** The sizes of what was checked. Of text that is not JSON all sizes are 0. */
  readonly sizes: Sizes;
  /** Issues that were found and not kept. 0 for anything but hostile input. */
  readonly omitted: number;
  readonly #text: string;

  /** @internal Reports are made by checks. */
  constructor(parts: ReportParts) {
    this.ok = parts.ok;
    // Findings are facts: nobody edits them.
    for (const issue of parts.issues) Object.freeze(issue);
    this.issues = Object.freeze(parts.issues);
    this.sizes = Object.freeze(parts.sizes);
    this.omitted = parts.omitted;
    this.#text = parts.text;
    Object.freeze(this);
  }

  /** The errors among the issues. */
  get errors(): readonly Issue[] {
    return this.issues.filter((issue) => issue.severity === "error");
  }

  /** The warnings among the issues. */
  get warnings(): readonly Issue[] {
    return this.issues.filter((issue) => issue.severity === "warning");
  }

  /**
   * Gives the report back when it is {@link ok}.
   *
   * @throws {ValidationError} carrying this report, when it holds an error
   */
  raiseIfFailed(): this {
    if (!this.ok) throw new ValidationError(this);
    return this;
  }

  /** A list a person can read: a line of sums, then a line an issue with its hint below. */
  toString(): string {
    return this.#text;
  }
}

/**
 * The parts of a report as the core's JSON has them: names of sizes are snake_case there.
 *
 * @internal
 */
export interface CoreReport extends Omit<ReportParts, "sizes"> {
  readonly sizes: object;
}

/**
 * The report that the core's JSON tells of.
 *
 * @internal
 */
export function reportOf(parts: CoreReport): Report {
  const sizes = renameKeys(parts.sizes as Record<string, unknown>, camelCase);
  return new Report({ ...parts, sizes: sizes as unknown as Sizes });
}

/**
 * The report that stands in the core's JSON text, in the form in which errors carry theirs.
 *
 * @internal
 */
export function reportOfJson(json: string): Report {
  const { report, text } = JSON.parse(json) as { report: Omit<CoreReport, "text">; text: string };
  return reportOf({ ...report, text });
}
