import { injectionBody, injectionReport } from "wasm-glue";
import { withMappedErrors } from "./error-mapping.js";
import { toJson, slowPathJson, parseJson } from "./json.js";
import { toArray } from "./util/arguments.js";
import { setClassName } from "./util/classes.js";
import { type Report, parseReport } from "./report.js";
import { isWellFormed } from "./text.js";
import { ensureStarted, writeText } from "./wasm.js";

/** One variable to inject. */
export interface InjectionVariable {
  /** Its name: letters, digits, `_` and `-`, at most 128 characters. */
  readonly key: string;
  /** Its value: anything that `check` takes. */
  readonly value: unknown;
  /** Its scope; without it, `session`. */
  readonly scope?: "session" | "user" | "global" | undefined;
  /** When it ends: a `Date`, or RFC 3339 text, which passes unchanged; without it, never. */
  readonly expiresAt?: Date | string | null | undefined;
}

/**
 * One variable to inject, as a class; a plain object of the same fields is as good. Making one checks
 * nothing.
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

/** What may be said of a payload. */
export interface InjectionPayloadOptions {
  /** How the server merges; without it, `atomic_put`. */
  readonly mergeStrategy?: string | undefined;
}

/** What is sent of a payload. */
export interface InjectionBody {
  variables: {
    key: string;
    value: unknown;
    scope: string;
    expiresAt: string | null;
  }[];
  mergeStrategy: string;
}

/** Why a field of a variable cannot be told, as the core names it. */
type Why = "missing" | "wrong_type" | "lone_surrogate";

/**
 * Variables to inject into one session. Making one checks nothing; what writes it does.
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
  /** What to inject, in order. */
  readonly variables: readonly InjectionVariable[];
  /** How the server merges; `undefined` is the default. */
  readonly mergeStrategy: string | undefined;

  /**
   * @param options how the server merges, or an object that says so
   * @throws {TypeError} when `variables` cannot be iterated
   */
  constructor(
    sessionId: string,
    variables: Iterable<InjectionVariable>,
    options: InjectionPayloadOptions | string = {},
  ) {
    if (typeof options !== "object" && typeof options !== "string") {
      throw new TypeError("mergeStrategy must be a string");
    }
    const { mergeStrategy } = typeof options === "string" ? { mergeStrategy: options } : options;
    this.sessionId = sessionId;
    this.variables = Object.freeze(toArray(variables));
    this.mergeStrategy = mergeStrategy;
    Object.freeze(this);
  }

  /** Everything that there is to say of the payload, warnings too; throws for none of it. */
  check(): Report {
    return parseReport(this.#encode(injectionReport));
  }

  /**
   * The checked body as compact JSON text, in one pass.
   *
   * @throws {ValidationError} with every issue; paths are of the body (`/variables/0/key`)
   */
  toJson(): string {
    return this.#encode(injectionBody);
  }

  /**
   * The checked body as an object. An integer that no number holds exactly, which went in as a
   * BigInt, is a BigInt here as well.
   *
   * @throws {ValidationError} as {@link toJson}
   */
  toApiBody(): InjectionBody {
    return parseJson(this.toJson()) as InjectionBody;
  }

  /**
   * Hands a payload over to the core.
   *
   * @internal
   */
  static encode<T>(payload: InjectionPayload, core: (payload: string, now: number) => T): T {
    return payload.#encode(core);
  }

  #encode<T>(core: (payload: string, now: number) => T): T {
    const { maxNesting } = ensureStarted();
    if (this.mergeStrategy !== undefined && typeof this.mergeStrategy !== "string") {
      throw new TypeError("mergeStrategy must be a string");
    }
    // All of the caller's code runs before the first byte is written into the buffer.
    const length = writeText(listOf(this.variables, maxNesting));
    const payload = JSON.stringify({ length, merge_strategy: this.mergeStrategy });
    return withMappedErrors(() => core(payload, Date.now() / 1000));
  }
}

/**
 * The variables as the flat list that the core reads: of each the key, the scope, the end and the
 * value; of one that cannot be told `null` and why. One `JSON.stringify` writes it all, unless a value
 * needs more care.
 */
function listOf(variables: readonly unknown[], maxNesting: number): string {
  const list: unknown[] = [];
  /** By place, what `JSON.stringify` would not write as it is. */
  const careful = new Map<number, string>();
  for (const variable of variables) {
    const { key, value, scope, expiresAt } = (variable ?? {}) as Partial<Record<string, unknown>>;
    const time = isDate(expiresAt) ? timeOf(expiresAt) : expiresAt;
    if (typeof variable !== "object" || variable === null) {
      list.push(null, [["", "wrong_type"]]);
    } else if (typeof key === "string" && isWellFormed(key) && value !== undefined && isText(scope) && isText(time)) {
      const json = slowPathJson(value, maxNesting);
      if (json !== undefined) careful.set(list.length + 3, json);
      list.push(key, scope ?? null, time ?? null, json === undefined ? value : null);
    } else {
      list.push(null, refusedFields({ key, scope, expiresAt: time }, value));
    }
  }
  try {
    if (careful.size === 0) return JSON.stringify(list);
  } catch {
    // A getter that throws every other time: the careful way takes one at a time.
  }
  const texts = list.map((entry, place) => careful.get(place) ?? toJson(entry, maxNesting).text);
  return `[${texts.join(",")}]`;
}

/** Whether a field that may be missing can be told. */
function isText(field: unknown): boolean {
  return field == null || (typeof field === "string" && isWellFormed(field));
}

function refusedFields(texts: Readonly<Record<string, unknown>>, value: unknown): [string, Why][] {
  const refused: [string, Why][] = [];
  if (texts.key == null) refused.push(["key", "missing"]);
  if (value === undefined) refused.push(["value", "missing"]);
  for (const [field, text] of Object.entries(texts)) {
    if (text == null) continue;
    if (typeof text !== "string") refused.push([field, "wrong_type"]);
    else if (!isWellFormed(text)) refused.push([field, "lone_surrogate"]);
  }
  return refused;
}

function isDate(value: unknown): value is Date {
  return typeof value === "object" && Object.prototype.toString.call(value) === "[object Date]";
}

/** A date that is none is a text that is no time, which the core finds. */
function timeOf(date: Date): string {
  return Number.isNaN(date.getTime()) ? String(date) : date.toISOString();
}
