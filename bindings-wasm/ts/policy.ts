import { PolicyHandle } from "wasm-glue";
import { ConfigurationError } from "./errors.js";
import type { Severity } from "./issue.js";
import { RevivableHandle, rules } from "./panic-guard.js";
import { isWellFormed } from "./text.js";
import { isSparse, objectArgument, requireString } from "./util/arguments.js";
import { makeDisposable, setClassName } from "./util/classes.js";
import { camelCase, renameKeys, snakeCase } from "./util/naming.js";
import { ensureStarted } from "./wasm.js";

/**
 * The name of a preset, the rules for one API family:
 *
 * - `injection`: variables that are injected into a session
 * - `context`: context documents
 * - `state`: updates of a dialog's state
 * - `platform`: the context of a session on the platform, with its default limits
 * - `platform_app`: the same on the App environment, where a context may be larger
 */
export type PresetName = "injection" | "context" | "state" | "platform" | "platform_app";

/** The rules of a policy. Limits that are `null` do not apply. */
export interface PolicyFields {
  /** The preset that the policy is based on. */
  readonly preset: PresetName;
  /**
   * The rule for the names of variables:
   *
   * - `any`: any text
   * - `injection`: letters and numbers of any script (at least one), `_` and `-`
   * - `identifier`: a Unicode identifier, which may also start with `_`
   * - `platform`: not empty; keys that a flow cannot read are warnings
   */
  readonly names: "any" | "injection" | "identifier" | "platform";
  /** Prefixes that a name must not have. */
  readonly reservedPrefixes: readonly string[];
  /** Greatest length of a name, in code points. `null`: no limit. */
  readonly maxNameLength: number | null;
  /** Whether the value of a variable may be `null`. Inside a value `null` is always allowed. */
  readonly allowNull: boolean;
  /** Whether keys that start with `__` are internal and left out, at every depth. */
  readonly stripInternal: boolean;
  /** Greatest size of one variable's value, in JSON bytes. `null`: no limit. */
  readonly maxValueBytes: number | null;
  /** Greatest size of one request body, in JSON bytes. `null`: no limit. */
  readonly maxPayloadBytes: number | null;
  /** Greatest size of the complete context, in bytes of {@link contextUnit}. `null`: no limit. */
  readonly maxContextBytes: number | null;
  /** The unit of {@link maxContextBytes}: `json` or `platform` bytes, as in `Sizes`. */
  readonly contextUnit: "json" | "platform";
  /** Nesting levels of one variable above which there is a warning. `null`: no limit. */
  readonly maxDepth: number | null;
  /** The share of a limit, above 0 and up to 1, from which `near_limit` warns. `null`: never. */
  readonly warnFrom: number | null;
  /** The severity of an integer beyond ±(2^53−1), which JavaScript would round. */
  readonly unsafeIntegers: Severity;
}

/** The fields of a policy that differ from its preset. `null` removes a limit. */
export type PolicyOverrides = Partial<Omit<PolicyFields, "preset">>;

/**
 * A policy as a function accepts it: a `Policy`, the name of a preset, or the fields that differ from a
 * preset (default: `platform`).
 */
export type PolicyArgument = Policy | PresetName | Partial<PolicyFields>;

/**
 * The rules of a check. One policy for many checks is faster than passing the fields to each check.
 *
 * @example
 * ```js
 * const policy = new Policy("platform", { maxContextBytes: 262_144 });
 * check(context, policy).ok;
 * ```
 */
export class Policy implements PolicyFields {
  declare readonly preset: PresetName;
  declare readonly names: PolicyFields["names"];
  declare readonly reservedPrefixes: readonly string[];
  declare readonly maxNameLength: number | null;
  declare readonly allowNull: boolean;
  declare readonly stripInternal: boolean;
  declare readonly maxValueBytes: number | null;
  declare readonly maxPayloadBytes: number | null;
  declare readonly maxContextBytes: number | null;
  declare readonly contextUnit: PolicyFields["contextUnit"];
  declare readonly maxDepth: number | null;
  declare readonly warnFrom: number | null;
  declare readonly unsafeIntegers: Severity;
  #handle: RevivableHandle<PolicyHandle> | undefined;

