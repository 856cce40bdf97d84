/**
 * Replaces `../panic-guard.ts` in the Code-node script: each run of a flow has a new instance, so
 * recovery after a panic is not needed.
 */
export const rules = { generation: 0, ensureAlive(): void {} };

/** A handle to an object in the instance. */
export class RevivableHandle<H extends { free(): void }> {
  readonly #handle: H;

  constructor(_: typeof rules, create: () => H) {
    this.#handle = create();
  }

  get(): H {
    return this.#handle;
  }

  free(): void {
    this.#handle.free();
  }
}
