/** Browsers and workers: `await init()` once, before anything else. */
import { clientModule } from "./client/client-module.js";
import { schemaModule } from "./schema-module.js";
import type { LazyModule } from "./lazy-module.js";
import { isStarted, start } from "./wasm.js";

export * from "./index.js";
export {
  type BulkItem,
  type BulkOptions,
  type BulkOutcome,
  type ContextFields,
  type Journal,
  type PayloadFields,
} from "./client/bulk.js";
export type {
  CallOptions,
  InjectContextOptions,
  InjectOptions,
  ReadOptions,
  UpdateStateOptions,
} from "./client/call-options.js";
export { Client } from "./client/client.js";
export type { ClientOptions, ApiFamily, Rate, Token } from "./client/client-options.js";
export type { StateListener } from "./client/hooks.js";
export * from "./manager.js";
export type {
  AuditDetails,
  AuditRecord,
  Context,
  ContextDocument,
  DebugSnapshot,
  DialogState,
  InjectedVariables,
  InjectionResult,
  Metrics,
  Profile,
  RetrievalMetrics,
  StateMetrics,
  StateUpdateResult,
} from "./client/results.js";
export * from "./schema.js";

/** Where the WebAssembly module comes from. */
export type InitSource = string | URL | Response | BufferSource | WebAssembly.Module;

/**
 * Loads the WebAssembly module. Call it once before anything else; later calls wait for the first.
 *
 * @param source its address, answer, bytes or module; without it, `cognigy-context.wasm` beside
 *   this script
 * @throws whatever fetching or compiling throws; it may then be called again
 *
 * @example
 * ```js
 * import init, { check } from "cognigy-context";
 * await init();
 * check({ tier: "gold" }).ok;
 * ```
 */
export default function init(source?: InitSource | Promise<InitSource>): Promise<void> {
  return rules.load(() => source ?? new URL("./cognigy-context.wasm", import.meta.url));
}

/**
 * The same at once, where the module or its bytes are there already. Browsers compile only small
 * modules this way on the main thread; this one is small enough.
 *
 * @param client the module behind `Client`, or its bytes, which is then started with the first client
 */
export function initSync(
  source: BufferSource | WebAssembly.Module,
  client?: BufferSource | WebAssembly.Module,
): void {
  start(source);
  if (client) clientModule.setSource(() => client);
}

/**
 * Loads the module behind `Client`. The first call of a client does so by itself; this is for those who
 * want it there before, or have it in another place. Call it after {@link init}.
 *
 * @param source as for {@link init}; without it, `cognigy-context-client.wasm` beside this script
 * @throws whatever fetching or compiling throws; it may then be called again
 */
export function initClient(source?: InitSource | Promise<InitSource>): Promise<void> {
  return client.load(() => source ?? new URL("./cognigy-context-client.wasm", import.meta.url));
}

/**
 * Loads the module behind `Schema` and `ContextManager`, which is larger than all the rest. Call it
 * once before the first of them; nothing else needs it.
 *
 * @param source as for {@link init}; without it, `cognigy-context-documents.wasm` beside this script
 * @throws whatever fetching or compiling throws; it may then be called again
 *
 * @example
 * ```js
 * import { initSchema, Schema } from "cognigy-context";
 * await initSchema();
 * new Schema({ required: ["tier"] }).apply({ tier: "gold" });
 * ```
 */
export function initSchema(source?: InitSource | Promise<InitSource>): Promise<void> {
  return documents.load(
    () => source ?? new URL("./cognigy-context-documents.wasm", import.meta.url),
  );
}

/** A module that is loaded once. */
class Loading {
  #starting: Promise<void> | undefined;
  readonly #isStarted: () => boolean;
  readonly #start: (module: WebAssembly.Module) => void;

  constructor(isStarted: () => boolean, start: (module: WebAssembly.Module) => void) {
    this.#isStarted = isStarted;
    this.#start = start;
  }

  /** @param source asked only when it is needed: not every host knows where it runs */
  load(source: () => InitSource | Promise<InitSource>): Promise<void> {
    this.#starting ??= this.#load(source).catch((error: unknown) => {
      this.#starting = undefined;
      throw error;
    });
    return this.#starting;
  }

  async #load(given: () => InitSource | Promise<InitSource>): Promise<void> {
    if (this.#isStarted()) return;
    const source = await given();
    this.#start(source instanceof WebAssembly.Module ? source : await compile(source));
  }
}

const rules = new Loading(isStarted, start);
const client = loadingOf(clientModule);
const documents = loadingOf(schemaModule);

function loadingOf(part: LazyModule): Loading {
  return new Loading(
    () => part.isStarted,
    (module) => part.start(module),
  );
}

clientModule.setLoader(initClient);

async function compile(source: string | URL | Response | BufferSource): Promise<WebAssembly.Module> {
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) {
    return WebAssembly.compile(source);
  }
  const response = source instanceof Response ? source : await fetch(source);
  if (!response.ok) {
    throw new Error(`the WebAssembly module could not be fetched: status ${response.status}`);
  }
  // Streaming needs the server to name the right media type; bytes do not.
  return WebAssembly.compile(await response.arrayBuffer());
}
