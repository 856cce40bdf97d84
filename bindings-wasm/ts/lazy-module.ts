import { ConfigurationError } from "./errors.js";
import type { InstanceSupervisor } from "./panic-guard.js";

/** Returns a module, or its bytes, synchronously. */
type Source = () => WebAssembly.Module | BufferSource;

/**
 * A WebAssembly module that is loaded on first use, because it is larger than the rules: synchronously
 * on hosts that can read its bytes, asynchronously on hosts that must fetch them.
 */
export class LazyModule {
  readonly #supervisor: InstanceSupervisor;
  readonly #instantiate: (module: WebAssembly.Module | BufferSource) => void;
  readonly #notLoaded: string;
  #isStarted = false;
  #source: Source | undefined;
  #loader: (() => Promise<void>) | undefined;

  /**
   * @param instantiate creates the instance
   * @param notLoaded the error message when the module is used before it is loaded
   */
  constructor(
    supervisor: InstanceSupervisor,
    instantiate: (module: WebAssembly.Module | BufferSource) => void,
    notLoaded: string,
  ) {
    this.#supervisor = supervisor;
    this.#instantiate = instantiate;
    this.#notLoaded = notLoaded;
  }

  /** Whether the instance exists. */
  get isStarted(): boolean {
    return this.#isStarted;
  }

  /** Sets the source of the module, on hosts that can read it synchronously. */
  setSource(source: Source): void {
    this.#source = source;
  }

  /** Sets how the module is fetched, on hosts that cannot read it synchronously. */
  setLoader(load: () => Promise<void>): void {
    this.#loader = load;
  }

  /** Creates the instance from a module or its bytes. Later calls do nothing. */
  start(module: WebAssembly.Module | BufferSource): void {
    if (this.#isStarted) return;
    this.#instantiate(module);
    this.#isStarted = true;
  }

  /** Creates the instance if this is possible synchronously. Returns whether the instance exists. */
  tryStart(): boolean {
    this.#supervisor.ensureAlive();
    if (!this.#isStarted && this.#source) this.start(this.#source());
    return this.#isStarted;
  }

  /**
   * Creates the instance if needed.
   *
   * @throws {ConfigurationError} when the instance cannot be created synchronously
   */
  ensureStarted(): void {
    if (!this.tryStart()) throw new ConfigurationError(this.#notLoaded);
  }

  /**
   * Loads the module if needed, and waits until the instance exists.
   *
   * @throws {ConfigurationError} when this host has neither a source nor a loader
   */
  async load(): Promise<void> {
    if (!this.tryStart()) await this.#loader?.();
    this.ensureStarted();
  }
}
