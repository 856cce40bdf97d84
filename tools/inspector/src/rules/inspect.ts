/** A text's verdict: everything the package has to say of it, each finding with its place. */
import type { Issue, PresetName, Report, Sizes } from "cognigy-context/browser";
import { type Json, read } from "./json";
import { locate, offsetOf } from "./locate";
import { CognigyError, checkJson, Policy, ValidationError } from "./package";
import { recognise } from "./recognise";
import type { Kind, PlacedIssue, Subject, Verdict } from "./shapes";
import { existingOf, reportOf } from "./subject";

type Finding = Omit<Issue, "code"> & { readonly code: string };

interface Findings {
  readonly issues: readonly Finding[];
  readonly sizes: Sizes | undefined;
  readonly omitted: number;
  readonly policy: PresetName | "answer";
}

/** Rules that hold for any JSON text, whatever it is for: no limits, no names. */
const anyText = new Policy("context", {
  stripInternal: false,
  maxPayloadBytes: null,
  maxContextBytes: null,
  maxValueBytes: null,
  warnFrom: null,
});

export function inspect(subject: Subject): Verdict {
  const began = performance.now();
  const { text } = subject;
  const value = read(text);
  const kind = subject.kind === "auto" ? recognise(value) : subject.kind;
  const { issues, sizes, omitted, policy } = findings(subject, kind, value);
  return {
    kind,
    policy,
    ok: !issues.some(({ severity }) => severity === "error"),
    issues: placed(text, issues),
    omitted,
    sizes,
    took: performance.now() - began,
  };
}

function findings(subject: Subject, kind: Kind, value: Json | undefined): Findings {
  const { text } = subject;
  const inText = kind === "context" ? undefined : checkJson(text, anyText);
  if (inText && value === undefined) {
    return { ...partsOf(inText), policy: kind === "answer" ? "answer" : policyName(subject, kind) };
  }
  try {
    const { report, policy, at } = reportOf(subject, kind, value, existingOf(subject.existing));
    const told = report.issues.map((issue) => ({ ...issue, path: at(issue.path) }));
    return { issues: together(inText?.issues ?? [], told), sizes: report.sizes, omitted: report.omitted, policy };
  } catch (error) {
    if (!(error instanceof CognigyError)) throw error;
    // An answer of another shape, for example: the message names the place.
    const found: Finding[] =
      error instanceof ValidationError
        ? [...error.report.issues]
        : [{ code: error.name, severity: "error", path: placeIn(error.message), message: error.message }];
    return {
      issues: together(inText?.issues ?? [], found),
      sizes: inText?.sizes,
      omitted: 0,
      policy: kind === "answer" ? "answer" : policyName(subject, kind),
    };
  }
}

function partsOf({ issues, sizes, omitted }: Report): Omit<Findings, "policy"> {
  return { issues, sizes, omitted };
}

function policyName({ policy }: Subject, kind: Kind): PresetName {
  if (policy !== "auto") return policy;
  return kind === "state" ? "state" : kind === "payload" ? "injection" : "platform";
}

/** What two checks found, each finding once. */
function together(first: readonly Finding[], second: readonly Finding[]): Finding[] {
  const there = new Set(second.map(({ code, path }) => `${code} ${path}`));
  return [...first.filter(({ code, path }) => !there.has(`${code} ${path}`)), ...second];
}

function placeIn(message: string): string {
  return / at (\/[^\s]*?)\.?(?:\s|$)/.exec(message)?.[1] ?? "";
}

function placed(text: string, issues: readonly Finding[]): PlacedIssue[] {
  const places = locate(text, new Set(issues.map(({ path }) => path)));
  return issues.map((issue) => {
    const spot = /line (\d+), column (\d+)/.exec(issue.code === "invalid_json" ? issue.message : "");
    if (spot) {
      const from = offsetOf(text, Number(spot[1]), Number(spot[2]));
      return { ...issue, from: Math.min(from, Math.max(text.length - 1, 0)), to: Math.min(from + 1, text.length) };
    }
    const { from, to } = places.get(issue.path) ?? { from: 0, to: Math.min(1, text.length) };
    return { ...issue, from, to };
  });
}
