/** Converts cases of the test corpus to documents. */
import type { LoadedDocument } from "../base/workspace";
import type { CheckInput, Kind } from "../rules/types";

/** A case of the corpus that the page can display. */
export interface Case {
  readonly name: string;
  readonly operation: string;
  readonly policy?: string | { readonly preset?: string } | undefined;
  readonly existing?: unknown;
  /** The document as JSON text; a list or `{$repeat}` is expanded. Without it, `input` is the document. */
  readonly text?: unknown;
  readonly input?: unknown;
}

/** The cases of one corpus file. */
export interface Group {
  readonly file: string;
  readonly about: string;
  readonly cases: readonly Case[];
}

/** The kind of the document, by operation. */
const kinds: Readonly<Record<string, Kind>> = {
  check: "context",
  measure: "context",
  inject_context_request: "context",
  injection_payload: "payload",
  state_update: "state",
  parse_variables: "variables",
  resolve_scopes: "variables",
};

/** Returns the document of a case. */
export function toDocument({ operation, policy, existing, text, input }: Case): LoadedDocument {
  const preset = typeof policy === "string" ? policy : policy?.preset;
  return {
    text: text === undefined ? toJsonText(input, "") : expandText(text),
    kind: kinds[operation] ?? "auto",
    policy: (operation === "check" ? (preset ?? "platform") : "auto") as CheckInput["policy"],
    existing: existing === undefined ? "" : toJsonText(existing, ""),
  };
}

/** Expands a text: a string, a repeated string, or a list of these. */
function expandText(text: unknown): string {
  if (Array.isArray(text)) return text.map(expandText).join("");
  if (typeof text === "string") return text;
  const [part, times] = (text as { $repeat: [string, number] }).$repeat;
  return part.repeat(times);
}

/** Returns a value as JSON text, with the corpus forms such as `$repeat` expanded. Large integers are exact only as text. */
function toJsonText(value: unknown, indent: string): string {
  const innerIndent = `${indent}  `;
  if (Array.isArray(value)) return formatList(value.map((item) => toJsonText(item, innerIndent)), indent);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value);
  const [form, argument] = entries.length === 1 ? (entries[0] as [string, never]) : ["", undefined];
  switch (form) {
    case "$repeat": {
      const [text, times] = argument as unknown as [string, number];
      return JSON.stringify(text.repeat(times));
    }
    case "$list": {
      const [times, item] = argument as unknown as [number, unknown];
      return formatList(Array<string>(times).fill(toJsonText(item, innerIndent)), indent);
    }
    case "$map": {
      const [times, prefix, member] = argument as unknown as [number, string, unknown];
      const text = toJsonText(member, innerIndent);
      return formatObject(Array.from({ length: times }, (_, index) => `${JSON.stringify(prefix + index)}: ${text}`), indent);
    }
    case "$nest":
    case "$nest_objects": {
      const [times, leaf] = argument as unknown as [number, unknown];
      const [open, close] = form === "$nest" ? ["[", "]"] : ['{"k":', "}"];
      return open.repeat(times) + toJsonText(leaf, "") + close.repeat(times);
    }
    case "$integer":
      return String(argument);
    default:
      return formatObject(entries.map(([name, member]) => `${JSON.stringify(name)}: ${toJsonText(member, innerIndent)}`), indent);
  }
}

function formatList(items: readonly string[], indent: string): string {
  return items.length === 0 ? "[]" : `[\n${items.map((item) => `${indent}  ${item}`).join(",\n")}\n${indent}]`;
}

function formatObject(members: readonly string[], indent: string): string {
  return members.length === 0 ? "{}" : `{\n${members.map((member) => `${indent}  ${member}`).join(",\n")}\n${indent}}`;
}
