import { parseVariables as parseInCore, variablesUrl as urlInCore } from "wasm-glue";
import type { CoercionMode } from "./coerce.js";
import { withMappedErrors } from "./error-mapping.js";
import type { Issue } from "./issue.js";
import { type JsonText, PLACEHOLDER, writeJsonText } from "./text.js";
import { objectArgument, optionalBoolean, requireDense, requireString } from "./util/arguments.js";
import { setClassName } from "./util/classes.js";
import { camelCase } from "./util/naming.js";
import { ensureStarted } from "./wasm.js";

/** A variable of an API response. */
export interface ScopedVariable {
  /** The name. */
  readonly name: string;
  /** The value. */
  readonly value: unknown;
  /** The scope: `global`, `bot`, `session`, `user`, or another one. */
  readonly scope: string;
  /** The declared type, if the API returned one. */
  readonly type?: string | null | undefined;
}

/** A variable in the debug view. The names of the fields are the same in every language. */
export interface DebugEntry {
  /** The value. */
  readonly value: unknown;
  /** The scope: `global`, `bot`, `session`, `user`, or another one. */
  readonly scope: string;
  /** The JSON Schema type of the value. A number without a fraction is an `integer`. */
  readonly type: "null" | "boolean" | "integer" | "number" | "string" | "array" | "object";
  /** Whether the name starts with `_`. */
  readonly is_system: boolean;
}

/** A variable that another variable of the same name shadows. */
export interface ShadowedVariable {
  /** The shadowed variable. */
  readonly variable: ScopedVariable;
  /** The scope of the variable that shadows `variable`. */
  readonly by: string;
}

/** The properties of a variable except its name and value. Variables with equal properties usually share one entry. */
interface VariableMeta {
  readonly scope: string;
  /** The type that the API declares for the variable. */
  readonly declared_type: string | null;
  /** The name of the value's JSON type. */
  readonly type: DebugEntry["type"];
  readonly is_system: boolean;
}

/** The resolved variables: the values by name, and for each key the index of its metadata. */
type ResolvedVariables = [values: Record<string, unknown>, metaIndexes: number[]];

/** The last of the three parts of the core's text. */
interface Trailer {
  readonly metas: readonly VariableMeta[];
  /** The position of each variable among the object's keys; `null` if both orders are equal. */
  readonly order: readonly number[] | null;
  readonly next_cursor: string | null;
  readonly issues: readonly Issue[];
}

