/** The tabs of the views. Each view except the first is loaded on first use. */
import { h, replaceChildren } from "../base/dom";
import { formatNumber } from "../base/format";
import type { View, Workspace } from "../base/workspace";
import type { Verdict } from "../rules/types";
import { issuesView } from "../views/issues";

interface Tab {
  readonly name: string;
  readonly open: (workspace: Workspace) => View | Promise<View>;
}

const tabs: readonly Tab[] = [
  { name: "Issues", open: () => issuesView() },
  { name: "Size", open: async (workspace) => (await import("../views/size")).sizeView(workspace) },
  { name: "Variables", open: async () => (await import("../views/variables")).variablesView() },
  { name: "Compare", open: async (workspace) => (await import("../views/compare")).compareView(workspace) },
  { name: "Live", open: async (workspace) => (await import("../views/live")).liveView(workspace) },
];

export class Tabs {
  readonly element: HTMLElement;
  readonly #workspace: Workspace;
  readonly #buttons: readonly HTMLButtonElement[];
  readonly #panel = h("div.panel", { role: "tabpanel", id: "panel", "aria-labelledby": "tab-0", tabindex: 0 });
  readonly #badge = h("span.badge", { hidden: true });
  readonly #views: (Promise<View> | undefined)[] = [];
  #selected = 0;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
    this.#buttons = tabs.map(({ name }, index) =>
      h(
        "button",
        {
          type: "button",
          role: "tab",
          id: `tab-${index}`,
          "aria-controls": "panel",
          "aria-selected": String(index === 0),
          "aria-keyshortcuts": `Alt+${index + 1}`,
          tabindex: index === 0 ? 0 : -1,
          click: () => this.select(index),
        },
        name,
        index === 0 && this.#badge,
      ),
    );
    const list = h("div.tabs", { role: "tablist", "aria-label": "Views", keydown: (event: KeyboardEvent) => this.#moveFocus(event) }, this.#buttons);
    this.element = h("section.views", { "aria-label": "Views of the document" }, list, this.#panel);
  }

  select(index: number): void {
    if (!tabs[index]) return;
    this.#selected = index;
    this.#buttons.forEach((button, position) => {
      button.setAttribute("aria-selected", String(position === index));
      button.tabIndex = position === index ? 0 : -1;
    });
    this.#panel.setAttribute("aria-labelledby", `tab-${index}`);
    this.update();
  }

  /** Updates the selected view. */
  update(): void {
    void this.#draw();
  }

  /** Shows the number of issues. */
  showCount({ issues }: Verdict): void {
    const errors = issues.filter(({ severity }) => severity === "error").length;
    this.#badge.hidden = issues.length === 0;
    this.#badge.className = `badge ${errors > 0 ? "error" : "warning"}`;
    replaceChildren(this.#badge, formatNumber(issues.length));
  }

  async #draw(): Promise<void> {
    const index = this.#selected;
    const tab = tabs[index];
    if (!tab) return;
    try {
      const { open } = tab;
      const view = await (this.#views[index] ??= Promise.resolve(open(this.#workspace)));
      if (index !== this.#selected) return;
      if (this.#panel.firstChild !== view.element) replaceChildren(this.#panel, view.element);
      await view.update(this.#workspace);
    } catch (error) {
      this.#views[index] = undefined;
      replaceChildren(this.#panel, h("p.problem", {}, `This view could not be shown: ${(error as Error).message}. Reload the page.`));
    }
  }

  #moveFocus(event: KeyboardEvent): void {
    const last = tabs.length - 1;
    const targets: Record<string, number> = {
      ArrowRight: this.#selected === last ? 0 : this.#selected + 1,
      ArrowLeft: this.#selected === 0 ? last : this.#selected - 1,
      Home: 0,
      End: last,
    };
    const index = targets[event.key];
    if (index === undefined) return;
    event.preventDefault();
    this.select(index);
    this.#buttons[index]?.focus();
  }
}
