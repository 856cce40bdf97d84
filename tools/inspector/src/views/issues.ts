/** Shows the result of the check: every issue with its path, code, message and hint. */
import { h, replaceChildren } from "../base/dom";
import { formatBytes, formatCount, formatNumber } from "../base/format";
import type { View, Workspace } from "../base/workspace";
import type { CheckResult, PlacedIssue } from "../rules/types";

/** The number of issues in the initial list. */
const initialIssues = 200;

const kinds = {
  context: "a context",
  payload: "an injection payload",
  state: "a dialog-state update",
  variables: "a variables response",
};

/** The sentence about the document, by kind: without errors, and with errors. */
const outcomes = {
  context: ["this context can be sent", "this context would be refused"],
  payload: ["this payload can be sent", "this payload would be refused"],
  state: ["this update can be sent", "this update would be refused"],
  variables: ["this response can be read", "this response cannot be read completely"],
};

/** Creates the Issues view. */
export function issuesView(): View {
  const element = h("div.issues");
  return {
    element,
    update(workspace) {
      const { checkResult, input } = workspace;
      if (!checkResult || input.text.trim() === "") {
        replaceChildren(element, emptyState());
        return;
      }
      replaceChildren(element, summaryElement(checkResult), issueList(workspace, checkResult));
    },
  };
}

function emptyState() {
  return h(
    "div.empty",
    {},
    h("p", {}, "Paste or drop JSON: a context, an injection payload, a dialog-state update or a variables response."),
    h("p", {}, "The page detects the kind and checks the document locally. Data is sent only in the Live view."),
  );
}

function summaryElement({ kind, policy, ok, issues, sizes, omitted }: CheckResult) {
  const errors = issues.filter(({ severity }) => severity === "error").length;
  const warnings = issues.length - errors;
  const policyText = policy === "variables" ? "" : `, checked against “${policy}”`;
  const [passed, failed] = outcomes[kind];
  return h(
    "div.summary",
    { "data-ok": String(ok) },
    h("strong", { class: `outcome ${ok ? "good" : "bad"}` }, ok ? `No errors: ${passed}` : `${formatCount(errors, "error")}: ${failed}`),
    h(
      "p",
      {},
      `Read as ${kinds[kind]}${policyText}: `,
      `${formatCount(errors, "error")}, ${formatCount(warnings, "warning")}${omitted > 0 ? `, ${formatNumber(omitted)} more not listed` : ""}.`,
    ),
    sizes &&
      h(
        "dl.figures",
        {},
        figure("JSON", formatBytes(sizes.jsonBytes), `${formatNumber(sizes.jsonBytes)} bytes`),
        figure("Platform", formatBytes(sizes.platformBytes), `${formatNumber(sizes.platformBytes)} bytes in the platform's measure`),
        figure("Variables", formatNumber(sizes.variables)),
        figure("Depth", formatNumber(sizes.depth)),
      ),
  );
}

function figure(name: string, value: string, title?: string) {
  return h("div", { title }, h("dt", {}, name), h("dd", {}, value));
}

function issueList(workspace: Workspace, { issues }: CheckResult) {
  if (issues.length === 0) return h("p.empty-note", {}, "No issues.");
  const items = h("ol.issue-list", { "aria-label": "Issues" });
  const add = (from: number, to: number) => items.append(...issues.slice(from, to).map((issue) => issueItem(workspace, issue)));
  add(0, initialIssues);
  if (issues.length <= initialIssues) return items;
  const more = h(
    "button",
    {
      type: "button",
      click: () => {
        add(initialIssues, issues.length);
        more.remove();
      },
    },
    `Show ${formatNumber(issues.length - initialIssues)} more`,
  );
  return [items, more];
}

function issueItem(workspace: Workspace, issue: PlacedIssue) {
  const { severity, code, path, message, hint } = issue;
  return h(
    "li",
    {},
    h(
      "button",
      { type: "button", class: `issue ${severity}`, click: () => workspace.reveal(issue) },
      h("span.head", {}, h("span.severity", {}, severity), h("code.code", {}, code), h("code.path", {}, path === "" ? "(top level)" : path)),
      h("span.message", {}, formatCode(message)),
      hint && h("span.hint", {}, formatCode(hint)),
    ),
  );
}

/** Formats the text between backticks as code. */
function formatCode(text: string) {
  return text.split("`").map((part, index) => (index % 2 === 1 ? h("code", {}, part) : part));
}
