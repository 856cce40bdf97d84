/**
 * What happens when the core breaks: a panic, memory that ran out, a stack that overflowed.
 *
 * Of an instance that was left in the middle of its work nothing can be said any more, so it is
 * given up. Whoever called it is thrown an {@link InternalError}, and so is every call under way; the
 * next use of the package makes a new instance. The build puts a guard around the exports of each.
 */
import { InternalError } from "./errors.js";

/** The exports of an instance, as its glue sees them. */
type Exports = Record<string, unknown>;

/** What gives back or calls what an instance held: nothing of that is left to do when it is broken. */
const AFTERWARDS = /free$|closure/;

/** What a call comes to that has nobody who reads it: no error, where the glue looks for one. */
const NOTHING = [0, 0];

/** The life of one WebAssembly module's instances, one after the other. */
export class Guard {
  /** Counts the instances; handles of an earlier one are void. */
  generation = 0;
  #isBroken = false;
  /** How many calls into the instance are on the stack. */
  #depth = 0;
  #reset: () => void = () => {};
  readonly #underWay = new Set<(error: InternalError) => void>();

  /** Says how a new instance is made; called by the glue. */
  onReset(reset: () => void): void {
    this.#reset = reset;
  }

  /** The exports, each function with an eye on how it ends; called by the glue. */
  over(exports: Exports): Exports {
    const guarded: Exports = {};
    for (const [name, value] of Object.entries(exports)) {
      guarded[name] =
        typeof value === "function" ? this.#watched(name, value as (...given: unknown[]) => unknown) : value;
    }
    return guarded;
  }

  /** Makes a new instance where the old one broke; every use of the package begins with this. */
  revive(): void {
    if (!this.#isBroken) return;
    // Below us on the stack the old one still waits for an answer.
    if (this.#depth > 0) throw new InternalError();
    this.#isBroken = false;
    this.generation++;
    this.#reset();
  }

  /** Waits for a promise of the instance, which would never end if that broke. */
  async outlive<T>(promise: Promise<T>): Promise<T> {
    let fail: (error: InternalError) => void = () => {};
    const broken = new Promise<never>((_, reject) => {
      fail = reject;
    });
    this.#underWay.add(fail);
    try {
      return await Promise.race([promise, broken]);
    } finally {
      this.#underWay.delete(fail);
    }
  }

  #watched(name: string, call: (...given: unknown[]) => unknown): (...given: unknown[]) => unknown {
    const isAfterwards = AFTERWARDS.test(name);
    return (...given) => {
      if (this.#isBroken) {
        if (isAfterwards) return NOTHING;
        throw new InternalError();
      }
      this.#depth++;
      try {
        return call(...given);
      } catch (cause) {
        // The core answers its errors; what is thrown through it has not let it come to an end.
        const error = this.#break(cause);
        // What the event loop calls has nobody above it to tell: that would end the process.
        if (isAfterwards) return NOTHING;
        throw error;
      } finally {
        this.#depth--;
      }
    };
  }

  #break(cause: unknown): InternalError {
    this.#isBroken = true;
    const error = cause instanceof InternalError ? cause : new InternalError(cause);
    for (const fail of [...this.#underWay]) fail(error);
    this.#underWay.clear();
    return error;
  }
}

/** Of the module with the rules. */
export const rules = new Guard();
/** Of the module with the network client. */
export const client = new Guard();
/** Of the module with schemas and context managers. */
export const documents = new Guard();

/** What is freed by hand. */
interface Freeable {
  free(): void;
}

/** A handle of an instance, made anew from its description when the instance was. */
export class Kept<H extends Freeable> {
  #handle: H | undefined;
  #generation = 0;
  readonly #guard: Guard;
  readonly #make: () => H;

  /** @param isNow whether it is made at once, and not when it is first used */
  constructor(guard: Guard, make: () => H, isNow = true) {
    this.#guard = guard;
    this.#make = make;
    if (isNow) this.get();
  }

  /** The handle, in the instance that there is now. */
  get(): H {
    this.#guard.revive();
    if (!this.#handle || this.#generation !== this.#guard.generation) {
      this.#handle = this.#make();
      this.#generation = this.#guard.generation;
    }
    return this.#handle;
  }

  /** Whether there is one in the instance that there is now. */
  get isMade(): boolean {
    return this.#handle !== undefined && this.#generation === this.#guard.generation;
  }

  /** Gives the memory back, where it has not gone with its instance. */
  free(): void {
    if (this.isMade) this.#handle?.free();
  }
}
