/** Checks a text with the package and locates each issue in it. */
import type { Issue, PresetName, Report, Sizes } from "cognigy-context/browser";
import { checkByKind } from "./check-by-kind";
import { detectKind } from "./detect-kind";
import { parseExisting } from "./document-parts";
import { type Json, parse } from "./json";
import { locate, toOffset } from "./locate";
import { CognigyError, checkJson, Policy, ValidationError } from "./package";
import type { CheckInput, CheckResult, Kind, PlacedIssue } from "./types";

/** An issue, or an error of the package with its name as the code. */
type Finding = Omit<Issue, "code"> & { readonly code: string };

/** The result of a check, without the ranges of the issues. */
interface Findings {
  readonly issues: readonly Finding[];
  readonly sizes: Sizes | undefined;
  readonly omitted: number;
  readonly policy: PresetName | "variables";
}

/** A policy without limits and without rules for names. It finds syntax errors and duplicate keys in any JSON text. */
const syntaxPolicy = new Policy("context", {
  stripInternal: false,
  maxPayloadBytes: null,
  maxContextBytes: null,
  maxValueBytes: null,
  warnFrom: null,
});

/** Returns the result of the check, with the range of each issue. */
export function checkDocument(input: CheckInput): CheckResult {
  const start = performance.now();
  const { text } = input;
  const value = parse(text);
  const kind = input.kind === "auto" ? detectKind(value) : input.kind;
  const { issues, sizes, omitted, policy } = collectFindings(input, kind, value);
  return {
    kind,
    policy,
    ok: !issues.some(({ severity }) => severity === "error"),
    issues: addRanges(text, issues),
    omitted,
    sizes,
    durationMs: performance.now() - start,
  };
}

/** Checks the text. Converts an error of the package to a finding. */
function collectFindings(input: CheckInput, kind: Kind, value: Json | undefined): Findings {
  const { text } = input;
  const syntaxReport = kind === "context" ? undefined : checkJson(text, syntaxPolicy);
  if (syntaxReport && value === undefined) {
    return { ...toFindings(syntaxReport), policy: kind === "variables" ? "variables" : selectPolicyName(input, kind) };
  }
  try {
    const { report, policy, toDocumentPath } = checkByKind(input, kind, value, parseExisting(input.existing));
    const issues = report.issues.map((issue) => ({ ...issue, path: toDocumentPath(issue.path) }));
    return { issues: mergeFindings(syntaxReport?.issues ?? [], issues), sizes: report.sizes, omitted: report.omitted, policy };
  } catch (error) {
    if (!(error instanceof CognigyError)) throw error;
    // The error of a response of an unexpected shape contains the path in its message.
    const found: Finding[] =
      error instanceof ValidationError
        ? [...error.report.issues]
        : [{ code: error.name, severity: "error", path: findPath(error.message), message: error.message }];
    return {
      issues: mergeFindings(syntaxReport?.issues ?? [], found),
      sizes: syntaxReport?.sizes,
      omitted: 0,
      policy: kind === "variables" ? "variables" : selectPolicyName(input, kind),
    };
  }
}

function toFindings({ issues, sizes, omitted }: Report): Omit<Findings, "policy"> {
  return { issues, sizes, omitted };
}

/** Returns the selected policy, or the default policy of the kind. */
function selectPolicyName({ policy }: CheckInput, kind: Kind): PresetName {
  if (policy !== "auto") return policy;
  return kind === "state" ? "state" : kind === "payload" ? "injection" : "platform";
}

/** Merges the findings of two checks. Of two findings with the same code and path, keeps the second. */
function mergeFindings(first: readonly Finding[], second: readonly Finding[]): Finding[] {
  const known = new Set(second.map(({ code, path }) => `${code} ${path}`));
  return [...first.filter(({ code, path }) => !known.has(`${code} ${path}`)), ...second];
}

/** Returns the JSON Pointer in a message; `""` if there is none. */
function findPath(message: string): string {
  return / at (\/[^\s]*?)\.?(?:\s|$)/.exec(message)?.[1] ?? "";
}

/** Adds its range to each issue. Without a range, an issue gets the first character of the text. */
function addRanges(text: string, issues: readonly Finding[]): PlacedIssue[] {
  const ranges = locate(text, new Set(issues.map(({ path }) => path)));
  return issues.map((issue) => {
    const position = /line (\d+), column (\d+)/.exec(issue.code === "invalid_json" ? issue.message : "");
    if (position) {
      const from = toOffset(text, Number(position[1]), Number(position[2]));
      return { ...issue, from: Math.min(from, Math.max(text.length - 1, 0)), to: Math.min(from + 1, text.length) };
    }
    const { from, to } = ranges.get(issue.path) ?? { from: 0, to: Math.min(1, text.length) };
    return { ...issue, from, to };
  });
}
