/** How large the document is: against the limits, by its keys, and what the platform would cut. */
import { choice, fill, h } from "../base/dom";
import { bytes, number, percent } from "../base/figures";
import type { Session, View } from "../base/session";
import { ask } from "../rules/ask";
import type { Bar, Cut, SizeView } from "../rules/shapes";
import { Treemap } from "./treemap";

export function sizeView(session: Session): View {
  const figures = h("dl.figures.large");
  const bars = h("div.bars");
  const cuts = h("div.cuts");
  const problem = h("p.problem", { role: "status" });
  const treemap = new Treemap((path) => session.revealPath(path));
  const unit = choice(
    "Area by",
    [
      ["platform", "platform bytes"],
      ["json", "JSON bytes"],
    ] as const,
    (value) => treemap.measureIn(value),
  );
  const existing = h("textarea", {
    rows: 2,
    spellcheck: "false",
    placeholder: '{"already": "there"}',
    input: () => session.look({ existing: existing.value }),
  });
  const details = h(
    "details.existing",
    {},
    h("summary", {}, "What the session holds already"),
    h("label", {}, h("span", {}, "Context as JSON, onto which this one is written"), existing),
  );
  const content = h(
    "div.sections",
    {},
    figures,
    section("Limits", bars),
    section("Cut by the platform", cuts, details),
    h("section", {}, h("div.toolbar.apart", {}, h("h2", {}, "Room"), unit.element), treemap.element),
  );
  const element = h("div.size", {}, problem, content);
  return {
    element,
    async update({ subject }) {
      if (existing.value !== subject.existing && document.activeElement !== existing) existing.value = subject.existing;
      let found: SizeView | undefined;
      try {
        found = await ask("size", subject);
        problem.textContent = found ? "" : "A JSON object is needed: paste one on the left.";
      } catch (error) {
        problem.textContent = (error as Error).message;
      }
      content.hidden = !found;
      if (!found) return;
      const { sizes } = found;
      fill(
        figures,
        large("Platform bytes", number(sizes.platformBytes)),
        large("JSON bytes", number(sizes.jsonBytes)),
        large("Variables", number(sizes.variables)),
        large("Depth", number(sizes.depth)),
      );
      fill(bars, barGroups(found.bars));
      fill(cuts, cutList(session, found.cuts));
      treemap.show(found.room, new Set(found.cuts.filter(({ preset }) => preset === "platform").map(({ path }) => path)));
    },
  };
}

function section(title: string, ...children: HTMLElement[]) {
  return h("section", {}, h("h2", {}, title), ...children);
}

function large(name: string, value: string) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, value));
}

function barGroups(bars: readonly Bar[]) {
  const active = bars.filter((bar) => bar.active);
  const others = bars.filter((bar) => !bar.active);
  return [
    h("ul.bar-list", { "aria-label": "Limits that apply" }, active.map(bar)),
    h("h3", {}, "Elsewhere"),
    h("ul.bar-list.others", { "aria-label": "Limits of the other policies" }, others.map(bar)),
  ];
}

function bar({ preset, what, unit, used, limit }: Bar) {
  const share = used / limit;
  const level = share > 1 ? "over" : "within";
  const fill = h("span.fill");
  fill.style.width = `${Math.min(share, 1) * 100}%`;
  return h(
    "li",
    { class: level },
    h("span.name", {}, h("code", {}, preset), ` ${what}`),
    h("span.track", { "aria-hidden": "true" }, fill),
    h("span.value", { title: `${number(used)} of ${number(limit)} ${unit} bytes` }, `${bytes(used)} of ${bytes(limit)} ${unit === "json" ? "JSON" : "platform"}`),
    h("span.share", {}, percent(share), share > 1 && h("span.sr", {}, " over the limit")),
  );
}

function cutList(session: Session, cuts: readonly Cut[]) {
  if (cuts.length === 0) {
    return h("p.none", {}, "Nothing: under none of its limits would the platform put an error text in the place of a value.");
  }
  return h(
    "ul.cut-list",
    {},
    cuts.map(({ preset, path, limit, actual }) =>
      h(
        "li",
        {},
        h("button", { type: "button", click: () => session.revealPath(path) }, h("code", {}, path)),
        h("span", {}, `lost under ${preset}: ${number(actual)} of ${number(limit)} platform bytes with it`),
      ),
    ),
  );
}
