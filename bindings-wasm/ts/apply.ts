import { check } from "./check.js";
import { toJson } from "./json.js";
import type { PolicyArgument } from "./policy.js";
import type { Report } from "./report.js";
import { objectArgument, optionalBoolean } from "./util/arguments.js";
import { ensureStarted } from "./wasm.js";

/**
 * The functions of a node's `api` that {@link applyTo} calls, in a Code node or an Extension node. Both
 * functions are optional: not every `api` has them.
 */
export interface FlowApi {
  /**
   * Writes a key into the conversation's context. Without it, `applyTo` writes nothing and reports a
   * `TypeError`.
   *
   * @param key the key
   * @param value its value
   * @param mode how the platform writes the value; `applyTo` passes `simple`, which replaces the key's value
   */
  addToContext?(key: string, value: unknown, mode: string): void;
  /**
   * Writes a line to the log. Without it, `applyTo` logs nothing.
   *
   * @param level `error` or `warn`
   * @param text the line
   */
  log?(level: string, text: string): void;
}

/** The options of {@link applyTo}. */
export interface ApplyOptions {
  /** Policy that the values are checked against. Default: `platform`. */
  readonly policy?: PolicyArgument | undefined;
  /** The conversation's current context: the node's own `context`. Default: an empty context. */
  readonly existing?: unknown;
  /** Whether to throw errors. Default: `false`, which only logs them. */
  readonly throws?: boolean | undefined;
}

/** The result of {@link applyTo}. */
export interface Applied {
  /** Whether all values were written. */
  readonly ok: boolean;
  /** The keys that were written, in the order of `values`. */
  readonly written: readonly string[];
  /** The report of the check; absent when the check itself failed, for example because the policy is invalid. */
  readonly report?: Report;
}

/**
 * Checks values and, if there is no error, writes each of them into the conversation's context with
 * `api.addToContext`, as plain JSON: dates as text, maps as objects. Logs the issues with `api.log`:
 * errors at the level `error`, warnings at the level `warn`. The log never contains values.
 *
 * By default `applyTo` does not throw, so that the flow continues. With `throws`, it throws the error.
 *
 * @param api the node's `api`
 * @param values the values by name
 * @param options the policy, the current context, and whether to throw errors
 * @returns whether all values were written, and the report
 * @throws {ValidationError} with `throws`, when the check finds an error; nothing was written
 * @throws {ConfigurationError} with `throws`, when the policy is invalid
 * @throws {TypeError} with `throws`, when an argument has the wrong type, or `api` has no `addToContext`
 * @throws with `throws`, any error of `api.addToContext`; the keys before it stay written
 *
 * @example
 * ```js
 * const { ok } = cognigyContext.applyTo(api, { tier: "gold", orders: 2 }, { existing: context });
 * ```
 */
export function applyTo(
  api: FlowApi,
  values: Readonly<Record<string, unknown>>,
  options: ApplyOptions = {},
): Applied {
  const written: string[] = [];
  let report: Report | undefined;
  let ok = false;
  let throws = false;
  try {
    throws = optionalBoolean("throws", objectArgument("options", options).throws);
    objectArgument("api", api);
    const { policy = "platform", existing } = options;
    report = check(values, policy, existing);
    for (const issue of report.issues) {
      const location = issue.path === "" ? "" : ` at ${issue.path}`;
      log(api, issue.severity === "error" ? "error" : "warn", `${issue.code}${location}: ${issue.message}`);
    }
    report.raiseIfFailed();
    if (typeof api.addToContext !== "function") throw new TypeError("this api has no addToContext");
    // Rounds a BigInt beyond ±(2^53−1), as the platform does. The report warns of it or rejects it.
    const { text } = toJson(values, ensureStarted().maxNesting);
    const plainValues = JSON.parse(text) as Record<string, unknown>;
    for (const [key, value] of Object.entries(plainValues)) {
      api.addToContext(key, value, "simple");
      written.push(key);
    }
    ok = true;
  } catch (error) {
    if (throws) throw error;
    // If the check failed, its issues are already in the log.
    const hasLoggedIssues = report !== undefined && !report.ok;
    // The message of the error could contain values, so only its name is logged.
    if (!hasLoggedIssues) log(api, "error", `stopped by ${errorName(error)} after ${written.length} written keys`);
  }
  return { ok, written, ...(report ? { report } : {}) };
}

function errorName(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

function log(api: FlowApi, level: string, text: string): void {
  try {
    api.log?.(level, `cognigy-context: ${text}`);
  } catch {
    // A failing log must not stop the flow.
  }
}
