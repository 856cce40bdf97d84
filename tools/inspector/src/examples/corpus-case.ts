/** A case of the corpus that the page can display. */
import type { LoadedDocument } from "../base/workspace";
import type { Kind, CheckInput } from "../rules/types";

export interface Case {
  readonly name: string;
  readonly operation: string;
  readonly policy?: string | { readonly preset?: string } | undefined;
  readonly existing?: unknown;
  readonly text?: unknown;
  readonly input?: unknown;
}

export interface Group {
  readonly file: string;
  readonly about: string;
  readonly cases: readonly Case[];
}

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

/** Expands a text, which is one string or several parts, some of them repeated. */
function expandText(text: unknown): string {
  if (Array.isArray(text)) return text.map(expandText).join("");
  if (typeof text === "string") return text;
  const [part, times] = (text as { $repeat: [string, number] }).$repeat;
  return part.repeat(times);
}

/** Returns a value as JSON text with its corpus forms expanded. Builds text, because integers can exceed the range of a number. */
function toJsonText(value: unknown, indent: string): string {
  const below = `${indent}  `;
  if (Array.isArray(value)) return list(value.map((item) => toJsonText(item, below)), indent);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value);
  const [form, given] = entries.length === 1 ? (entries[0] as [string, never]) : ["", undefined];
  switch (form) {
    case "$repeat": {
      const [text, times] = given as unknown as [string, number];
      return JSON.stringify(text.repeat(times));
    }
    case "$list": {
      const [times, item] = given as unknown as [number, unknown];
      return list(Array<string>(times).fill(toJsonText(item, below)), indent);
    }
    case "$map": {
      const [times, prefix, member] = given as unknown as [number, string, unknown];
      const text = toJsonText(member, below);
      return object(Array.from({ length: times }, (_, place) => `${JSON.stringify(prefix + place)}: ${text}`), indent);
    }
    case "$nest":
    case "$nest_objects": {
      const [times, leaf] = given as unknown as [number, unknown];
      const [open, close] = form === "$nest" ? ["[", "]"] : ['{"k":', "}"];
      return open.repeat(times) + toJsonText(leaf, "") + close.repeat(times);
    }
    case "$integer":
      return String(given);
    default:
      return object(entries.map(([name, member]) => `${JSON.stringify(name)}: ${toJsonText(member, below)}`), indent);
  }
}

function list(items: readonly string[], indent: string): string {
  return items.length === 0 ? "[]" : `[\n${items.map((item) => `${indent}  ${item}`).join(",\n")}\n${indent}]`;
}

function object(members: readonly string[], indent: string): string {
  return members.length === 0 ? "{}" : `{\n${members.map((member) => `${indent}  ${member}`).join(",\n")}\n${indent}}`;
}
