/** Variables: raw and coerced in both modes, and the ladder of scopes of each name. */
import { fill, h } from "../base/dom";
import { count, number } from "../base/figures";
import type { View } from "../base/session";
import { ask } from "../rules/ask";
import type { Ladder, Row, Shown, VariablesView } from "../rules/shapes";

const mostShown = 300;

export function variablesView(): View {
  let found: VariablesView | undefined;
  const search = h("input", { type: "search", placeholder: "Name or value", "aria-label": "Filter by name or value", input: () => draw() });
  const system = h("input", { type: "checkbox", checked: true, change: () => draw() });
  const differing = h("input", { type: "checkbox", change: () => draw() });
  const told = h("p.told", { role: "status" });
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
  const ladders = h("div.ladders");
  const element = h(
    "div.variables",
    {},
    h(
      "div.toolbar",
      {},
      search,
      h("label.check", {}, system, "System variables"),
      h("label.check", {}, differing, "Only where the modes differ"),
    ),
    told,
    table,
    ladders,
  );

  const draw = () => {
    const wanted = search.value.toLowerCase();
    const all = found?.rows ?? [];
    const shown = all.filter(
      (row) =>
        (system.checked || !row.system) &&
        (!differing.checked || row.differs) &&
        (row.name.toLowerCase().includes(wanted) || row.raw.text.toLowerCase().includes(wanted)),
    );
    table.hidden = shown.length === 0;
    fill(rows, shown.slice(0, mostShown).map(tableRow));
    told.textContent = found
      ? `${number(Math.min(shown.length, mostShown))} of ${count(all.length, "variable")}; ` +
        `${number(all.filter(({ differs }) => differs).length)} read differently by the two modes, ` +
        `${number(all.filter(({ hiddenBy }) => hiddenBy !== undefined).length)} hidden by a stronger scope.`
      : "A JSON object is needed: paste an answer of variables, a payload or a context on the left.";
    const names = new Set(shown.map(({ name }) => name));
    fill(ladders, ladderList((found?.ladders ?? []).filter(({ name }) => names.has(name)).slice(0, mostShown)));
  };

  return {
    element,
    async update({ subject }) {
      try {
        found = await ask("variables", subject);
        draw();
      } catch (error) {
        found = undefined;
        draw();
        told.textContent = (error as Error).message;
      }
    },
  };
}

function tableRow(row: Row) {
  const { name, scope, type, system, raw, lossless, compat, differs, hiddenBy } = row;
  return h(
    "tr",
    { class: [hiddenBy !== undefined && "hidden-by", differs && "differs"].filter(Boolean).join(" ") || null },
    h(
      "th",
      { scope: "row" },
      h("code", {}, name),
      system && h("span.tag", {}, "system"),
      type !== undefined && h("span.tag", {}, `says ${type}`),
    ),
    h("td", {}, scope ?? "–", hiddenBy !== undefined && h("span.tag", {}, `hidden by ${hiddenBy}`)),
    h("td.value", {}, h("div.cell", {}, h("code", { title: raw.text }, raw.text))),
    h("td.value", {}, h("div.cell", {}, value(lossless))),
    h(
      "td.value",
      {},
      h("div.cell", {}, value(compat), differs && h("span.mark", { title: "The two modes differ" }, "≠", h("span.sr", {}, " differs"))),
    ),
  );
}

function value({ type, text, failed }: Shown) {
  return [
    h("code", { class: `json-${type}`, title: text }, text),
    failed !== undefined ? h("span.tag.bad", {}, failed) : type !== "string" && h("span.type", {}, type),
  ];
}

function ladderList(ladders: readonly Ladder[]) {
  if (ladders.length === 0) return null;
  return [
    h("h2", {}, "Scope ladder"),
    h(
      "ul",
      { "aria-label": "Scope ladder" },
      ladders.map(({ name, steps }) =>
        h(
          "li",
          {},
          h("code.name", {}, name),
          h(
            "ol",
            {},
            steps.map(({ scope, text }, place) =>
              h(
                "li",
                { class: place === 0 ? "winner" : "loser" },
                h("span.scope", {}, scope === "" ? "(none)" : scope),
                h("code", { title: text }, text),
                h("span.sr", {}, place === 0 ? " counts" : " hidden"),
              ),
            ),
          ),
        ),
      ),
    ),
  ];
}
