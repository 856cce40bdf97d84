/** Collects the errors of a page: uncaught exceptions and console messages. */
export class PageErrors {
  /** The errors that no test has expected or allowed, in order. */
  unexpected = [];
  #allowed = [];
  #page;

  /** @param types the types of console messages that are collected; uncaught exceptions always are */
  constructor(page, types = ["error"]) {
    this.#page = page;
    page.on("pageerror", (error) => this.#add(String(error)));
    page.on("console", (message) => {
      if (types.includes(message.type())) this.#add(message.text());
    });
  }

  /** Waits for an error that a test causes, and removes it. The error may arrive after the result of the page. */
  async expect(pattern) {
    for (;;) {
      const index = this.unexpected.findIndex((text) => pattern.test(text));
      if (index >= 0) return this.unexpected.splice(index, 1)[0];
      await this.#page.waitForEvent("console");
    }
  }

  /** Ignores all errors that match, those before this call too. */
  allow(pattern) {
    this.#allowed.push(pattern);
    this.unexpected = this.unexpected.filter((text) => !pattern.test(text));
  }

  #add(text) {
    if (!this.#allowed.some((pattern) => pattern.test(text))) this.unexpected.push(text);
  }
}
