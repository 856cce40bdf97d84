/** A case of the corpus, as far as a page can show it. */
import type { Loaded } from "../base/session";
import type { Kind, Subject } from "../rules/shapes";

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
  parse_variables: "answer",
  resolve_scopes: "answer",
};

/** The document of a case. */
export function documentOf({ operation, policy, existing, text, input }: Case): Loaded {
  const preset = typeof policy === "string" ? policy : policy?.preset;
  return {
    text: text === undefined ? written(input, "") : flat(text),
    kind: kinds[operation] ?? "auto",
    policy: (operation === "check" ? (preset ?? "platform") : "auto") as Subject["policy"],
    existing: existing === undefined ? "" : written(existing, ""),
  };
}

/** Text is one string, or several parts of which some repeat. */
function flat(text: unknown): string {
  if (Array.isArray(text)) return text.map(flat).join("");
  if (typeof text === "string") return text;
  const [part, times] = (text as { $repeat: [string, number] }).$repeat;
  return part.repeat(times);
}

/** A value as JSON text, its forms spelt out. Built as text, because some are integers of any length. */
function written(value: unknown, indent: string): string {
  const below = `${indent}  `;
  if (Array.isArray(value)) return list(value.map((item) => written(item, below)), indent);
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
      return list(Array<string>(times).fill(written(item, below)), indent);
    }
    case "$map": {
      const [times, prefix, member] = given as unknown as [number, string, unknown];
      const text = written(member, below);
      return object(Array.from({ length: times }, (_, place) => `${JSON.stringify(prefix + place)}: ${text}`), indent);
    }
    case "$nest":
    case "$nest_objects": {
      const [times, leaf] = given as unknown as [number, unknown];
      const [open, close] = form === "$nest" ? ["[", "]"] : ['{"k":', "}"];
      return open.repeat(times) + written(leaf, "") + close.repeat(times);
    }
    case "$integer":
      return String(given);
    default:
      return object(entries.map(([name, member]) => `${JSON.stringify(name)}: ${written(member, below)}`), indent);
  }
}

function list(items: readonly string[], indent: string): string {
  return items.length === 0 ? "[]" : `[\n${items.map((item) => `${indent}  ${item}`).join(",\n")}\n${indent}]`;
}

function object(members: readonly string[], indent: string): string {
  return members.length === 0 ? "{}" : `{\n${members.map((member) => `${indent}  ${member}`).join(",\n")}\n${indent}}`;
}
