/** Shows the size of the document against the limits and by key, and the values that the platform would replace. */
import { h, replaceChildren, selectField } from "../base/dom";
import { formatBytes, formatNumber, formatPercent } from "../base/format";
import type { View, Workspace } from "../base/workspace";
import { callRules } from "../rules/worker-client";
import type { LimitUsage, ReplacedKey, SizeData } from "../rules/types";
import { Treemap } from "./treemap";

/** Creates the Size view. */
export function sizeView(workspace: Workspace): View {
  const figures = h("dl.figures.large");
  const limits = h("div.limits");
  const replacedKeys = h("div.replaced-keys");
  const problem = h("p.problem", { role: "status" });
  const treemap = new Treemap((path) => workspace.revealPath(path));
  const unit = selectField(
    "Area by",
    [
      ["platform", "platform bytes"],
      ["json", "JSON bytes"],
    ] as const,
    (value) => treemap.setUnit(value),
  );
  const existing = h("textarea", {
    rows: 2,
    spellcheck: "false",
    placeholder: '{"already": "there"}',
    input: () => workspace.setOptions({ existing: existing.value }),
  });
  const details = h(
    "details.existing",
    {},
    h("summary", {}, "Existing context of the session"),
    h("label", {}, h("span", {}, "Context as JSON, into which the document is written"), existing),
  );
  const content = h(
    "div.sections",
    {},
    figures,
    section("Limits", limits),
    section("Replaced by the platform", replacedKeys, details),
    h("section", {}, h("div.toolbar.apart", {}, h("h2", {}, "Size by key"), unit.element), treemap.element),
  );
  const element = h("div.size", {}, problem, content);
  return {
    element,
    async update({ input }) {
      if (existing.value !== input.existing && document.activeElement !== existing) existing.value = input.existing;
      let found: SizeData | undefined;
      try {
        found = await callRules("measureSize", input);
        problem.textContent = found ? "" : "The document is not a JSON object. Paste a JSON object on the left.";
      } catch (error) {
        problem.textContent = (error as Error).message;
      }
      content.hidden = !found;
      if (!found) return;
      const { sizes } = found;
      replaceChildren(
        figures,
        figure("Platform bytes", formatNumber(sizes.platformBytes)),
        figure("JSON bytes", formatNumber(sizes.jsonBytes)),
        figure("Variables", formatNumber(sizes.variables)),
        figure("Depth", formatNumber(sizes.depth)),
      );
      replaceChildren(limits, limitLists(found.limits));
      replaceChildren(replacedKeys, replacedKeyList(workspace, found.replacedKeys));
      treemap.show(found.root, new Set(found.replacedKeys.filter(({ preset }) => preset === "platform").map(({ path }) => path)));
    },
  };
}

function section(title: string, ...children: HTMLElement[]) {
  return h("section", {}, h("h2", {}, title), ...children);
}

function figure(name: string, value: string) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, value));
}

function limitLists(limits: readonly LimitUsage[]) {
  const active = limits.filter((limit) => limit.isActive);
  const others = limits.filter((limit) => !limit.isActive);
  return [
    h("ul.limit-list", { "aria-label": "Limits that apply" }, active.map(limitItem)),
    h("h3", {}, "Other policies"),
    h("ul.limit-list.others", { "aria-label": "Limits of the other policies" }, others.map(limitItem)),
  ];
}

function limitItem({ preset, subject, unit, used, limit }: LimitUsage) {
  const share = used / limit;
  const level = share > 1 ? "over" : "within";
  const bar = h("span.fill");
  bar.style.width = `${Math.min(share, 1) * 100}%`;
  return h(
    "li",
    { class: level },
    h("span.name", {}, h("code", {}, preset), ` ${subject}`),
    h("span.track", { "aria-hidden": "true" }, bar),
    h("span.value", { title: `${formatNumber(used)} of ${formatNumber(limit)} ${unit} bytes` }, `${formatBytes(used)} of ${formatBytes(limit)} ${unit === "json" ? "JSON" : "platform"}`),
    h("span.share", {}, formatPercent(share), share > 1 && h("span.visually-hidden", {}, " over the limit")),
  );
}

function replacedKeyList(workspace: Workspace, replacedKeys: readonly ReplacedKey[]) {
  if (replacedKeys.length === 0) {
    return h("p.empty-note", {}, "None. Every value fits the limits of the platform.");
  }
  return h(
    "ul.replaced-list",
    {},
    replacedKeys.map(({ preset, path, limit, actual }) =>
      h(
        "li",
        {},
        h("button", { type: "button", click: () => workspace.revealPath(path) }, h("code", {}, path)),
        h("span", {}, `replaced under ${preset}: the context is ${formatNumber(actual)} platform bytes with this key, the limit is ${formatNumber(limit)}`),
      ),
    ),
  );
}
