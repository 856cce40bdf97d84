/**
 * The variables as a list of its own.
 *
 * @internal
 */
export function listed<V>(variables: Iterable<V>): V[] {
  const given: unknown = variables;
  if (typeof (given as Partial<Iterable<V>> | null | undefined)?.[Symbol.iterator] !== "function") {
    throw new TypeError("variables must be a list, or something else that can be iterated");
  }
  return [...variables];
}
