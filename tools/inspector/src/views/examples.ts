/** A choice of documents to look at: samples, and every case of the corpus that is JSON. */
import { fill, h } from "../base/dom";
import { count, number } from "../base/figures";
import type { Loaded, Session } from "../base/session";
import { type Group, documentOf } from "../examples/case";
import { samples } from "../examples/samples";

const mostShown = 150;

export function examplesDialog(session: Session): HTMLDialogElement {
  let groups: readonly Group[] = [];
  let waiting: string | null = "The cases of the corpus are on their way.";
  const search = h("input", { type: "search", placeholder: "A word of its name", "aria-label": "Find an example", input: () => draw() });
  const told = h("p.told", { role: "status" });
  const list = h("div.example-list");
  const close = h("button.quiet", { type: "button", "aria-label": "Close", click: () => dialog.close() }, "Close");
  const dialog = h(
    "dialog.examples",
    { "aria-labelledby": "examples-title" },
    h("header", {}, h("h2", { id: "examples-title" }, "Examples"), close),
    search,
    told,
    list,
  );
  const load = (document: Loaded) => {
    dialog.close();
    session.load(document);
  };
  const entry = (name: string, about: string | null, document: () => Loaded) =>
    h("li", {}, h("button", { type: "button", click: () => load(document()) }, h("span", {}, name), about !== null && h("span.about", {}, about)));

  const draw = () => {
    const words = search.value.toLowerCase().split(/\s+/);
    const fits = (...texts: string[]) => words.every((word) => texts.some((text) => text.toLowerCase().includes(word)));
    let left = mostShown;
    let found = 0;
    const sections = groups.flatMap(({ file, about, cases }) => {
      const wanted = cases.filter(({ name }) => fits(name, file));
      found += wanted.length;
      const shown = wanted.slice(0, left);
      left -= shown.length;
      if (shown.length === 0) return [];
      return [h("h3", {}, h("code", {}, file.replace(/\.json$/, "")), ` ${about}`), h("ul", {}, shown.map((one) => entry(one.name, null, () => documentOf(one))))];
    });
    const chosen = samples.filter(({ name, about }) => fits(name, about));
    fill(
      list,
      chosen.length > 0 && [h("h3", {}, "Samples"), h("ul", {}, chosen.map(({ name, about, document }) => entry(name, about, document)))],
      sections,
    );
    const shown = Math.min(found, mostShown);
    told.textContent = waiting ?? `${count(found, "case")} of the corpus${found > shown ? `, the first ${number(shown)} are shown` : ""}.`;
  };

  import("virtual:corpus")
    .then((module) => {
      groups = module.default;
      waiting = null;
    })
    .catch(() => {
      waiting = "The cases of the corpus could not be loaded: reload the page.";
    })
    .finally(draw);
  draw();
  return dialog;
}
