/**
 * `guard.ts` for the Code-node script: each run of a flow has an instance of its own, which needs no
 * life after a defect.
 */
export const rules = { generation: 0, revive(): void {} };

/** A handle. */
export class Kept<H extends { free(): void }> {
  readonly #handle: H;

  constructor(_: typeof rules, make: () => H) {
    this.#handle = make();
  }

  get(): H {
    return this.#handle;
  }

  free(): void {
    this.#handle.free();
  }
}
