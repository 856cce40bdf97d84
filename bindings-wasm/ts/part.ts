/**
 * A WebAssembly module beside that of the rules. It is larger than they are, so it is loaded only where
 * it is used: at once on a host that can read its bytes, after a wait on one that has to fetch them.
 */
import { ConfigurationError } from "./errors.js";
import type { Guard } from "./guard.js";

/** Where a module is had at once. */
type Source = () => WebAssembly.Module | BufferSource;

export class Part {
  readonly #guard: Guard;
  readonly #begin: (module: WebAssembly.Module | BufferSource) => void;
  readonly #missing: string;
  #isStarted = false;
  #source: Source | undefined;
  #loader: (() => Promise<void>) | undefined;

  /**
   * @param begin makes the instance
   * @param missing what to do where the module is used before it is there
   */
  constructor(
    guard: Guard,
    begin: (module: WebAssembly.Module | BufferSource) => void,
    missing: string,
  ) {
    this.#guard = guard;
    this.#begin = begin;
    this.#missing = missing;
  }

  /** Whether the instance is there. */
  get isStarted(): boolean {
    return this.#isStarted;
  }

  /** Says where the module is had at once, on a host that can. */
  setSource(source: Source): void {
    this.#source = source;
  }

  /** Says how the module is fetched, on a host that has to. */
  setLoader(load: () => Promise<void>): void {
    this.#loader = load;
  }

  /** Starts the instance from a module or its bytes; later calls change nothing. */
  start(module: WebAssembly.Module | BufferSource): void {
    if (this.#isStarted) return;
    this.#begin(module);
    this.#isStarted = true;
  }

  /** Starts the instance where that is done at once, and answers whether it is there. */
  isAtHand(): boolean {
    this.#guard.revive();
    if (!this.#isStarted && this.#source) this.start(this.#source());
    return this.#isStarted;
  }

  /** The same where it must be there, and an error that says what to do where it is not. */
  need(): void {
    if (!this.isAtHand()) throw new ConfigurationError(this.#missing);
  }

  /** Waits until the instance is there. */
  async load(): Promise<void> {
    if (!this.isAtHand()) await this.#loader?.();
    this.need();
  }
}
