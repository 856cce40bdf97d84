import { check } from "./check.js";
import { toRoundTripJson } from "./json.js";
import type { PolicyArgument } from "./policy.js";
import type { Report } from "./report.js";
import { ensureStarted } from "./wasm.js";

/** What is used of the `api` that a Code node, or a node of an Extension, is given. */
export interface FlowApi {
  addToContext?(key: string, value: unknown, mode: string): void;
  log?(level: string, text: string): void;
}

/** How values are applied. */
export interface ApplyOptions {
  /** The rules; without them, `platform`. */
  readonly policy?: PolicyArgument | undefined;
  /** The context that is there already: the node's own `context`. */
  readonly existing?: unknown;
  /** Whether what stops the values from being written is thrown; without it, it is only logged. */
  readonly throws?: boolean | undefined;
}

/** What became of the values. */
export interface Applied {
  /** Whether all of them were written. */
  readonly ok: boolean;
  /** The keys that were written, in order. */
  readonly written: readonly string[];
  /** What the check found; absent when there was none, because a policy is none. */
  readonly report?: Report;
}

/**
 * Checks values and, when there is no error, writes each of them into the conversation's context with
 * `api.addToContext`. Written is what was checked: plain JSON, with dates as text and maps as objects.
 * What was found goes to `api.log`: errors at the level `error`, warnings at `warn`; never a value.
 *
 * It does not throw, so that a flow goes on, unless `throws` says so.
 *
 * @param api the node's `api`
 * @param values a map of names to values
 * @returns whether they were written, and the report
 * @throws {ValidationError} with `throws`, when the check finds an error; then nothing is written
 * @throws {ConfigurationError} with `throws`, for a policy that is none
 * @throws with `throws`, whatever `api.addToContext` throws
 *
 * @example
 * ```js
 * const { ok } = cognigyContext.applyTo(api, { tier: "gold", orders: 2 }, { existing: context });
 * ```
 */
export function applyTo(
  api: FlowApi,
  values: Readonly<Record<string, unknown>>,
  { policy = "platform", existing, throws = false }: ApplyOptions = {},
): Applied {
  const written: string[] = [];
  let report: Report | undefined;
  try {
    report = check(values, policy, existing);
    for (const issue of report.issues) {
      const at = issue.path === "" ? "" : ` at ${issue.path}`;
      log(api, issue.severity === "error" ? "error" : "warn", `${issue.code}${at}: ${issue.message}`);
    }
    report.raiseIfFailed();
    if (typeof api.addToContext !== "function") throw new TypeError("this api has no addToContext");
    const checked = JSON.parse(toRoundTripJson(values, ensureStarted().maxNesting)) as Record<string, unknown>;
    for (const [key, value] of Object.entries(checked)) {
      api.addToContext(key, value, "simple");
      written.push(key);
    }
  } catch (error) {
    if (throws) throw error;
    // What a check found has been told; what else is thrown may repeat values, and is told by its name.
    if (report?.ok !== false) log(api, "error", `cognigy-context: not all was written: ${nameOf(error)}`);
  }
  const ok = report?.ok === true && written.length === report.sizes.variables;
  return { ok, written, ...(report ? { report } : {}) };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

/** A log that fails is no reason to stop a flow. */
function log(api: FlowApi, level: string, text: string): void {
  try {
    api.log?.(level, text);
  } catch {
    // There is nobody left to tell.
  }
}
