/** The entry for browsers and workers: call `await init()` once before any other function. */
import { clientModule } from "./client/client-module.js";
import type { LazyModule } from "./lazy-module.js";
import { schemaModule } from "./schema-module.js";
import { typeError } from "./util/arguments.js";
import { isStarted, start } from "./wasm.js";

export * from "./index.js";

/** Where a WebAssembly module comes from: its URL, a response, its bytes, or the compiled module. */
export type InitSource = string | URL | Response | BufferSource | WebAssembly.Module;

/**
 * Loads the WebAssembly module of the rules. Call it once before any other function. Later calls wait for the
 * first call and ignore `source`.
 *
 * @param source the module. Default: `cognigy-context.wasm` in the folder of this script
 * @throws {TypeError} when the source has the wrong type
 * @throws the error of `fetch` or of the compilation; `init` may then be called again
 *
 * @example
 * ```js
 * import init, { check } from "cognigy-context";
 * await init();
 * check({ tier: "gold" }).ok;
 * ```
 */
export default function init(source?: InitSource | Promise<InitSource>): Promise<void> {
  return rulesLoader.load(() => source ?? new URL("./cognigy-context.wasm", import.meta.url));
}

/**
 * Loads the rules like {@link init}, but synchronously, from a compiled module or its bytes. On the main thread,
 * browsers compile only small modules synchronously; the module of the rules is small enough.
 *
 * @param source the module, or its bytes
 * @param client the module of `Client`, or its bytes. The first client compiles it. Default: the first call
 *   of a client fetches it, as {@link initClient} does
 * @throws {TypeError} when a source is neither a module nor bytes
 * @throws the error of the compilation
 */
export function initSync(
  source: BufferSource | WebAssembly.Module,
  client?: BufferSource | WebAssembly.Module,
): void {
  if (!isModuleOrBytes(source)) throw typeError("source", MODULE_OR_BYTES, source);
  if (client !== undefined && !isModuleOrBytes(client)) throw typeError("client", MODULE_OR_BYTES, client);
  start(source);
  if (client) clientModule.setSource(() => client);
}

/**
 * Loads the module of `Client`. Otherwise the first call of a client loads it. Call this function to load
 * it earlier or from another URL. Call {@link init} first.
 *
 * @param source the module. Default: `cognigy-context-client.wasm` in the folder of this script
 * @throws {TypeError} when the source has the wrong type
 * @throws the error of `fetch` or of the compilation; `initClient` may then be called again
 */
export function initClient(source?: InitSource | Promise<InitSource>): Promise<void> {
  return clientLoader.load(
    () => source ?? new URL("./cognigy-context-client.wasm", import.meta.url),
  );
}

/**
 * Loads the module of `Schema` and `ContextManager`, which is larger than all other modules together.
 * Call `initSchema` once before you create the first `Schema` or `ContextManager`.
 *
 * @param source the module. Default: `cognigy-context-documents.wasm` in the folder of this script
 * @throws {TypeError} when the source has the wrong type
 * @throws the error of `fetch` or of the compilation; `initSchema` may then be called again
 *
 * @example
 * ```js
 * import { initSchema, Schema } from "cognigy-context";
 * await initSchema();
 * new Schema({ required: ["tier"] }).apply({ tier: "gold" });
 * ```
 */
export function initSchema(source?: InitSource | Promise<InitSource>): Promise<void> {
  return schemaLoader.load(
    () => source ?? new URL("./cognigy-context-documents.wasm", import.meta.url),
  );
}

/** Loads a module once. */
class ModuleLoader {
  #loading: Promise<void> | undefined;
  readonly #isStarted: () => boolean;
  readonly #start: (module: WebAssembly.Module) => void;

  constructor(isStarted: () => boolean, start: (module: WebAssembly.Module) => void) {
    this.#isStarted = isStarted;
    this.#start = start;
  }

  /** @param getSource is called only if the module is not loaded yet, because not every host has `import.meta.url` */
  load(getSource: () => InitSource | Promise<InitSource>): Promise<void> {
    this.#loading ??= this.#load(getSource).catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  async #load(getSource: () => InitSource | Promise<InitSource>): Promise<void> {
    if (this.#isStarted()) return;
    const source = await getSource();
    this.#start(source instanceof WebAssembly.Module ? source : await compile(source));
  }
}

const rulesLoader = new ModuleLoader(isStarted, start);
const clientLoader = createLoader(clientModule);
const schemaLoader = createLoader(schemaModule);

function createLoader(lazyModule: LazyModule): ModuleLoader {
  return new ModuleLoader(
    () => lazyModule.isStarted,
    (module) => lazyModule.start(module),
  );
}

clientModule.setLoader(initClient);

const MODULE_OR_BYTES = "a WebAssembly.Module or bytes";

function isModuleOrBytes(source: unknown): source is BufferSource | WebAssembly.Module {
  return source instanceof WebAssembly.Module || source instanceof ArrayBuffer || ArrayBuffer.isView(source);
}

async function compile(source: string | URL | Response | BufferSource): Promise<WebAssembly.Module> {
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) {
    return WebAssembly.compile(source);
  }
  // `fetch` would take any other value as the text of a URL.
  if (typeof source !== "string" && !(source instanceof URL) && !(source instanceof Response)) {
    throw typeError("source", "a URL, a Response, bytes or a WebAssembly.Module", source);
  }
  const response = source instanceof Response ? source : await fetch(source);
  if (!response.ok) {
    throw new Error(
      `cannot fetch the WebAssembly module: the server responded with status ${response.status}. ` +
        "Serve the file, or pass its URL or bytes.",
    );
  }
  // Compiling while the response streams in requires the media type `application/wasm`; bytes do not.
  return WebAssembly.compile(await response.arrayBuffer());
}
