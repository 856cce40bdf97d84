import { injectionBody, injectionReport } from "wasm-glue";
import { withMappedErrors } from "./error-mapping.js";
import { parseJson, slowPathJson, toJson } from "./json.js";
import { parseReport, type Report } from "./report.js";
import { isDate } from "./serialize.js";
import { isWellFormed } from "./text.js";
import { objectArgument, requireOptionalString, toArray } from "./util/arguments.js";
import { setClassName } from "./util/classes.js";
import { ensureStarted, writeText } from "./wasm.js";

/** A variable to inject. */
export interface InjectionVariable {
  /**
   * The name: 1 to 128 code points; letters and numbers of any script, `_` and `-`, with at least one
   * letter or number.
   */
  readonly key: string;
  /** The value: any value that `check` accepts. */
  readonly value: unknown;
  /** The scope. Default: `session`. */
  readonly scope?: "session" | "user" | "global" | undefined;
  /**
   * The expiry time: a `Date`, or RFC 3339 text, which is sent unchanged. Default: the variable never
   * expires.
   */
  readonly expiresAt?: Date | string | null | undefined;
}

/**
 * A variable to inject, as a class. A plain object with the same fields works as well. The constructor
 * checks nothing.
 *
 * @example
 * ```js
 * new InjectionPayload("s-1", [new Variable("tier", "gold", "user")]);
 * ```
 */
export class Variable implements InjectionVariable {
  static {
    setClassName(this, "Variable");
  }
  readonly key: string;
  readonly value: unknown;
  readonly scope: NonNullable<InjectionVariable["scope"]>;
  readonly expiresAt: Date | string | null;

  /**
   * Creates a variable.
   *
   * @param key the name: letters and numbers (at least one), `_` and `-`; 1 to 128 code points
   * @param value the value: any value that `check` accepts
   * @param scope the scope; default: `session`
   * @param expiresAt the expiry time: a `Date`, or RFC 3339 text; default: the variable never expires
   */
  constructor(
    key: string,
    value: unknown,
    scope: NonNullable<InjectionVariable["scope"]> = "session",
    expiresAt: Date | string | null = null,
  ) {
    this.key = key;
    this.value = value;
    this.scope = scope;
    this.expiresAt = expiresAt;
    Object.freeze(this);
  }
}

/** The options of a payload. */
export interface InjectionPayloadOptions {
  /** How the server merges the variables. Default: `atomic_put`. */
  readonly mergeStrategy?: string | undefined;
}

/** The request body of a payload. */
export interface InjectionBody {
  /** The variables, in order. */
  variables: {
    key: string;
    value: unknown;
    scope: string;
    expiresAt: string | null;
  }[];
  /** How the server merges the variables. */
  mergeStrategy: string;
}

/** Why a field of a variable is invalid, as the core names it. */
type FieldError = "missing" | "wrong_type" | "lone_surrogate";

/**
 * Variables to inject into one session. The constructor checks nothing; `check`, `toJson` and the client
 * do.
 *
 * @example
 * ```js
 * const payload = new InjectionPayload("s-1", [
 *   { key: "tier", value: "gold", scope: "user" },
 *   { key: "offer", value: { percent: 10 }, expiresAt: new Date("2030-01-31T12:00:00Z") },
 * ]);
 * payload.toJson(); // '{"variables":[{"key":"tier",…}],"mergeStrategy":"atomic_put"}'
 * ```
 */
export class InjectionPayload {
  static {
    setClassName(this, "InjectionPayload");
  }
  /** The session. */
  readonly sessionId: string;
  /** The variables, in order. */
  readonly variables: readonly InjectionVariable[];
  /** How the server merges the variables; `undefined` is the default, `atomic_put`. */
  readonly mergeStrategy: string | undefined;

  /**
   * Creates a payload.
   *
   * @param sessionId the session
   * @param variables the variables, in order
   * @param options the merge strategy, or an object with it; default: `atomic_put`
   * @throws {TypeError} when `variables` is not iterable or a list with holes, when `options` is neither an object
   *   nor a string, or the merge strategy is not a string
   */
  constructor(
    sessionId: string,
    variables: Iterable<InjectionVariable>,
    options: InjectionPayloadOptions | string = {},
  ) {
    const { mergeStrategy } =
      typeof options === "string"
        ? { mergeStrategy: options }
        : objectArgument("options", options, "an object or the merge strategy, a string");
    requireOptionalString("mergeStrategy", mergeStrategy);
    this.sessionId = sessionId;
    this.variables = Object.freeze(toArray("variables", variables));
    this.mergeStrategy = mergeStrategy;
    Object.freeze(this);
  }

