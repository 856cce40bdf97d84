/** The types of the messages between the page and the rules worker. */
import type { Issue, PresetName, Sizes } from "cognigy-context/browser";

/** The kind of a document; `variables` is a response that lists variables. */
export type Kind = "context" | "payload" | "state" | "variables";

/** A text and the options of its check. */
export interface CheckInput {
  readonly text: string;
  /** The kind of the document; `auto` detects it. */
  readonly kind: Kind | "auto";
  /** The policy of the check; `auto` selects the policy of the kind. */
  readonly policy: PresetName | "auto";
  /** JSON text of the context that the session already has; empty for none. */
  readonly existing: string;
}

/** An issue with its range in the text, in UTF-16 units. */
export interface PlacedIssue extends Omit<Issue, "code"> {
  /** The issue code, or the name of the error that the package threw. */
  readonly code: string;
  readonly from: number;
  readonly to: number;
}

/** The result of a check. */
export interface CheckResult {
  readonly kind: Kind;
  /** The policy of the check; `variables` for a response that was read without a policy. */
  readonly policy: PresetName | "variables";
  /** Whether there is no error. */
  readonly ok: boolean;
  readonly issues: readonly PlacedIssue[];
  /** The number of further issues, which are not listed. */
  readonly omitted: number;
  /** The sizes of the document; `undefined` if they are unknown. */
  readonly sizes: Sizes | undefined;
  /** The duration of the check in the worker, in milliseconds. */
  readonly durationMs: number;
}

/** One limit and its usage, in bytes. */
export interface LimitUsage {
  readonly preset: PresetName;
  /** What the limit applies to. */
  readonly subject: "body" | "context" | "largest value";
  readonly unit: "json" | "platform";
  readonly used: number;
  readonly limit: number;
  /** Whether the limit belongs to the policy of the check. */
  readonly isActive: boolean;
}

/** A key and its size in bytes, in both measures. */
export interface SizeNode {
  readonly name: string;
  readonly path: string;
  readonly json: number;
  readonly platform: number;
  readonly children: readonly SizeNode[];
}

/** A key whose value the platform would replace under one of its presets. */
export interface ReplacedKey {
  readonly preset: PresetName;
  /** The JSON Pointer of the key in the document. */
  readonly path: string;
  /** The limit of the preset, in platform bytes. */
  readonly limit: number;
  /** The size of the context with this key, in platform bytes. */
  readonly actual: number;
}

/** The data of the Size view. */
export interface SizeData {
  readonly sizes: Sizes;
  readonly limits: readonly LimitUsage[];
  readonly root: SizeNode;
  readonly replacedKeys: readonly ReplacedKey[];
}

/** One variable with its values in both modes. */
export interface VariableRow {
  /** The position in the document, from 0. */
  readonly index: number;
  readonly name: string;
  /** The scope; `undefined` for a variable of a context. */
  readonly scope: string | undefined;
  /** The declared type, if there is one. */
  readonly type: string | undefined;
  readonly isSystem: boolean;
  readonly raw: DisplayValue;
  readonly lossless: DisplayValue;
  readonly compat: DisplayValue;
  /** Whether the two modes return different values. */
  readonly differs: boolean;
  /** The scope of the variable that shadows this one; `undefined` if none does. */
  readonly shadowedBy: string | undefined;
}

/** A value to display: its JSON type and its text. */
export interface DisplayValue {
  readonly type: string;
  readonly text: string;
  /** The code of the error, if the value could not be coerced. */
  readonly error?: string;
}

/** All variables of one name, highest precedence first. */
export interface ScopeChain {
  readonly name: string;
  readonly candidates: readonly { index: number; scope: string; text: string }[];
}

/** The data of the Variables view. */
export interface VariablesData {
  readonly rows: readonly VariableRow[];
  readonly scopeChains: readonly ScopeChain[];
}

/** One difference between two documents. */
export interface Change {
  readonly path: string;
  readonly type: "added" | "removed" | "changed";
  /** JSON text of the old value, possibly truncated; `undefined` if the value was added. */
  readonly before: string | undefined;
  /** JSON text of the new value, possibly truncated; `undefined` if the value was removed. */
  readonly after: string | undefined;
}

/** The differences between two documents, and the merged document with its check. */
export interface Comparison {
  /** The listed changes, at most 2,000. `counts` contains all changes. */
  readonly changes: readonly Change[];
  readonly counts: Readonly<Record<Change["type"], number>>;
  readonly merged: string;
  readonly checkResult: CheckResult;
}

/** The layout of formatted JSON text. `one-line` has no spaces between tokens. */
export type JsonLayout = "indented" | "one-line";

/** The methods of the worker. */
export interface Rules {
  checkDocument(input: CheckInput): CheckResult;
  /** Returns `undefined` if the text is not a JSON object. */
  measureSize(input: CheckInput): SizeData | undefined;
  /** Returns `undefined` if the text is not a JSON object. */
  readVariables(input: CheckInput): VariablesData | undefined;
  compare(input: CheckInput, other: string): Comparison | { error: string };
  /** Returns the range of a JSON Pointer in a text; `undefined` if the text does not contain it. */
  locate(text: string, path: string): { from: number; to: number } | undefined;
  /** Returns the text in the layout; `undefined` if it is not JSON. */
  formatJson(text: string, layout: JsonLayout): string | undefined;
}
