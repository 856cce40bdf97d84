import { PolicyHandle } from "wasm-glue";
import { makeDisposable } from "./util/classes.js";
import { ConfigurationError } from "./errors.js";
import { RevivableHandle, rules } from "./panic-guard.js";
import { setClassName } from "./util/classes.js";
import { camelCase, renameKeys, snakeCase } from "./util/naming.js";
import type { Severity } from "./issue.js";
import { ensureStarted } from "./wasm.js";

/** The name of a preset: a set of rules for one way into a conversation. */
export type PresetName = "injection" | "context" | "state" | "platform" | "platform_app";

/** The rules of one check. */
export interface PolicyFields {
  /** The preset that this policy started from. */
  readonly preset: PresetName;
  /**
   * The rule for the names of variables: `any` text; `injection` (letters and numbers of any
   * script, `_`, `-`); `identifier` (Unicode, or `_` first); `platform` (not empty; keys that a
   * flow cannot read are warnings).
   */
  readonly names: "any" | "injection" | "identifier" | "platform";
  /** Beginnings of a name that are refused. */
  readonly reservedPrefixes: readonly string[];
  /** Longest name, in code points; `null` is no limit. */
  readonly maxNameLength: number | null;
  /** Whether a variable's own value may be `null`. Below that `null` is always fine. */
  readonly allowNull: boolean;
  /** Whether keys that start with `__` are internal: left out, at every depth. */
  readonly stripInternal: boolean;
  /** Most JSON bytes of one variable's value; `null` is no limit. */
  readonly maxValueBytes: number | null;
  /** Most JSON bytes of what is sent in one request; `null` is no limit. */
  readonly maxPayloadBytes: number | null;
  /** Most bytes of the whole context, in {@link contextUnit}; `null` is no limit. */
  readonly maxContextBytes: number | null;
  /** What {@link maxContextBytes} counts: `json` or `platform` bytes, as in `Sizes`. */
  readonly contextUnit: "json" | "platform";
  /** Levels of nesting of one variable beyond which there is a warning; `null` is no limit. */
  readonly maxDepth: number | null;
  /** The share of a limit, above 0 and up to 1, from which `near_limit` warns; `null` is never. */
  readonly warnFrom: number | null;
  /** How grave an integer beyond ±(2^53−1) is. */
  readonly unsafeIntegers: Severity;
}

/** The fields of a policy that differ from its preset. A limit given as `null` is taken off. */
export type PolicyOverrides = Partial<Omit<PolicyFields, "preset">>;

/** What a check accepts as its policy: a policy, a preset's name, or fields that differ from one
 * (without `preset`, from `platform`). */
export type PolicyArgument = Policy | PresetName | Partial<PolicyFields>;

/**
 * The rules of one check, ready to use.
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
   * @param preset the preset to start from
   * @param overrides the fields that differ from it
   * @throws {ConfigurationError} for an unknown preset or field, or a value of the wrong kind
   */
  constructor(preset: PresetName = "platform", overrides: PolicyOverrides = {}) {
    const spec = { ...overrides, preset };
    const kept = new RevivableHandle(rules, () => makeHandle(spec));
    this.#handle = kept;
    const fields = JSON.parse(kept.get().fields()) as Record<string, unknown>;
    Object.assign(this, renameKeys(fields, camelCase));
    Object.freeze(this.reservedPrefixes);
    Object.freeze(this);
  }

  /**
   * Gives the policy's memory back at once; it cannot be used afterwards. Where nobody calls this,
   * the garbage collector does so in its own time.
   */
  free(): void {
    this.#handle?.free();
    this.#handle = undefined;
  }

  /** @internal */
  static handleOf(policy: Policy): PolicyHandle {
    const handle = policy.#handle;
    if (!handle) throw new ConfigurationError("this policy was freed");
    return handle.get();
  }

  static {
    setClassName(this, "Policy");
    makeDisposable(this);
  }
}

const presets = new Map<string, RevivableHandle<PolicyHandle>>();

/**
 * Runs `work` with the core's form of a policy argument.
 *
 * @internal
 */
export function withPolicy<T>(policy: PolicyArgument, work: (handle: PolicyHandle) => T): T {
  if (policy instanceof Policy) return work(Policy.handleOf(policy));
  if (typeof policy === "string") {
    let handle = presets.get(policy);
    if (!handle) {
      handle = new RevivableHandle(rules, () => makeHandle(policy));
      presets.set(policy, handle);
    }
    return work(handle.get());
  }
  const handle = makeHandle(policy);
  try {
    return work(handle);
  } finally {
    handle.free();
  }
}

/** The core's form of a policy. A field that is `undefined` is as good as absent. */
function makeHandle(spec: PresetName | Partial<PolicyFields>): PolicyHandle {
  ensureStarted();
  const names = new Map<string, string>();
  const camelizeKeys =
    typeof spec === "object" && spec !== null && !Array.isArray(spec)
      ? renameKeys(spec as Record<string, unknown>, (name) => {
          const camelizeKeys = snakeCase(name);
          names.set(camelizeKeys, name);
          return camelizeKeys;
        })
      : spec;
  try {
    return new PolicyHandle(JSON.stringify(camelizeKeys, keepNonFinite) ?? "null");
  } catch (error) {
    throw new ConfigurationError(inOurNames(String(error), names));
  }
}

/** JSON would turn an infinite limit into `null`, which takes a limit off: let the core refuse it. */
function keepNonFinite(_: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

/** The core's messages name fields its way; its own names for values stay as they are. */
function inOurNames(message: string, given: ReadonlyMap<string, string>): string {
  return message.replace(/`([a-z_]+)`/g, (quoted, name: string) => {
    const ours = given.get(name) ?? (FIELD.test(name) ? camelCase(name) : undefined);
    return ours === undefined ? quoted : `\`${ours}\``;
  });
}

/** How the core's names for the fields of a policy begin. */
const FIELD = /^(max|context|warn|unsafe|reserved|allow|strip)_/;
