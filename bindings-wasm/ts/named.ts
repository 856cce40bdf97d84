/** A class's own name, for whoever looks at it: builds give classes others, minified ones above all. */
export function named(type: { readonly name: string }, name: string): void {
  Object.defineProperty(type, "name", { value: name, configurable: true });
}