  /**
   * Creates a policy from a preset.
   *
   * @param preset the preset to start from; default: `platform`
   * @param overrides the fields that differ from the preset; default: none
   * @throws {ConfigurationError} for an unknown preset or field, or an invalid value
   * @throws {TypeError} when `preset` is not a string, or `overrides` is not an object
   */
  constructor(preset: PresetName = "platform", overrides: PolicyOverrides = {}) {
    requireString("preset", preset);
    const spec = { ...objectArgument("overrides", overrides), preset };
    const handle = new RevivableHandle(rules, () => createHandle(spec));
    this.#handle = handle;
    const fields = JSON.parse(handle.get().fields()) as Record<string, unknown>;
    Object.assign(this, renameKeys(fields, camelCase));
    Object.freeze(this.reservedPrefixes);
    Object.freeze(this);
  }

  /**
   * Releases the policy's memory immediately. The policy cannot be used afterwards. Without this call, the
   * garbage collector releases the memory later.
   */
  free(): void {
    this.#handle?.free();
    this.#handle = undefined;
  }

  /** @internal */
  static handleOf(policy: Policy): PolicyHandle {
    const handle = policy.#handle;
    if (!handle) throw new ConfigurationError("this policy was freed. Create a new one.");
    return handle.get();
  }

  static {
    setClassName(this, "Policy");
    makeDisposable(this);
  }
}

const presetHandles = new Map<string, RevivableHandle<PolicyHandle>>();

/**
 * Runs `work` with the core's object for a policy.
 *
 * @param policy the policy
 * @param work receives the object, which it must not keep
 * @returns the result of `work`
 * @throws {ConfigurationError} when the policy is invalid, or was freed
 *
 * @internal
 */
export function withPolicy<T>(policy: PolicyArgument, work: (handle: PolicyHandle) => T): T {
  if (policy instanceof Policy) return work(Policy.handleOf(policy));
  if (typeof policy === "string") {
    let handle = presetHandles.get(policy);
    if (!handle) {
      handle = new RevivableHandle(rules, () => createHandle(policy));
      presetHandles.set(policy, handle);
    }
    return work(handle.get());
  }
  const handle = createHandle(policy);
  try {
    return work(handle);
  } finally {
    handle.free();
  }
}

/** Creates the core's object for a policy. Fields that are `undefined` count as absent. */
function createHandle(spec: PresetName | Partial<PolicyFields>): PolicyHandle {
  ensureStarted();
  // The caller's spelling of each field, for messages.
  const spellings = new Map<string, string>();
  let coreSpec: unknown = toJsonField(spec);
  if (typeof spec !== "string") {
    requirePolicyObject(spec);
    const fields = Object.entries(spec).map(([name, value]): [string, unknown] => {
      const coreName = snakeCase(toText(name));
      spellings.set(coreName, name);
      return [coreName, toJsonField(value)];
    });
    coreSpec = Object.fromEntries(fields);
  }
  try {
    return new PolicyHandle(JSON.stringify(coreSpec));
  } catch (error) {
    throw new ConfigurationError(spellFields(String(error), spellings));
  }
}

/** @throws {ConfigurationError} when a policy is not an object, because policies often come from a configuration */
function requirePolicyObject(policy: unknown): void {
  try {
    objectArgument("policy", policy, "a Policy, the name of a preset, or an object");
  } catch (error) {
    throw error instanceof TypeError ? new ConfigurationError(error.message) : error;
  }
}

/**
 * Returns the value of a field for the core, which checks it. A value that JSON cannot express, for example a BigInt
 * or a list with holes, becomes text, which the core rejects in a field that is not text. `JSON.stringify` would
 * throw, or write NaN as `null`, which removes a limit.
 */
function toJsonField(value: unknown): unknown {
  if (value === null || value === undefined || typeof value === "boolean") return value;
  if (typeof value === "string") return toText(value);
  if (Number.isFinite(value)) return value;
  if (!Array.isArray(value) || isSparse(value)) return typeof value;
  return value.map((item: unknown) => (typeof item === "string" && isWellFormed(item) ? item : null));
}

/** Returns text that UTF-8 can encode; for half of a surrogate pair, a character that no name has. */
function toText(text: string): string {
  return isWellFormed(text) ? text : "\ufffd";
}

/** Spells the fields in a message, which the core names in snake_case, as the caller does. */
function spellFields(message: string, spellings: ReadonlyMap<string, string>): string {
  return message.replace(/`([a-z_]+)`/g, (quoted, name: string) => {
    const spelling = spellings.get(name) ?? (FIELD_NAME.test(name) ? camelCase(name) : undefined);
    return spelling === undefined ? quoted : `\`${spelling}\``;
  });
}

/** Matches the core's names of fields, as opposed to its names of values, which stay the same. */
const FIELD_NAME = /^(max|context|warn|unsafe|reserved|allow|strip)_/;
