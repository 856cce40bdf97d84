/** Compares the document in the editor with another one and merges the other into it. */
import { h, replaceChildren } from "../base/dom";
import { formatBytes, formatCount, formatNumber } from "../base/format";
import { coalesce } from "../base/coalesce";
import type { View, Workspace } from "../base/workspace";
import { Editor } from "../editor/editor";
import { callRules } from "../rules/worker-client";
import type { Change, Comparison } from "../rules/types";

const maxShownChanges = 300;
/** The number of characters after which the merged document is truncated. */
const maxShownChars = 20_000;
const signs = { added: "+", removed: "−", changed: "~" } as const;

/** Creates the Compare view. */
export function compareView(workspace: Workspace): View {
  const result = h("div.result");
  const draw = coalesce(async () => {
    if (other.text.trim() === "") {
      replaceChildren(result, h("p.empty-note", {}, "Paste the other document above. It is merged into the document on the left."));
      return;
    }
    const found = await callRules("compare", workspace.input, other.text);
    replaceChildren(result, "error" in found ? h("p.problem", {}, found.error) : comparisonElements(workspace, found));
  });
  const other = new Editor({
    label: "The other document",
    hint: "The other document: an update, or another context",
    onChange: () => draw(undefined),
  });
  const swap = () => {
    const text = other.text;
    other.text = workspace.input.text;
    workspace.load({ text, kind: workspace.input.kind, policy: workspace.input.policy });
  };
  const element = h(
    "div.compare",
    {},
    h(
      "div.toolbar",
      {},
      h("span.label", {}, "The other document"),
      h("button", { type: "button", click: swap }, "Swap"),
      h("button", { type: "button", click: () => (other.text = workspace.input.text) }, "Copy from the editor"),
    ),
    other.element,
    result,
  );
  return { element, update: () => draw(undefined) };
}

function comparisonElements(workspace: Workspace, { changes, counts, merged, checkResult }: Comparison) {
  const errors = checkResult.issues.filter(({ severity }) => severity === "error");
  return [
    h(
      "p.counts",
      { role: "status" },
      h("span.added", {}, `${formatNumber(counts.added)} added`),
      h("span.removed", {}, `${formatNumber(counts.removed)} removed`),
      h("span.changed", {}, `${formatNumber(counts.changed)} changed`),
    ),
    changes.length > 0 && h("ul.changes", { "aria-label": "Changes" }, changes.slice(0, maxShownChanges).map((change) => changeItem(workspace, change))),
    changes.length > maxShownChanges && h("p.empty-note", {}, `${formatCount(changes.length - maxShownChanges, "more change", "more changes")} not shown.`),
    h("h2", {}, "Merged"),
    h(
      "p",
      {},
      "Objects are merged member by member. Other values are replaced. Members that only this document has are kept. ",
      checkResult.sizes && `${formatBytes(checkResult.sizes.jsonBytes)} JSON, ${formatBytes(checkResult.sizes.platformBytes)} platform. `,
      h("strong", { class: errors.length > 0 ? "bad" : "good" }, errors.length > 0 ? `${formatCount(errors.length, "error")}: ${errors[0]?.code}` : "No errors"),
    ),
    h("div.toolbar", {}, h("button", { type: "button", click: () => workspace.load({ text: merged }) }, "Open in the editor")),
    h("pre.merged", { tabindex: 0, "aria-label": "The merged document" }, merged.length > maxShownChars ? `${merged.slice(0, maxShownChars)}…` : merged),
  ];
}

function changeItem(workspace: Workspace, { path, type, before, after }: Change) {
  return h(
    "li",
    { class: type },
    h("span.sign", { "aria-hidden": "true" }, signs[type]),
    h("span.visually-hidden", {}, type),
    type === "added"
      ? h("code.path", {}, path || "(top level)")
      : h("button.path", { type: "button", click: () => workspace.revealPath(path) }, h("code", {}, path || "(top level)")),
    before !== undefined && h("code.before", { title: before }, before),
    before !== undefined && after !== undefined && h("span.arrow", {}, "→"),
    after !== undefined && h("code.after", { title: after }, after),
  );
}
