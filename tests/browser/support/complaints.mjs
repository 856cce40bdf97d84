/** What a page complains of: errors that nothing caught, and messages of its console. */
export class Complaints {
  /** Those that no test has taken, in order. */
  left = [];
  #allowed = [];
  #page;

  /** @param types the types of console messages that are complaints */
  constructor(page, types = ["error"]) {
    this.#page = page;
    page.on("pageerror", (error) => this.#add(String(error)));
    page.on("console", (message) => {
      if (types.includes(message.type())) this.#add(message.text());
    });
  }

  /** Takes a complaint that a test provokes. Waits for it: it may come after the page's answer. */
  async take(pattern) {
    for (;;) {
      const at = this.left.findIndex((text) => pattern.test(text));
      if (at >= 0) return this.left.splice(at, 1)[0];
      await this.#page.waitForEvent("console");
    }
  }

  /** Drops complaints that a test may provoke, whenever they come. */
  allow(pattern) {
    this.#allowed.push(pattern);
    this.left = this.left.filter((text) => !pattern.test(text));
  }

  #add(text) {
    if (!this.#allowed.some((pattern) => pattern.test(text))) this.left.push(text);
  }
}
