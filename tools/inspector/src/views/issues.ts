/** The verdict: every issue with its path, its code, and what to do. */
import { fill, h } from "../base/dom";
import { bytes, count, number } from "../base/figures";
import type { Session, View } from "../base/session";
import type { PlacedIssue, Verdict } from "../rules/shapes";

/** So many are in the list at first. */
const firstShown = 200;

const kinds = { context: "a context", payload: "an injection payload", state: "a dialog-state update", answer: "an answer of variables" };

export function issuesView(): View {
  const element = h("div.issues");
  return {
    element,
    update(session) {
      const { verdict, subject } = session;
      if (!verdict || subject.text.trim() === "") {
        fill(element, welcome());
        return;
      }
      fill(element, summary(verdict), list(session, verdict));
    },
  };
}

function welcome() {
  return h(
    "div.empty",
    {},
    h("p", {}, "Paste or drop JSON: a context, an injection payload, a dialog-state update, or an answer of variables."),
    h("p", {}, "It is recognised and checked here, in this page. Nothing leaves it unless you send it in Live."),
  );
}

function summary({ kind, policy, ok, issues, sizes, omitted }: Verdict) {
  const errors = issues.filter(({ severity }) => severity === "error").length;
  const warnings = issues.length - errors;
  const under = policy === "answer" ? "" : `, held against “${policy}”`;
  return h(
    "div.summary",
    { "data-ok": String(ok) },
    h("strong.verdict", { class: `verdict ${ok ? "good" : "bad"}` }, ok ? "Fit to be sent" : "Not fit to be sent"),
    h(
      "p",
      {},
      `Read as ${kinds[kind]}${under}: `,
      `${count(errors, "error")}, ${count(warnings, "warning")}${omitted > 0 ? `, ${number(omitted)} more not kept` : ""}.`,
    ),
    sizes &&
      h(
        "dl.figures",
        {},
        figure("JSON", bytes(sizes.jsonBytes), `${number(sizes.jsonBytes)} bytes`),
        figure("Platform", bytes(sizes.platformBytes), `${number(sizes.platformBytes)} bytes as the platform counts`),
        figure("Variables", number(sizes.variables)),
        figure("Depth", number(sizes.depth)),
      ),
  );
}

function figure(name: string, value: string, title?: string) {
  return h("div", { title }, h("dt", {}, name), h("dd", {}, value));
}

function list(session: Session, { issues }: Verdict) {
  if (issues.length === 0) return h("p.none", {}, "No issues.");
  const items = h("ol.issue-list", { "aria-label": "Issues" });
  const add = (from: number, to: number) => items.append(...issues.slice(from, to).map((issue) => item(session, issue)));
  add(0, firstShown);
  if (issues.length <= firstShown) return items;
  const more = h(
    "button.quiet",
    {
      type: "button",
      click: () => {
        add(firstShown, issues.length);
        more.remove();
      },
    },
    `Show ${number(issues.length - firstShown)} more`,
  );
  return [items, more];
}

function item(session: Session, issue: PlacedIssue) {
  const { severity, code, path, message, hint, limit, actual } = issue;
  return h(
    "li",
    {},
    h(
      "button",
      { type: "button", class: `issue ${severity}`, click: () => session.reveal(issue) },
      h("span.head", {}, h("span.severity", {}, severity), h("code.code", {}, code), h("code.path", {}, path === "" ? "(whole)" : path)),
      h("span.message", {}, marked(message)),
      limit !== undefined && actual !== undefined && h("span.against", {}, `${number(actual)} of ${number(limit)}`),
      hint && h("span.hint", {}, marked(hint)),
    ),
  );
}

/** Messages put names between backticks. */
function marked(text: string) {
  return text.split("`").map((part, place) => (place % 2 === 1 ? h("code", {}, part) : part));
}
