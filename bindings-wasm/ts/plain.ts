/**
 * Whether `JSON.stringify` writes a value without changing it.
 *
 * `JSON.stringify` turns NaN into `null`, drops `undefined`, and throws on BigInt and cycles, so
 * this looks before it runs. Nothing is allocated, and a value that passes is by far the usual
 * one. It runs over all that is sent: what stands in a container is looked at in its loop, and lists
 * and objects have a function each, because that takes half the time of the obvious recursion.
 *
 * @param value what would be written
 * @param levels how many containers may stand inside one another; a cycle runs out of them
 */
export function isPlain(value: unknown, levels: number): boolean {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return true;
  return typeof value === "number" ? Number.isFinite(value) : isPlainContainer(value, levels);
}

function isPlainList(list: readonly unknown[], levels: number): boolean {
  if (levels === 0 || (list as { toJSON?: unknown }).toJSON !== undefined) return false;
  for (let index = 0; index < list.length; index++) {
    const value = list[index];
    if (typeof value === "string" || typeof value === "boolean" || value === null) continue;
    if (typeof value === "number" ? !Number.isFinite(value) : !isPlainContainer(value, levels - 1)) {
      return false;
    }
  }
  return true;
}

function isPlainRecord(record: object, levels: number): boolean {
  if (levels === 0 || (record as { toJSON?: unknown }).toJSON !== undefined) return false;
  if (!isPlainObject(record)) return false;
  for (const key in record) {
    const value = (record as Record<string, unknown>)[key];
    if (typeof value === "string" || typeof value === "boolean" || value === null) continue;
    if (typeof value === "number" ? !Number.isFinite(value) : !isPlainContainer(value, levels - 1)) {
      return false;
    }
  }
  return true;
}

/** Of what is neither text, boolean, number nor `null`. */
function isPlainContainer(value: unknown, levels: number): boolean {
  if (typeof value !== "object") return false;
  return Array.isArray(value) ? isPlainList(value, levels) : isPlainRecord(value as object, levels);
}

/**
 * Whether an object is a mere record: made by a literal or `JSON.parse`, here or in another realm
 * (whose `Object.prototype` is another object), or made without a prototype.
 */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    prototype === Object.prototype ||
    prototype === null ||
    Object.getPrototypeOf(prototype) === null
  );
}
