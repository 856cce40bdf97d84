/** The views beside the editor. All but the first are loaded when they are first wanted. */
import { fill, h } from "../base/dom";
import { number } from "../base/figures";
import type { Session, View } from "../base/session";
import type { Verdict } from "../rules/shapes";
import { issuesView } from "../views/issues";

interface Tab {
  readonly name: string;
  readonly open: (session: Session) => View | Promise<View>;
}

const tabs: readonly Tab[] = [
  { name: "Issues", open: () => issuesView() },
  { name: "Size", open: async (session) => (await import("../views/size")).sizeView(session) },
  { name: "Variables", open: async () => (await import("../views/variables")).variablesView() },
  { name: "Compare", open: async (session) => (await import("../views/compare")).compareView(session) },
  { name: "Live", open: async (session) => (await import("../views/live")).liveView(session) },
];

export class Tabs {
  readonly element: HTMLElement;
  readonly #session: Session;
  readonly #buttons: readonly HTMLButtonElement[];
  readonly #panel = h("div.panel", { role: "tabpanel", id: "panel", "aria-labelledby": "tab-0", tabindex: 0 });
  readonly #badge = h("span.badge", { hidden: true });
  readonly #views: (Promise<View> | undefined)[] = [];
  #shown = 0;

  constructor(session: Session) {
    this.#session = session;
    this.#buttons = tabs.map(({ name }, place) =>
      h(
        "button",
        {
          type: "button",
          role: "tab",
          id: `tab-${place}`,
          "aria-controls": "panel",
          "aria-selected": String(place === 0),
          "aria-keyshortcuts": `Alt+${place + 1}`,
          tabindex: place === 0 ? 0 : -1,
          click: () => this.select(place),
        },
        name,
        place === 0 && this.#badge,
      ),
    );
    const list = h("div.tabs", { role: "tablist", "aria-label": "Views", keydown: (event: KeyboardEvent) => this.#move(event) }, this.#buttons);
    this.element = h("section.views", { "aria-label": "Views of the document" }, list, this.#panel);
  }

  select(place: number): void {
    if (!tabs[place]) return;
    this.#shown = place;
    this.#buttons.forEach((button, at) => {
      button.setAttribute("aria-selected", String(at === place));
      button.tabIndex = at === place ? 0 : -1;
    });
    this.#panel.setAttribute("aria-labelledby", `tab-${place}`);
    this.update();
  }

  /** Shows the view that is chosen, as things are. */
  update(): void {
    void this.#draw();
  }

  show({ issues }: Verdict): void {
    const errors = issues.filter(({ severity }) => severity === "error").length;
    this.#badge.hidden = issues.length === 0;
    this.#badge.className = `badge ${errors > 0 ? "error" : "warning"}`;
    fill(this.#badge, number(issues.length));
  }

  async #draw(): Promise<void> {
    const place = this.#shown;
    const tab = tabs[place];
    if (!tab) return;
    try {
      const opened = tab.open;
      const view = await (this.#views[place] ??= Promise.resolve(opened(this.#session)));
      if (place !== this.#shown) return;
      if (this.#panel.firstChild !== view.element) fill(this.#panel, view.element);
      await view.update(this.#session);
    } catch (error) {
      this.#views[place] = undefined;
      fill(this.#panel, h("p.problem", {}, `This view could not be shown: ${(error as Error).message}`));
    }
  }

  #move(event: KeyboardEvent): void {
    const last = tabs.length - 1;
    const places: Record<string, number> = {
      ArrowRight: this.#shown === last ? 0 : this.#shown + 1,
      ArrowLeft: this.#shown === 0 ? last : this.#shown - 1,
      Home: 0,
      End: last,
    };
    const place = places[event.key];
    if (place === undefined) return;
    event.preventDefault();
    this.select(place);
    this.#buttons[place]?.focus();
  }
}
