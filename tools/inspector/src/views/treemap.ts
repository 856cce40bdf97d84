/** A treemap of key sizes. The Tab key reaches it once; arrow keys move between its areas. */
import { hierarchy, type HierarchyRectangularNode, treemap, treemapSquarify } from "d3-hierarchy";
import { h, replaceChildren } from "../base/dom";
import { formatBytes } from "../base/format";
import type { SizeNode } from "../rules/types";

type Unit = "json" | "platform";
type Area = HierarchyRectangularNode<SizeNode>;

/** The minimum width and height of an area, in pixels. */
const minAreaPx = 3;
/** The minimum size of an area with a visible name, in pixels. */
const minLabelPx = { width: 34, height: 16 };
/** The minimum width of an area with a visible size, in pixels. */
const minSizeLabelPx = 90;
/** The height of the name above nested areas, in pixels. */
const headingPx = 17;

export class Treemap {
  readonly element = h("div.treemap", { role: "group", "aria-label": "Keys by size", keydown: (event: KeyboardEvent) => this.#moveFocus(event) });
  readonly #reveal: (path: string) => void;
  #unit: Unit = "platform";
  #root: SizeNode | undefined;
  #replaced: ReadonlySet<string> = new Set();
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

  setUnit(unit: Unit): void {
    this.#unit = unit;
    this.#draw();
  }

  /** Shows the members of `root`. `replaced` contains the paths of the values that the platform would replace. */
  show(root: SizeNode, replaced: ReadonlySet<string>): void {
    this.#root = root;
    this.#replaced = replaced;
    this.#draw();
  }

  #draw(): void {
    const { width, height } = { width: this.element.clientWidth, height: this.element.clientHeight };
    if (!this.#root || width === 0) return;
    const unit = this.#unit;
    // Only leaves have areas. The key and the braces of an object have none.
    const root = hierarchy(this.#root).sum(({ children, [unit]: size }) => (children.length > 0 ? 0 : size));
    root.sort((one, other) => (other.value ?? 0) - (one.value ?? 0));
    const laidOut = treemap<SizeNode>()
      .tile(treemapSquarify)
      .size([width, height])
      .paddingInner(2)
      .paddingTop((node) => (node.depth > 0 ? headingPx : 0))(root);
    const areas = laidOut.descendants().filter((area) => area.depth > 0 && getWidth(area) >= minAreaPx && getHeight(area) >= minAreaPx);
    replaceChildren(this.element, areas.map((area, index) => this.#areaButton(area, index === 0)));
  }

  #areaButton(area: Area, isFirst: boolean): HTMLElement {
    const { name, path, [this.#unit]: size, children } = area.data;
    const isReplaced = this.#replaced.has(path);
    const hasLabel = getWidth(area) >= minLabelPx.width && getHeight(area) >= minLabelPx.height;
    const button = h(
      "button",
      {
        type: "button",
        class: `area depth-${Math.min(area.depth, 4)}${children.length > 0 ? " parent" : ""}${isReplaced ? " replaced" : ""}`,
        title: `${path}: ${formatBytes(size)}`,
        tabindex: isFirst ? 0 : -1,
        click: () => this.#reveal(path),
      },
      h("span", { class: hasLabel ? "name" : "visually-hidden" }, name),
      " ",
      h("span", { class: hasLabel && getWidth(area) > minSizeLabelPx ? "bytes" : "visually-hidden" }, formatBytes(size)),
      isReplaced && h("span.visually-hidden", {}, ", replaced by the platform"),
    );
    button.style.left = `${area.x0}px`;
    button.style.top = `${area.y0}px`;
    button.style.width = `${getWidth(area)}px`;
    button.style.height = `${getHeight(area)}px`;
    return button;
  }

  #moveFocus(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    const areas = [...this.element.querySelectorAll("button")];
    const index = areas.indexOf(document.activeElement as HTMLButtonElement);
    const next = areas[(index + step + areas.length) % areas.length];
    for (const area of areas) area.tabIndex = area === next ? 0 : -1;
    next?.focus();
    event.preventDefault();
  }
}

function getWidth(area: Area): number {
  return area.x1 - area.x0;
}

function getHeight(area: Area): number {
  return area.y1 - area.y0;
}
