/** The tabs of the views. Each view except the first is loaded on first use. */
import { h, replaceChildren } from "../base/dom";
import { formatNumber } from "../base/format";
import type { View, Workspace } from "../base/workspace";
import type { CheckResult } from "../rules/types";
import { issuesView } from "../views/issues";

interface Tab {
  readonly name: string;
  readonly create: (workspace: Workspace) => View | Promise<View>;
}

const tabs: readonly Tab[] = [
  { name: "Issues", create: () => issuesView() },
  { name: "Size", create: async (workspace) => (await import("../views/size")).sizeView(workspace) },
  { name: "Variables", create: async () => (await import("../views/variables")).variablesView() },
  { name: "Compare", create: async (workspace) => (await import("../views/compare")).compareView(workspace) },
  { name: "Live", create: async (workspace) => (await import("../views/live")).liveView(workspace) },
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
    const list = h("div.tabs", { role: "tablist", "aria-label": "Views", keydown: (event: KeyboardEvent) => this.#handleArrowKey(event) }, this.#buttons);
    this.element = h("section.views", { "aria-label": "Views of the document" }, list, this.#panel);
  }

  /** Selects a tab and shows its view. */
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

  /** Updates the selected view. Creates it on first use. */
  update(): void {
    void this.#showSelected();
  }

  /** Shows the number of issues on the first tab. */
  showIssueCount({ issues }: CheckResult): void {
    const hasErrors = issues.some(({ severity }) => severity === "error");
    this.#badge.hidden = issues.length === 0;
    this.#badge.className = `badge ${hasErrors ? "error" : "warning"}`;
    replaceChildren(this.#badge, formatNumber(issues.length));
  }

  async #showSelected(): Promise<void> {
    const index = this.#selected;
    const tab = tabs[index];
    if (!tab) return;
    try {
      const { create } = tab;
      const view = await (this.#views[index] ??= Promise.resolve(create(this.#workspace)));
      // The user has selected another tab in the meantime.
      if (index !== this.#selected) return;
      if (this.#panel.firstChild !== view.element) replaceChildren(this.#panel, view.element);
      await view.update(this.#workspace);
    } catch (error) {
      // The view is created again when its tab is shown again.
      this.#views[index] = undefined;
      if (index !== this.#selected) return;
      replaceChildren(this.#panel, h("p.problem", {}, `This view could not be shown: ${(error as Error).message}. Select the tab again or reload the page.`));
    }
  }

  /** Selects and focuses another tab on an arrow key, Home or End. */
  #handleArrowKey(event: KeyboardEvent): void {
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
