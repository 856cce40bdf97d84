import { SchemaHandle } from "wasm-documents";
import { makeDisposable } from "./util/classes.js";
import { toDocumentJson } from "./schema-module.js";
import { ConfigurationError } from "./errors.js";
import { withMappedErrors } from "./error-mapping.js";
import { documents, RevivableHandle } from "./panic-guard.js";
import { setClassName } from "./util/classes.js";

/**
 * A compiled JSON Schema. `$schema` decides the draft, else it is 2020-12; `format` is not asserted;
 * nothing is ever fetched. In a browser `await initSchema()` comes first, once.
 *
 * @example
 * ```js
 * const schema = new Schema({
 *   type: "object",
 *   properties: { age: { type: "integer", minimum: 0, default: 0 } },
 * });
 * schema.apply({}); // { age: 0 }
 * ```
 */
export class Schema {
  #handle: RevivableHandle<SchemaHandle> | undefined;

  /**
   * @param document the schema: an object, or a boolean
   * @throws {ConfigurationError} when it is no schema, or refers to something outside itself
   * @throws {ValidationError} when a part of it has no JSON form
   */
  constructor(document: unknown) {
    const text = toDocumentJson(document);
    this.#handle = new RevivableHandle(documents, () => withMappedErrors(() => new SchemaHandle(text)));
  }

  /**
   * Fills defaults, then validates. The payload stays as it is; the result is new, of plain objects.
   *
   * @throws {ValidationError} with a `schema_violation` for every violation
   */
  apply(payload: unknown): unknown {
    const handle = Schema.handleOf(this);
    const text = toDocumentJson(payload);
    return JSON.parse(withMappedErrors(() => handle.apply(text))) as unknown;
  }

  /**
   * Gives the schema's memory back at once; it cannot be used afterwards, but managers that were
   * made with it can. Where nobody calls this, the garbage collector does so in its own time.
   */
  free(): void {
    this.#handle?.free();
    this.#handle = undefined;
  }

  /** @internal */
  static handleOf(schema: Schema): SchemaHandle {
    const handle = schema.#handle;
    if (!handle) throw new ConfigurationError("this schema was freed");
    return handle.get();
  }

  static {
    setClassName(this, "Schema");
    makeDisposable(this);
  }
}
