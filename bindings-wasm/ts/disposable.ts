/** `using policy = new Policy(…)`, where the host knows it. */
export function disposable(type: { readonly prototype: { free(): void } }): void {
  const dispose: symbol | undefined = (Symbol as { dispose?: symbol }).dispose;
  if (dispose) Object.defineProperty(type.prototype, dispose, { value: type.prototype.free });
}
