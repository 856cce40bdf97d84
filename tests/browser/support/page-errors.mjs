/** Collects the errors of a page: uncaught exceptions and messages of its console. */
export class PageErrors {
  /** The errors that no test has expected, in order. */
  unexpected = [];
  #allowed = [];
  #page;

  /** @param types the types of console messages that count as errors */
  constructor(page, types = ["error"]) {
    this.#page = page;
    page.on("pageerror", (error) => this.#add(String(error)));
    page.on("console", (message) => {
      if (types.includes(message.type())) this.#add(message.text());
    });
  }

  /** Waits for an error that a test causes and removes it. It may arrive after the result of the page. */
  async expect(pattern) {
    for (;;) {
      const index = this.unexpected.findIndex((text) => pattern.test(text));
      if (index >= 0) return this.unexpected.splice(index, 1)[0];
      await this.#page.waitForEvent("console");
    }
  }

  /** Ignores errors that a test may cause, before and after this call. */
  allow(pattern) {
    this.#allowed.push(pattern);
    this.unexpected = this.unexpected.filter((text) => !pattern.test(text));
  }

  #add(text) {
    if (!this.#allowed.some((pattern) => pattern.test(text))) this.unexpected.push(text);
  }
}