  /**
   * Checks the payload. Does not throw for issues.
   *
   * @returns the report with every issue, errors and warnings
   */
  check(): Report {
    return parseReport(this.#encode(injectionReport));
  }

  /**
   * Checks the payload and returns its body as compact JSON text, in one pass.
   *
   * @returns the JSON text
   * @throws {ValidationError} with every issue; paths refer to the body (`/variables/0/key`)
   */
  toJson(): string {
    return this.#encode(injectionBody);
  }

  /**
   * Checks the payload and returns its body as an object. An integer that a number cannot represent
   * exactly is a BigInt, as the caller passed it.
   *
   * @returns the body
   * @throws {ValidationError} as {@link toJson}
   */
  toApiBody(): InjectionBody {
    return parseJson(this.toJson()) as InjectionBody;
  }

  /**
   * Writes a payload's variables into the input buffer and calls the core with the rest of the payload as
   * JSON text, and with the time in seconds since 1970.
   *
   * @internal
   */
  static encode<T>(payload: InjectionPayload, callCore: (payload: string, now: number) => T): T {
    return payload.#encode(callCore);
  }

  #encode<T>(callCore: (payload: string, now: number) => T): T {
    const { maxNesting } = ensureStarted();
    // Getters and `toJSON` methods of the caller may use the buffer too, so they run before the buffer is written.
    const length = writeText(toListJson(this.variables, maxNesting));
    const isInvalid = this.mergeStrategy !== undefined && !isWellFormed(this.mergeStrategy);
    const payload = JSON.stringify({
      length,
      merge_strategy: isInvalid ? "\ufffd" : this.mergeStrategy,
      has_lone_surrogate: isInvalid,
    });
    return withMappedErrors(() => callCore(payload, Date.now() / 1000));
  }
}

/**
 * Returns the variables as the flat JSON list that the core reads: for each variable its key, scope,
 * expiry time and value; for an invalid one `null` and its invalid fields. One call of `JSON.stringify`
 * writes the list, except for values that it would change.
 */
function toListJson(variables: readonly unknown[], maxNesting: number): string {
  const list: unknown[] = [];
  /** The JSON text of values that `JSON.stringify` would change, by their index in the list. */
  const slowPathTexts = new Map<number, string>();
  for (const variable of variables) {
    const { key, value, scope, expiresAt } = (variable ?? {}) as Partial<Record<string, unknown>>;
    const time = isDateObject(expiresAt) ? dateToText(expiresAt) : expiresAt;
    if (typeof variable !== "object" || variable === null) {
      list.push(null, [["", "wrong_type"]]);
    } else if (
      typeof key === "string" &&
      isWellFormed(key) &&
      value !== undefined &&
      isOptionalText(scope) &&
      isOptionalText(time)
    ) {
      const json = slowPathJson(value, maxNesting);
      // The value is the fourth entry of a variable.
      if (json !== undefined) slowPathTexts.set(list.length + 3, json);
      list.push(key, scope ?? null, time ?? null, json === undefined ? value : null);
    } else {
      list.push(null, invalidFields({ key, scope, expiresAt: time }, value));
    }
  }
  try {
    if (slowPathTexts.size === 0) return JSON.stringify(list);
  } catch {
    // A getter throws only sometimes. Writing the entries one by one finds the variable.
  }
  const texts = list.map((entry, index) => slowPathTexts.get(index) ?? toJson(entry, maxNesting).text);
  return `[${texts.join(",")}]`;
}

/** Returns whether a field is missing or well-formed text. */
function isOptionalText(field: unknown): boolean {
  return field == null || (typeof field === "string" && isWellFormed(field));
}

/** Returns the invalid fields of a variable. `texts` are its fields except the value. */
function invalidFields(
  texts: Readonly<Record<string, unknown>>,
  value: unknown,
): [name: string, error: FieldError][] {
  const invalid: [string, FieldError][] = [];
  if (texts.key == null) invalid.push(["key", "missing"]);
  if (value === undefined) invalid.push(["value", "missing"]);
  for (const [field, text] of Object.entries(texts)) {
    if (text == null) continue;
    if (typeof text !== "string") invalid.push([field, "wrong_type"]);
    else if (!isWellFormed(text)) invalid.push([field, "lone_surrogate"]);
  }
  return invalid;
}

/** Returns whether a value is a `Date`, also one of another realm. */
export function isDateObject(value: unknown): value is Date {
  return typeof value === "object" && value !== null && isDate(value);
}

/** Returns a date as RFC 3339 text; for an invalid date, text that the core rejects. */
function dateToText(date: Date): string {
  const isInvalid = Number.isNaN(Date.prototype.getTime.call(date));
  return isInvalid ? "Invalid Date" : Date.prototype.toISOString.call(date);
}
