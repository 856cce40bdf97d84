/** Helpers that create DOM elements. String children become text nodes, never markup. */

/** A child of an element. `null`, `undefined` and `false` are omitted. */
export type Child = Node | string | number | null | undefined | false | readonly Child[];

type Attributes = Record<string, string | number | boolean | null | undefined | ((event: never) => void)>;

/**
 * Creates an element. The name `h` is usual for such helpers (short for "hyperscript").
 *
 * @param name the tag and the classes, separated by dots: `div.row.wide`
 * @param attributes the attributes. A function is a listener for the event of that name; `true` is an empty attribute;
 *   `false`, `null` and `undefined` are omitted
 */
export function h<Name extends keyof HTMLElementTagNameMap = "div">(
  name: Name | `${Name}.${string}`,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const [tag = "div", ...classes] = name.split(".");
  const element = document.createElement(tag);
  if (classes.length > 0) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value as EventListener);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, String(value));
  }
  append(element, children);
  return element as HTMLElementTagNameMap[Name];
}

/** Replaces the children of an element. */
export function replaceChildren(element: Element, ...children: Child[]): void {
  element.replaceChildren();
  append(element, children);
}

function append(element: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(element, child);
    else element.append(typeof child === "number" ? String(child) : (child as Node | string));
  }
}

/** Creates a labelled select element. Each option is a value and its text. */
export function selectField<Value extends string>(
  label: string,
  options: readonly (readonly [Value, string])[],
  onChange: (value: Value) => void,
): { readonly element: HTMLLabelElement; readonly select: HTMLSelectElement } {
  const select = h(
    "select",
    { change: () => onChange(select.value as Value) },
    options.map(([value, text]) => h("option", { value }, text)),
  );
  return { element: h("label.choice", {}, h("span", {}, label), select), select };
}
