import { SchemaHandle } from "wasm-documents";
import { withMappedErrors } from "./error-mapping.js";
import { ConfigurationError } from "./errors.js";
import { documents, RevivableHandle } from "./panic-guard.js";
import { toDocumentJson } from "./schema-module.js";
import { makeDisposable, setClassName } from "./util/classes.js";

/**
 * A compiled JSON Schema. `$schema` selects the draft (default 2020-12). `format` is not validated, and
 * references outside the document are not resolved. In a browser, call `await initSchema()` once first.
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
   * Compiles a schema.
   *
   * @param document the schema: an object or a boolean
   * @throws {ConfigurationError} when `document` is not a valid schema, refers to another document, or exceeds a
   *   limit: 100,000 subschemas, 10,000 that references refer to, 67,108,864 that apply to one value, 2,000
   *   that apply through each other, 256 MiB of regular expressions
   * @throws {ValidationError} when `document` contains something that has no JSON form
   */
  constructor(document: unknown) {
    const text = toDocumentJson(document);
    this.#handle = new RevivableHandle(documents, () => withMappedErrors(() => new SchemaHandle(text)));
  }

  /**
   * Fills the defaults of a document, then validates it.
   *
   * @param payload the document; not changed
   * @returns the filled document: a new value of plain objects
   * @throws {ValidationError} with a `schema_violation` for every violation, or when `payload` contains
   *   something that has no JSON form; with a `schema_limit` when the defaults exceed 100,000 properties,
   *   16 MiB or 10,000,000 steps, or when validating takes more than 200,000,000 steps or 10,000 attempts of a
   *   regular expression
   */
  apply(payload: unknown): unknown {
    const handle = Schema.handleOf(this);
    const text = toDocumentJson(payload);
    return JSON.parse(withMappedErrors(() => handle.apply(text))) as unknown;
  }

  /**
   * Releases the schema's memory immediately. The schema cannot be used afterwards, but context managers that
   * were created with it can. Without this call, the garbage collector releases the memory later.
   */
  free(): void {
    this.#handle?.free();
    this.#handle = undefined;
  }

  /** @internal */
  static handleOf(schema: Schema): SchemaHandle {
    const handle = schema.#handle;
    if (!handle) throw new ConfigurationError("this schema was freed. Create a new one.");
    return handle.get();
  }

  static {
    setClassName(this, "Schema");
    makeDisposable(this);
  }
}
