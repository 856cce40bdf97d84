/** Elements without a framework. Text is always text: nothing here takes markup. */
export type Child = Node | string | number | null | undefined | false | readonly Child[];

type Attributes = Record<string, string | number | boolean | null | undefined | ((event: never) => void)>;

/**
 * An element.
 *
 * @param name its tag, with classes behind dots: `div.row.wide`
 * @param attributes a function is a listener of the event of that name; `true` is an empty attribute,
 *   `false` and `null` are none
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

/** Puts these in the place of all that an element holds. */
export function fill(element: Element, ...children: Child[]): void {
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

/** A choice among named values, with its label. */
export function choice<Value extends string>(
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
