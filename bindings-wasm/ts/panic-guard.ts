/**
 * Recovers after the core stopped in the middle of a call: after a panic, without memory, or after a
 * stack overflow.
 *
 * The state of a stopped instance is unknown, so the instance is discarded. Its caller and all pending
 * calls get an {@link InternalError}, and the next use of the package creates a new instance.
 * The build wraps the exports of each WebAssembly module with {@link InstanceSupervisor.wrapExports}.
 */
import { InternalError } from "./errors.js";

/** The exports of an instance, as the generated glue uses them. */
type Exports = Record<string, unknown>;

/** Exports that release or call back into an instance. They do nothing once the instance has stopped. */
const CLEANUP_EXPORTS = /free$|closure/;

/** The result of a skipped cleanup call: the glue reads it as "no error". */
const NO_ERROR = [0, 0];

/** Supervises the instances of one WebAssembly module. Only one instance is alive at a time. */
export class InstanceSupervisor {
  /** Counts the instances. A handle of an earlier generation is invalid. */
  generation = 0;
  #hasPanicked = false;
  /** Number of calls into the instance that are on the stack. */
  #depth = 0;
  #reset: () => void = () => {};
  readonly #pending = new Set<(error: InternalError) => void>();

  /** Sets the function that creates a new instance. Called by the glue. */
  onReset(reset: () => void): void {
    this.#reset = reset;
  }

  /** Returns the exports, with every function wrapped to detect a panic. Called by the glue. */
  wrapExports(exports: Exports): Exports {
    const wrapped: Exports = {};
    for (const [name, value] of Object.entries(exports)) {
      wrapped[name] =
        typeof value === "function" ? this.#wrap(name, value as (...args: unknown[]) => unknown) : value;
    }
    return wrapped;
  }

  /** Creates a new instance if the last one stopped. Every use of the package calls this first. */
  ensureAlive(): void {
    if (!this.#hasPanicked) return;
    // The reset must wait while a call into the stopped instance is on the stack.
    if (this.#depth > 0) throw new InternalError();
    this.#hasPanicked = false;
    this.generation++;
    this.#reset();
  }

  /**
   * Waits for a promise of the instance. Rejects if the instance stops, because the promise then stays
   * pending.
   */
  async raceWithPanic<T>(promise: Promise<T>): Promise<T> {
    let fail: (error: InternalError) => void = () => {};
    const panicked = new Promise<never>((_, reject) => {
      fail = reject;
    });
    this.#pending.add(fail);
    try {
      return await Promise.race([promise, panicked]);
    } finally {
      this.#pending.delete(fail);
    }
  }

  #wrap(name: string, call: (...args: unknown[]) => unknown): (...args: unknown[]) => unknown {
    const isCleanup = CLEANUP_EXPORTS.test(name);
    return (...args) => {
      if (this.#hasPanicked) {
        if (isCleanup) return NO_ERROR;
        throw new InternalError();
      }
      this.#depth++;
      try {
        return call(...args);
      } catch (cause) {
        // The core returns its errors. An exception means that it did not finish.
        const error = this.#recordPanic(cause);
        // The event loop makes cleanup calls, where an exception would end the process.
        if (isCleanup) return NO_ERROR;
        throw error;
      } finally {
        this.#depth--;
      }
    };
  }

  #recordPanic(cause: unknown): InternalError {
    this.#hasPanicked = true;
    const error = cause instanceof InternalError ? cause : new InternalError(cause);
    for (const fail of [...this.#pending]) fail(error);
    this.#pending.clear();
    return error;
  }
}

/** Supervises the module with the rules. */
export const rules = new InstanceSupervisor();
/** Supervises the module with the network client. */
export const client = new InstanceSupervisor();
/** Supervises the module with schemas and context managers. */
export const documents = new InstanceSupervisor();

interface Freeable {
  free(): void;
}

/** A handle to an object in an instance. The object is created again after the instance was replaced. */
export class RevivableHandle<H extends Freeable> {
  #handle: H | undefined;
  #generation = 0;
  readonly #supervisor: InstanceSupervisor;
  readonly #create: () => H;

  /** @param createNow whether the object is created at once, and not on first use */
  constructor(supervisor: InstanceSupervisor, create: () => H, createNow = true) {
    this.#supervisor = supervisor;
    this.#create = create;
    if (createNow) this.get();
  }

  /** Returns the handle in the current instance. Creates the object if it does not exist there. */
  get(): H {
    this.#supervisor.ensureAlive();
    if (!this.#handle || this.#generation !== this.#supervisor.generation) {
      this.#handle = this.#create();
      this.#generation = this.#supervisor.generation;
    }
    return this.#handle;
  }

  /** Whether the object exists in the current instance. */
  get isCreated(): boolean {
    return this.#handle !== undefined && this.#generation === this.#supervisor.generation;
  }

  /** Frees the object, unless its instance was discarded. */
  free(): void {
    if (this.isCreated) this.#handle?.free();
  }
}