/**
 * The resolved variables of a response: one for each name, in the order in which the names first appear.
 * Read-only, with the reading methods of a `Map` except `forEach`.
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
  /**
   * The cursor of the next page, if the last page has one. Pass it to `getVariablesRequest` as `cursor`, or to
   * the API as `next`.
   */
  readonly nextCursor: string | undefined;
  /**
   * Values that stayed text because they do not have their declared type, and integers that JavaScript
   * would round. A path contains the index of the variable, counted over all pages.
   */
  readonly issues: readonly Issue[];
  readonly #metas: readonly VariableMeta[];
  readonly #order: readonly number[] | null;
  /** The JSON text of {@link ResolvedVariables}, parsed on first use. */
  readonly #resolvedText: string;
  /** The JSON text of a flat list: name, value, index of the metadata and shadowing scope of each variable. */
  readonly #shadowedText: string;
  #resolved: ReadonlyMap<string, ScopedVariable> | undefined;
  #shadowed: readonly ShadowedVariable[] | undefined;

  /** @internal `parseVariables` creates instances. */
  constructor(text: string) {
    const resolvedEnd = text.indexOf(PLACEHOLDER);
    const shadowedEnd = text.indexOf(PLACEHOLDER, resolvedEnd + 1);
    const { metas, order, next_cursor, issues } = JSON.parse(text.slice(shadowedEnd + 1)) as Trailer;
    for (const issue of issues) Object.freeze(issue);
    this.#metas = metas;
    this.#order = order;
    this.#resolvedText = text.slice(0, resolvedEnd);
    this.#shadowedText = text.slice(resolvedEnd + 1, shadowedEnd);
    this.nextCursor = next_cursor ?? undefined;
    this.issues = Object.freeze(issues);
    Object.freeze(this);
  }

  /**
   * The variables that another variable of the same name shadows: one in a stronger scope, or an earlier one in
   * the same scope.
   */
  get shadowed(): readonly ShadowedVariable[] {
    if (!this.#shadowed) {
      const list = JSON.parse(this.#shadowedText) as unknown[];
      const shadowed: ShadowedVariable[] = [];
      for (let index = 0; index < list.length; index += 4) {
        const variable = this.#variable(list[index] as string, list[index + 1], list[index + 2] as number);
        shadowed.push(Object.freeze({ variable, by: list[index + 3] as string }));
      }
      this.#shadowed = Object.freeze(shadowed);
    }
    return this.#shadowed;
  }

  get #byName(): ReadonlyMap<string, ScopedVariable> {
    if (!this.#resolved) {
      const [values, metaIndexes] = JSON.parse(this.#resolvedText) as ResolvedVariables;
      const names = Object.keys(values);
      const resolved = new Map<string, ScopedVariable>();
      for (let index = 0; index < names.length; index++) {
        const position = this.#order ? this.#order[index]! : index;
        const name = names[position]!;
        resolved.set(name, this.#variable(name, values[name], metaIndexes[position]!));
      }
      this.#resolved = resolved;
    }
    return this.#resolved;
  }

  #variable(name: string, value: unknown, metaIndex: number): ScopedVariable {
    const { scope, declared_type: type } = this.#metas[metaIndex]!;
    return Object.freeze(type === null ? { name, value, scope } : { name, value, scope, type });
  }

  /**
   * Returns the debug view. It shares no values with `variables`.
   *
   * @internal
   */
  static debugView(variables: Variables): Record<string, DebugEntry> {
    const [values, metaIndexes] = JSON.parse(variables.#resolvedText) as ResolvedVariables;
    const view = values as Record<string, DebugEntry>;
    const names = Object.keys(values);
    // Replaces each value with its entry: creating the keys of a new object would take most of the time.
    for (let index = 0; index < names.length; index++) {
      const name = names[index]!;
      const { scope, type, is_system } = variables.#metas[metaIndexes[index]!]!;
      view[name] = { value: values[name], scope, type, is_system };
    }
    return view;
  }

  /** Number of resolved variables. */
  get size(): number {
    return this.#byName.size;
  }

  /**
   * Returns the resolved variable of a name.
   *
   * @param name the name
   * @returns the variable, or `undefined` if there is none
   */
  get(name: string): ScopedVariable | undefined {
    return this.#byName.get(name);
  }

  /**
   * Returns whether there is a variable of a name.
   *
   * @param name the name
   * @returns whether a variable has this name
   */
  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /**
   * Iterates over the names, in the order in which they first appear in the response.
   *
   * @returns an iterator of names
   */
  keys(): IterableIterator<string> {
    return this.#byName.keys();
  }

  /**
   * Iterates over the resolved variables, in order.
   *
   * @returns an iterator of variables
   */
  values(): IterableIterator<ScopedVariable> {
    return this.#byName.values();
  }

  /**
   * Iterates over pairs of a name and its resolved variable, in order.
   *
   * @returns an iterator of pairs
   */
  entries(): IterableIterator<[string, ScopedVariable]> {
    return this.#byName.entries();
  }

  /**
   * Iterates over pairs of a name and its resolved variable, in order.
   *
   * @returns an iterator of pairs
   */
  [Symbol.iterator](): IterableIterator<[string, ScopedVariable]> {
    return this.#byName.entries();
  }
}

/** The options of `parseVariables`. */
export interface ParseVariablesOptions {
  /** How text is converted to values. Default: `lossless`. */
  readonly mode?: CoercionMode | undefined;
}

/**
 * Parses a response of the variables API: converts text to values and resolves the scopes over all
 * pages.
 *
 * @param pages the body of one response, or of several in order: strings or UTF-8 bytes
 * @param options how text is converted to values
 * @returns the resolved variables
 * @throws {ProtocolError} when a body is not a list-variables response; the message names the position
 * @throws {ConfigurationError} for an unknown mode
 * @throws {TypeError} when a page is neither a string nor bytes, or an option has the wrong type
 *
 * @example
 * ```js
 * const page = '{"variables": [{"name": "visits", "value": "3", "scope": "session"}]}';
 * parseVariables(page).get("visits").value; // 3
 * ```
 */
export function parseVariables(
  pages: JsonText | readonly JsonText[],
  options: ParseVariablesOptions = {},
): Variables {
  const { mode = "lossless" } = objectArgument("options", options);
  requireString("mode", mode);
  if (Array.isArray(pages)) requireDense("pages", pages);
  let offset = 0;
  const lengths = (Array.isArray(pages) ? (pages as readonly JsonText[]) : [pages as JsonText]).map(
    (page) => {
      const length = writeJsonText(page, offset);
      offset += length;
      return length;
    },
  );
  return variablesOf(withMappedErrors(() => parseInCore(Uint32Array.from(lengths), mode)));
}

/**
 * Returns the variables from the core's text.
 *
 * @internal
 */
export function variablesOf(text: string): Variables {
  return new Variables(text);
}

/** Selects the variables that the API returns. Without fields: all except system variables. */
export interface VariablesQuery {
  /** Only variables of this name. Default: all names. */
  readonly name?: string | undefined;
  /** Only variables of this scope. Default: all scopes. */
  readonly scope?: string | undefined;
  /** Whether to include system variables, whose names start with `_`. Default: false. */
  readonly includeSystem?: boolean | undefined;
}

/**
 * Returns the URL of a session's variables, for a `GET` request.
 *
 * @param baseUrl the URL of the tenant's API; it may end with `/api/v1`, `/api/v2` or `/new`
 * @param sessionId the session; every reserved character is percent-encoded
 * @param query which variables to read; default: all except system variables
 * @returns the URL
 * @throws {ValidationError} for an invalid session id
 * @throws {ConfigurationError} for an invalid base URL
 * @throws {TypeError} when an argument or a field of `query` has the wrong type
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
  query: VariablesQuery = {},
): string {
  ensureStarted();
  const { name, scope, includeSystem } = objectArgument("query", query);
  const address = toStringFields({ base_url: baseUrl, session_id: sessionId }, { name, scope });
  return withMappedErrors(() =>
    urlInCore(
      JSON.stringify({
        ...address,
        session_id: JSON.stringify(sessionId),
        include_system: optionalBoolean("includeSystem", includeSystem),
      }),
    ),
  );
}

/**
 * Returns the fields for the core, without optional fields that are `undefined`.
 *
 * @throws {TypeError} when a field is not a string
 */
function toStringFields(
  required: Readonly<Record<string, unknown>>,
  optional: Readonly<Record<string, unknown>>,
): Record<string, string> {
  const present = Object.entries(optional).filter(([, value]) => value !== undefined);
  const fields: Record<string, string> = {};
  for (const [name, value] of [...Object.entries(required), ...present]) {
    requireString(camelCase(name), value);
    fields[name] = value;
  }
  return fields;
}
