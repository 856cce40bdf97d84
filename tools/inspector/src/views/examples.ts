/** The dialog of example documents: the samples, and the JSON cases of the corpus. */
import { h, replaceChildren } from "../base/dom";
import { formatCount, formatNumber } from "../base/format";
import type { LoadedDocument, Workspace } from "../base/workspace";
import { type Group, toDocument } from "../examples/corpus-case";
import { samples } from "../examples/samples";

const maxShownCases = 150;

/** Creates the dialog. The corpus cases are loaded in the background. */
export function examplesDialog(workspace: Workspace): HTMLDialogElement {
  let groups: readonly Group[] = [];
  let loadStatus: string | null = "Loading the corpus cases…";
  const search = h("input", { type: "search", placeholder: "Part of the name", "aria-label": "Find an example", input: () => draw() });
  const status = h("p.result-count", { role: "status" });
  const list = h("div.example-list");
  const close = h("button", { type: "button", "aria-label": "Close", click: () => dialog.close() }, "Close");
  const dialog = h(
    "dialog.examples",
    { "aria-labelledby": "examples-title" },
    h("header", {}, h("h2", { id: "examples-title" }, "Examples"), close),
    search,
    status,
    list,
  );
  const load = (document: LoadedDocument) => {
    dialog.close();
    workspace.load(document);
  };
  const entry = (name: string, about: string | null, document: () => LoadedDocument) =>
    h("li", {}, h("button", { type: "button", click: () => load(document()) }, h("span", {}, name), about !== null && h("span.about", {}, about)));

  const draw = () => {
    const words = search.value.toLowerCase().split(/\s+/);
    const matches = (...texts: string[]) => words.every((word) => texts.some((text) => text.toLowerCase().includes(word)));
    let remaining = maxShownCases;
    let found = 0;
    const sections = groups.flatMap(({ file, about, cases }) => {
      const matching = cases.filter(({ name }) => matches(name, file));
      found += matching.length;
      const shown = matching.slice(0, remaining);
      remaining -= shown.length;
      if (shown.length === 0) return [];
      return [h("h3", {}, h("code", {}, file.replace(/\.json$/, "")), ` ${about}`), h("ul", {}, shown.map((testCase) => entry(testCase.name, null, () => toDocument(testCase))))];
    });
    const matchingSamples = samples.filter(({ name, about }) => matches(name, about));
    replaceChildren(
      list,
      matchingSamples.length > 0 && [h("h3", {}, "Samples"), h("ul", {}, matchingSamples.map(({ name, about, document }) => entry(name, about, document)))],
      sections,
    );
    const isTruncated = found > maxShownCases;
    status.textContent = loadStatus ?? `${formatCount(found, "corpus case")}${isTruncated ? `, the first ${formatNumber(maxShownCases)} shown` : ""}.`;
  };

  import("virtual:corpus")
    .then((module) => {
      groups = module.default;
      loadStatus = null;
    })
    .catch(() => {
      loadStatus = "The corpus cases could not be loaded. Reload the page.";
    })
    .finally(draw);
  draw();
  return dialog;
}
