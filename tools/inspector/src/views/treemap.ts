/** Which keys take the room, as areas. One stop for the keyboard: arrows go from area to area. */
import { hierarchy, type HierarchyRectangularNode, treemap, treemapSquarify } from "d3-hierarchy";
import { fill, h } from "../base/dom";
import { bytes } from "../base/figures";
import type { Room } from "../rules/shapes";

type Unit = "json" | "platform";
type Area = HierarchyRectangularNode<Room>;

/** Too small to be seen, or to hold a word, in pixels. */
const smallest = 3;
const holdsWord = { width: 34, height: 16 };
const wide = 90;
const heading = 17;

export class Treemap {
  readonly element = h("div.treemap", { role: "group", "aria-label": "Keys by the room they take", keydown: (event: KeyboardEvent) => this.#move(event) });
  readonly #reveal: (path: string) => void;
  #unit: Unit = "platform";
  #room: Room | undefined;
  #cut: ReadonlySet<string> = new Set();
  #width = 0;

  constructor(reveal: (path: string) => void) {
    this.#reveal = reveal;
    new ResizeObserver(([entry]) => {
      const width = Math.round(entry?.contentRect.width ?? 0);
      if (width === this.#width) return;
      this.#width = width;
      this.#draw();
    }).observe(this.element);
  }

  measureIn(unit: Unit): void {
    this.#unit = unit;
    this.#draw();
  }

  show(room: Room, cut: ReadonlySet<string>): void {
    this.#room = room;
    this.#cut = cut;
    this.#draw();
  }

  #draw(): void {
    const { width, height } = { width: this.element.clientWidth, height: this.element.clientHeight };
    if (!this.#room || width === 0) return;
    const unit = this.#unit;
    // An object's own room beyond its members (its key) belongs to no area.
    const root = hierarchy(this.#room).sum(({ children, [unit]: size }) => (children.length > 0 ? 0 : size));
    root.sort((one, other) => (other.value ?? 0) - (one.value ?? 0));
    const laidOut = treemap<Room>()
      .tile(treemapSquarify)
      .size([width, height])
      .paddingInner(2)
      .paddingTop((node) => (node.depth > 0 ? heading : 0))(root);
    const areas = laidOut.descendants().filter((area) => area.depth > 0 && widthOf(area) >= smallest && heightOf(area) >= smallest);
    fill(this.element, areas.map((area, index) => this.#area(area, index === 0)));
  }

  #area(area: Area, first: boolean): HTMLElement {
    const { name, path, [this.#unit]: size, children } = area.data;
    const cut = this.#cut.has(path);
    const fits = widthOf(area) >= holdsWord.width && heightOf(area) >= holdsWord.height;
    const button = h(
      "button",
      {
        type: "button",
        class: `area depth-${Math.min(area.depth, 4)}${children.length > 0 ? " parent" : ""}${cut ? " cut" : ""}`,
        title: `${path}: ${bytes(size)}`,
        tabindex: first ? 0 : -1,
        click: () => this.#reveal(path),
      },
      h("span", { class: fits ? "name" : "sr" }, name),
      " ",
      h("span", { class: fits && widthOf(area) > wide ? "bytes" : "sr" }, bytes(size)),
      cut && h("span.sr", {}, ", cut by the platform"),
    );
    button.style.left = `${area.x0}px`;
    button.style.top = `${area.y0}px`;
    button.style.width = `${widthOf(area)}px`;
    button.style.height = `${heightOf(area)}px`;
    return button;
  }

  #move(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    const areas = [...this.element.querySelectorAll("button")];
    const at = areas.indexOf(document.activeElement as HTMLButtonElement);
    const next = areas[(at + step + areas.length) % areas.length];
    for (const area of areas) area.tabIndex = area === next ? 0 : -1;
    next?.focus();
    event.preventDefault();
  }
}

function widthOf(area: Area): number {
  return area.x1 - area.x0;
}

function heightOf(area: Area): number {
  return area.y1 - area.y0;
}
