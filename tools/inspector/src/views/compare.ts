/** Two documents: what differs, and what merging the other into the one in the editor gives. */
import { fill, h } from "../base/dom";
import { bytes, count, number } from "../base/figures";
import { latest } from "../base/latest";
import type { Session, View } from "../base/session";
import { Editor } from "../editor/editor";
import { ask } from "../rules/ask";
import type { Change, Comparison } from "../rules/shapes";

const mostShown = 300;
const signs = { added: "+", removed: "−", changed: "~" } as const;

export function compareView(session: Session): View {
  const result = h("div.result");
  const draw = latest(async () => {
    if (other.text.trim() === "") {
      fill(result, h("p.none", {}, "Paste the other document above. It is what would be merged into the one on the left."));
      return;
    }
    const found = await ask("compare", session.subject, other.text);
    fill(result, "problem" in found ? h("p.problem", {}, found.problem) : comparison(session, found));
  });
  const other = new Editor({
    label: "The other document",
    hint: "The other document: an update, or the context as it is elsewhere",
    onChange: () => draw(undefined),
  });
  const swap = () => {
    const text = other.text;
    other.text = session.subject.text;
    session.load({ text, kind: session.subject.kind, policy: session.subject.policy });
  };
  const element = h(
    "div.compare",
    {},
    h(
      "div.toolbar",
      {},
      h("span.label", {}, "The other document"),
      h("button", { type: "button", click: swap }, "Swap"),
      h("button", { type: "button", click: () => (other.text = session.subject.text) }, "Take what is on the left"),
    ),
    other.element,
    result,
  );
  return { element, update: () => draw(undefined) };
}

function comparison(session: Session, { changes, counts, merged, verdict }: Comparison) {
  const errors = verdict.issues.filter(({ severity }) => severity === "error");
  return [
    h(
      "p.counts",
      { role: "status" },
      h("span.added", {}, `${number(counts.added)} added`),
      h("span.removed", {}, `${number(counts.removed)} removed`),
      h("span.changed", {}, `${number(counts.changed)} changed`),
    ),
    changes.length > 0 && h("ul.changes", { "aria-label": "Changes" }, changes.slice(0, mostShown).map((one) => change(session, one))),
    changes.length > mostShown && h("p.none", {}, `${count(changes.length - mostShown, "change")} more are not shown.`),
    h("h2", {}, "Merged"),
    h(
      "p",
      {},
      "Objects merge member by member, all else is replaced, and what the other one lacks stays. ",
      verdict.sizes && `${bytes(verdict.sizes.jsonBytes)} JSON, ${bytes(verdict.sizes.platformBytes)} platform. `,
      h("strong", { class: errors.length > 0 ? "bad" : "good" }, errors.length > 0 ? `${count(errors.length, "error")}: ${errors[0]?.code}` : "Fit to be sent"),
    ),
    h("div.toolbar", {}, h("button", { type: "button", click: () => session.load({ text: merged }) }, "Open in the editor")),
    h("pre.merged", { tabindex: 0, "aria-label": "The merged document" }, merged.length > 20_000 ? `${merged.slice(0, 20_000)}…` : merged),
  ];
}

function change(session: Session, { path, what, before, after }: Change) {
  return h(
    "li",
    { class: what },
    h("span.sign", { "aria-hidden": "true" }, signs[what]),
    h("span.sr", {}, what),
    what === "added"
      ? h("code.path", {}, path || "(whole)")
      : h("button.path", { type: "button", click: () => session.revealPath(path) }, h("code", {}, path || "(whole)")),
    before !== undefined && h("code.before", { title: before }, before),
    before !== undefined && after !== undefined && h("span.arrow", {}, "→"),
    after !== undefined && h("code.after", { title: after }, after),
  );
}
