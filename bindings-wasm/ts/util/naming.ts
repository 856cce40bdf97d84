/** Conversions between the core's snake_case names and JavaScript's camelCase names. */

/** Converts a camelCase name to snake_case: `maxContextBytes` → `max_context_bytes`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Converts a snake_case name to camelCase: `max_context_bytes` → `maxContextBytes`. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Returns a copy of `object` with every key renamed. Values are not changed. */
export function renameKeys(
  object: Readonly<Record<string, unknown>>,
  rename: (name: string) => string,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [rename(key), value]));
}

/** Returns a copy of an object of the core with camelCase keys. Nested objects keep their keys. */
export function camelizeKeys<T>(object: unknown): T {
  return renameKeys(object as Record<string, unknown>, camelCase) as T;
}
