/** Shows variables raw and coerced in both modes, and the scope precedence of each name. */
import { h, replaceChildren } from "../base/dom";
import { formatCount, formatNumber } from "../base/format";
import type { View } from "../base/workspace";
import { callRules } from "../rules/worker-client";
import type { DisplayValue, ScopeChain, VariableRow, VariablesData } from "../rules/types";

const maxShownNames = 300;

/** Creates the Variables view. */
export function variablesView(): View {
  let found: VariablesData | undefined;
  const search = h("input", { type: "search", placeholder: "Name or value", "aria-label": "Filter by name or value", input: () => draw() });
  const showsSystem = h("input", { type: "checkbox", checked: true, change: () => draw() });
  const onlyDiffering = h("input", { type: "checkbox", change: () => draw() });
  const status = h("p.result-count", { role: "status" });
  const rows = h("tbody");
  const table = h(
    "div.table",
    { tabindex: 0, role: "region", "aria-label": "Variables" },
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, ["Name", "Scope", "Raw", "Lossless", "Compat"].map((name) => h("th", { scope: "col" }, name)))),
      rows,
    ),
  );
  const scopeChains = h("div.scope-chains");
  const element = h(
    "div.variables",
    {},
    h(
      "div.toolbar",
      {},
      search,
      h("label.check", {}, showsSystem, "System variables"),
      h("label.check", {}, onlyDiffering, "Only where the modes differ"),
    ),
    status,
    table,
    scopeChains,
  );

  const draw = () => {
    const query = search.value.toLowerCase();
    const all = found?.rows ?? [];
    const shown = all.filter(
      (row) =>
        (showsSystem.checked || !row.isSystem) &&
        (!onlyDiffering.checked || row.differs) &&
        (row.name.toLowerCase().includes(query) || row.raw.text.toLowerCase().includes(query)),
    );
    table.hidden = shown.length === 0;
    replaceChildren(rows, shown.slice(0, maxShownNames).map(tableRow));
    status.textContent = found
      ? `${formatNumber(Math.min(shown.length, maxShownNames))} of ${formatCount(all.length, "variable")}; ` +
        `${formatNumber(all.filter(({ differs }) => differs).length)} differ between the modes, ` +
        `${formatNumber(all.filter(({ shadowedBy }) => shadowedBy !== undefined).length)} shadowed by a scope of higher precedence.`
      : "The document is not a JSON object. Paste a variables response, a payload, a state update or a context on the left.";
    const names = new Set(shown.map(({ name }) => name));
    replaceChildren(scopeChains, scopeChainList((found?.scopeChains ?? []).filter(({ name }) => names.has(name)).slice(0, maxShownNames)));
  };

  return {
    element,
    async update({ input }) {
      try {
        found = await callRules("readVariables", input);
        draw();
      } catch (error) {
        found = undefined;
        draw();
        status.textContent = (error as Error).message;
      }
    },
  };
}

function tableRow(row: VariableRow) {
  const { name, scope, type, isSystem, raw, lossless, compat, differs, shadowedBy } = row;
  return h(
    "tr",
    { class: [shadowedBy !== undefined && "shadowed", differs && "differs"].filter(Boolean).join(" ") || null },
    h(
      "th",
      { scope: "row" },
      h("code", {}, name),
      isSystem && h("span.tag", {}, "system"),
      type !== undefined && h("span.tag", {}, `declared ${type}`),
    ),
    h("td", {}, scope ?? "–", shadowedBy !== undefined && h("span.tag", {}, `shadowed by ${shadowedBy}`)),
    h("td.value", {}, h("div.cell", {}, h("code", { title: raw.text }, raw.text))),
    h("td.value", {}, h("div.cell", {}, valueElements(lossless))),
    h(
      "td.value",
      {},
      h("div.cell", {}, valueElements(compat), differs && h("span.mark", { title: "The two modes differ" }, "≠", h("span.visually-hidden", {}, " differs"))),
    ),
  );
}

function valueElements({ type, text, error }: DisplayValue) {
  return [
    h("code", { class: `json-${type}`, title: text }, text),
    error !== undefined ? h("span.tag.bad", {}, error) : type !== "string" && h("span.type", {}, type),
  ];
}

function scopeChainList(scopeChains: readonly ScopeChain[]) {
  if (scopeChains.length === 0) return null;
  return [
    h("h2", {}, "Scope precedence"),
    h(
      "ul",
      { "aria-label": "Scope precedence" },
      scopeChains.map(({ name, candidates }) =>
        h(
          "li",
          {},
          h("code.name", {}, name),
          h(
            "ol",
            {},
            candidates.map(({ scope, text }, index) =>
              h(
                "li",
                { class: index === 0 ? "resolved" : "shadowed" },
                h("span.scope", {}, scope === "" ? "(none)" : scope),
                h("code", { title: text }, text),
                h("span.visually-hidden", {}, index === 0 ? " resolved" : " shadowed"),
              ),
            ),
          ),
        ),
      ),
    ),
  ];
}
