import { parseVariables as parseInCore, variablesUrl as urlInCore } from "wasm-glue";
import type { CoercionMode } from "./coerce.js";
import { withMappedErrors } from "./error-mapping.js";
import { requireString } from "./util/arguments.js";
import { camelCase } from "./util/naming.js";
import { setClassName } from "./util/classes.js";
import type { Issue } from "./issue.js";
import type { DebugEntry, ScopedVariable } from "./scoped-variable.js";
import { type JsonText, PLACEHOLDER, writeJsonText } from "./text.js";
import { ensureStarted } from "./wasm.js";

/** A variable that does not count, and the scope of the one that hides it. */
export interface ShadowedVariable {
  readonly variable: ScopedVariable;
  readonly by: string;
}

/** What many variables have in common, as the core tells it. */
interface VariableMeta {
  readonly scope: string;
  /** The type that the answer stated. */
  readonly stated: string | null;
  /** The name of the value's type. */
  readonly type: DebugEntry["type"];
  readonly is_system: boolean;
}

/** What counts: names to values, and in the order of the keys the places of their metas. */
type Counting = [values: Record<string, unknown>, places: number[]];

/** What the core tells beside the variables. */
interface Trailer {
  readonly metas: readonly VariableMeta[];
  /** Which place among the keys each has that counts, where an object has its keys in another order. */
  readonly order: readonly number[] | null;
  readonly next_cursor: string | null;
  readonly issues: readonly Issue[];
}

/**
 * The variables of an answer that count, by name, in the order in which the names first appear. It
 * cannot be changed.
 *
 * @example
 * ```js
 * const variables = parseVariables(await response.text());
 * variables.get("tier")?.value;
 * for (const [name, { value, scope }] of variables) console.log(name, value, scope);
 * ```
 */
export class Variables implements Iterable<[string, ScopedVariable]> {
  static {
    setClassName(this, "Variables");
  }
  /** Where to go on, when the last page said that there is more: ask again with `next=` it. */
  readonly nextCursor: string | undefined;
  /**
   * What could not be coerced to its stated type and so stayed text, and integers that JavaScript
   * can only hold rounded. Paths are of the variables of all pages, counted on.
   */
  readonly issues: readonly Issue[];
  readonly #metas: readonly VariableMeta[];
  readonly #order: readonly number[] | null;
  /** JSON text, of which objects are made when somebody asks. */
  readonly #countText: string;
  readonly #shadowedText: string;
  #counting: ReadonlyMap<string, ScopedVariable> | undefined;
  #shadowed: readonly ShadowedVariable[] | undefined;

  /** @internal Variables are made by `parseVariables`. */
  constructor(text: string) {
    const resolvedEnd = text.indexOf(PLACEHOLDER);
    const shadowedEnd = text.indexOf(PLACEHOLDER, resolvedEnd + 1);
    const { metas, order, next_cursor, issues } = JSON.parse(text.slice(shadowedEnd + 1)) as Trailer;
    for (const issue of issues) Object.freeze(issue);
    this.#metas = metas;
    this.#order = order;
    this.#countText = text.slice(0, resolvedEnd);
    this.#shadowedText = text.slice(resolvedEnd + 1, shadowedEnd);
    this.nextCursor = next_cursor ?? undefined;
    this.issues = Object.freeze(issues);
    Object.freeze(this);
  }

