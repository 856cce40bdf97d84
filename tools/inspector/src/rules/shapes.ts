/** What the page and its worker tell each other. Verdicts, codes, limits and sizes are the package's. */
import type { Issue, PresetName, Sizes } from "cognigy-context/browser";

/** What a pasted text can be. */
export type Kind = "context" | "payload" | "state" | "answer";

/** A text, and how it is to be looked at. */
export interface Subject {
  readonly text: string;
  /** What it is; `auto` recognises it. */
  readonly kind: Kind | "auto";
  /** The rules it is held against; `auto` are those of its kind. */
  readonly policy: PresetName | "auto";
  /** JSON text of the context that the session already holds; empty for none. */
  readonly existing: string;
}

/** A finding with its place in the text. */
export interface PlacedIssue extends Omit<Issue, "code"> {
  /** The package's code, or the name of the error that it threw. */
  readonly code: string;
  readonly from: number;
  readonly to: number;
}

export interface Verdict {
  readonly kind: Kind;
  readonly policy: PresetName | "answer";
  readonly ok: boolean;
  readonly issues: readonly PlacedIssue[];
  readonly omitted: number;
  readonly sizes: Sizes | undefined;
  /** What the rules took, in milliseconds. */
  readonly took: number;
}

/** One limit and how much of it is used. */
export interface Bar {
  readonly preset: PresetName;
  readonly what: "body" | "context" | "largest value";
  readonly unit: "json" | "platform";
  readonly used: number;
  readonly limit: number;
  readonly active: boolean;
}

/** A key with what it takes, in both measures. */
export interface Room {
  readonly name: string;
  readonly path: string;
  readonly json: number;
  readonly platform: number;
  readonly children: readonly Room[];
}

/** A key whose value the platform would replace, under one of its presets. */
export interface Cut {
  readonly preset: PresetName;
  readonly path: string;
  readonly limit: number;
  readonly actual: number;
}

export interface SizeView {
  readonly sizes: Sizes;
  readonly bars: readonly Bar[];
  readonly room: Room;
  readonly cuts: readonly Cut[];
}

/** One variable, read in both ways. */
export interface Row {
  readonly index: number;
  readonly name: string;
  readonly scope: string | undefined;
  readonly type: string | undefined;
  readonly system: boolean;
  readonly raw: Shown;
  readonly lossless: Shown;
  readonly compat: Shown;
  readonly differs: boolean;
  /** The scope of the variable that hides this one. */
  readonly hiddenBy: string | undefined;
}

/** A value as it can be shown: its JSON type, and its text. */
export interface Shown {
  readonly type: string;
  readonly text: string;
  /** Why there is none. */
  readonly failed?: string;
}

/** All variables of one name, the strongest first. */
export interface Ladder {
  readonly name: string;
  readonly steps: readonly { index: number; scope: string; text: string }[];
}

export interface VariablesView {
  readonly rows: readonly Row[];
  readonly ladders: readonly Ladder[];
}

export interface Change {
  readonly path: string;
  readonly what: "added" | "removed" | "changed";
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export interface Comparison {
  readonly changes: readonly Change[];
  readonly counts: Readonly<Record<Change["what"], number>>;
  readonly merged: string;
  readonly verdict: Verdict;
}

/** What the worker can do. */
export interface Rules {
  inspect(subject: Subject): Verdict;
  size(subject: Subject): SizeView | undefined;
  variables(subject: Subject): VariablesView | undefined;
  compare(subject: Subject, other: string): Comparison | { problem: string };
  /** Where a JSON Pointer points in a text. */
  place(text: string, path: string): { from: number; to: number } | undefined;
  format(text: string, compact: boolean): string | undefined;
}
