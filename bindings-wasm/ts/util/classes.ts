/** Helpers for the definition of public classes. */

/** Sets the `name` of a class, because bundlers and minifiers rename classes. */
export function setClassName(type: { readonly name: string }, name: string): void {
  Object.defineProperty(type, "name", { value: name, configurable: true });
}

/** Makes `using policy = new Policy(…)` call `free()`, on hosts that have `Symbol.dispose`. */
export function makeDisposable(type: { readonly prototype: { free(): void } }): void {
  const dispose: symbol | undefined = (Symbol as { dispose?: symbol }).dispose;
  if (dispose) Object.defineProperty(type.prototype, dispose, { value: type.prototype.free });
}

/** Sets the `name` of an error class, also on its prototype, as for the built-in error classes. */
export function setErrorName(type: { readonly name: string; prototype: Error }, name: string): void {
  setClassName(type, name);
  Object.defineProperty(type.prototype, "name", { value: name, configurable: true, writable: true });
}
