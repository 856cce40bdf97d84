import { CognigyError } from "./errors.js";
import type { Issue, Sizes } from "./issue.js";
import { setClassName, setErrorName } from "./util/classes.js";
import { camelizeKeys } from "./util/naming.js";

/**
 * The fields of a report.
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
 * The result of a check: all issues and the sizes.
 *
 * @example
 * ```js
 * const report = check({ "customer.tier": "gold" });
 * report.ok; // true: there are only warnings
 * report.issues[0].code; // "unreadable_key"
 * report.issues[0].path; // "/customer.tier"
 * report.sizes.jsonBytes; // 24
 * ```
 */
export class Report {
  static {
    setClassName(this, "Report");
  }
  /** Whether there is no error. Warnings are allowed. */
  readonly ok: boolean;
  /** The errors and warnings, in the order in which they occur in the value. */
  readonly issues: readonly Issue[];
  /** The sizes of the checked value. All of them are 0 for text that is not JSON. */
  readonly sizes: Sizes;
  /** Number of issues left out of {@link issues}. More than 0 only when the issues exceed 16 MiB. */
  readonly omitted: number;
  readonly #text: string;

  /** @internal Reports are created by checks. */
  constructor(parts: ReportParts) {
    this.ok = parts.ok;
    for (const issue of parts.issues) Object.freeze(issue);
    this.issues = Object.freeze(parts.issues);
    this.sizes = Object.freeze(parts.sizes);
    this.omitted = parts.omitted;
    this.#text = parts.text;
    Object.freeze(this);
  }

  /** The issues that are errors. */
  get errors(): readonly Issue[] {
    return this.issues.filter((issue) => issue.severity === "error");
  }

  /** The issues that are warnings. */
  get warnings(): readonly Issue[] {
    return this.issues.filter((issue) => issue.severity === "warning");
  }

  /**
   * Throws when the report contains an error.
   *
   * @returns this report, when it is {@link ok}
   * @throws {ValidationError} with this report, when it contains an error
   */
  raiseIfFailed(): this {
    if (!this.ok) throw new ValidationError(this);
    return this;
  }

  /**
   * Returns the report as readable text.
   *
   * @returns one line with the counts, then one line for each issue, with its hint below
   */
  toString(): string {
    return this.#text;
  }
}

/**
 * The data is invalid. It was not sent or stored, unless the report shows that the platform replaced a value.
 * {@link report} contains every issue.
 *
 * @example
 * ```js
 * try {
 *   await client.injectContext("session-1", "user-1", context);
 * } catch (error) {
 *   if (error instanceof ValidationError) console.error(String(error.report));
 * }
 * ```
 */
export class ValidationError extends CognigyError {
  static {
    setErrorName(this, "ValidationError");
  }
  /** The report with every issue. */
  readonly report: Report;

  /** @internal */
  constructor(report: Report) {
    super(String(report));
    this.report = report;
  }
}

/**
 * The fields of a report in the core's JSON, where the names of sizes are snake_case.
 *
 * @internal
 */
export interface CoreReport extends Omit<ReportParts, "sizes"> {
  readonly sizes: object;
}

/**
 * Converts a report of the core.
 *
 * @param parts the fields of the report, parsed from the core's JSON
 * @returns the report
 *
 * @internal
 */
export function toReport(parts: CoreReport): Report {
  return new Report({ ...parts, sizes: camelizeKeys<Sizes>(parts.sizes) });
}

/**
 * Parses a report from the JSON text of the core.
 *
 * @param json `{ report, text }`
 * @returns the report
 *
 * @internal
 */
export function parseReport(json: string): Report {
  const { report, text } = JSON.parse(json) as { report: Omit<CoreReport, "text">; text: string };
  return toReport({ ...report, text });
}
