/** Set-up that the public classes share. */

/** Sets a class's `name`. Bundlers rename classes, minifiers in particular. */
export function setClassName(type: { readonly name: string }, name: string): void {
  Object.defineProperty(type, "name", { value: name, configurable: true });
}

/** Makes `using policy = new Policy(…)` call `free()`, on hosts that have `Symbol.dispose`. */
export function makeDisposable(type: { readonly prototype: { free(): void } }): void {
  const dispose: symbol | undefined = (Symbol as { dispose?: symbol }).dispose;
  if (dispose) Object.defineProperty(type.prototype, dispose, { value: type.prototype.free });
}

/**
 * Sets the name of an error class on its prototype, as the language's own errors have it, so that it
 * survives minification.
 */
export function setErrorName(type: { readonly name: string; prototype: Error }, name: string): void {
  setClassName(type, name);
  Object.defineProperty(type.prototype, "name", { value: name, configurable: true, writable: true });
}