  /** The variables that are shadowed by one of a stronger scope, or by an earlier one of the same. */
  get shadowed(): readonly ShadowedVariable[] {
    if (!this.#shadowed) {
      const list = JSON.parse(this.#shadowedText) as unknown[];
      const shadowed: ShadowedVariable[] = [];
      for (let at = 0; at < list.length; at += 4) {
        const variable = this.#variable(list[at] as string, list[at + 1], list[at + 2] as number);
        shadowed.push(Object.freeze({ variable, by: list[at + 3] as string }));
      }
      this.#shadowed = Object.freeze(shadowed);
    }
    return this.#shadowed;
  }

  get #byName(): ReadonlyMap<string, ScopedVariable> {
    if (!this.#counting) {
      const [values, places] = JSON.parse(this.#countText) as Counting;
      const names = Object.keys(values);
      const counting = new Map<string, ScopedVariable>();
      for (let at = 0; at < names.length; at++) {
        const key = this.#order ? this.#order[at]! : at;
        const name = names[key]!;
        counting.set(name, this.#variable(name, values[name], places[key]!));
      }
      this.#counting = counting;
    }
    return this.#counting;
  }

  #variable(name: string, value: unknown, place: number): ScopedVariable {
    const { scope, stated } = this.#metas[place]!;
    return Object.freeze(stated === null ? { name, value, scope } : { name, value, scope, type: stated });
  }

  /**
   * The debug view, whose values are nobody else's.
   *
   * @internal
   */
  static view(variables: Variables): Record<string, DebugEntry> {
    const [values, places] = JSON.parse(variables.#countText) as Counting;
    const view = values as Record<string, DebugEntry>;
    const names = Object.keys(values);
    // Each value gives way to its entry: the object has its keys already, which is most of the work.
    for (let at = 0; at < names.length; at++) {
      const name = names[at]!;
      const { scope, type, is_system } = variables.#metas[places[at]!]!;
      view[name] = { value: values[name], scope, type, is_system };
    }
    return view;
  }

  /** How many count. */
  get size(): number {
    return this.#byName.size;
  }

  /** The variable of this name that counts. */
  get(name: string): ScopedVariable | undefined {
    return this.#byName.get(name);
  }

  /** Whether there is a variable of this name. */
  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /** The names, in order. */
  keys(): IterableIterator<string> {
    return this.#byName.keys();
  }

  /** The variables, in order. */
  values(): IterableIterator<ScopedVariable> {
    return this.#byName.values();
  }

  /** Pairs of a name and its variable, in order. */
  entries(): IterableIterator<[string, ScopedVariable]> {
    return this.#byName.entries();
  }

  [Symbol.iterator](): IterableIterator<[string, ScopedVariable]> {
    return this.#byName.entries();
  }
}

/** How an answer is read. */
export interface ParseVariablesOptions {
  /** How eager coercion is; without it, `lossless`. */
  readonly mode?: CoercionMode | undefined;
}

/**
 * Reads one or more pages of an answer of variables: decodes, coerces and resolves over all of
 * them.
 *
 * @param pages the body of one answer, or of several in order: strings or UTF-8 bytes
 * @throws {ProtocolError} for an answer of any other shape; its message names the place
 * @throws {ConfigurationError} for a mode that is none
 *
 * @example
 * ```js
 * const page = '{"variables": [{"name": "visits", "value": "3", "scope": "session"}]}';
 * parseVariables(page).get("visits").value; // 3
 * ```
 */
export function parseVariables(
  pages: JsonText | readonly JsonText[],
  { mode = "lossless" }: ParseVariablesOptions = {},
): Variables {
  let at = 0;
  const lengths = (Array.isArray(pages) ? (pages as readonly JsonText[]) : [pages as JsonText]).map(
    (page) => {
      const length = writeJsonText(page, at);
      at += length;
      return length;
    },
  );
  return variablesOf(withMappedErrors(() => parseInCore(Uint32Array.from(lengths), mode)));
}

/**
 * What the core tells of an answer, as variables.
 *
 * @internal
 */
export function variablesOf(text: string): Variables {
  return new Variables(text);
}

/** Which variables are asked for. */
export interface VariablesQuery {
  /** Those of this name. */
  readonly name?: string | undefined;
  /** Those of this scope. */
  readonly scope?: string | undefined;
  /** The system's too, whose names begin with `_`. */
  readonly includeSystem?: boolean | undefined;
}

/**
 * The address of a session's variables, for a `GET`.
 *
 * @param baseUrl where the tenant's API is; an ending `/api/v1`, `/api/v2` or `/new` is recognised
 * @param sessionId the session; percent-encoded whole
 * @throws {ValidationError} `invalid_id` when the session id can be none
 * @throws {ConfigurationError} when the base URL can be none
 *
 * @example
 * ```js
 * variablesUrl("https://api.example", "s/1", { scope: "user" });
 * // "https://api.example/api/v2/botsessions/s%2F1/variables?scope=user"
 * ```
 */
export function variablesUrl(
  baseUrl: string,
  sessionId: string,
  { name, scope, includeSystem = false }: VariablesQuery = {},
): string {
  ensureStarted();
  const address = JSON.parse(
    textFields({ base_url: baseUrl, session_id: sessionId }, { name, scope }),
  ) as Record<string, string>;
  return withMappedErrors(() =>
    urlInCore(
      JSON.stringify({
        ...address,
        session_id: JSON.stringify(sessionId),
        include_system: includeSystem,
      }),
    ),
  );
}

/**
 * Returns JSON of string fields for the core.
 *
 * @throws {TypeError} when a field has another type
 */
function textFields(
  required: Readonly<Record<string, unknown>>,
  optional: Readonly<Record<string, unknown>>,
): string {
  const given = Object.entries(optional).filter(([, value]) => value !== undefined);
  const fields = [...Object.entries(required), ...given];
  for (const [name, value] of fields) requireString(camelCase(name), value);
  return JSON.stringify(Object.fromEntries(fields));
}
