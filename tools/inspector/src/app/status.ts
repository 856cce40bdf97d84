/** The line under the editor: how large the text is, and how long its verdict took. */
import { h } from "../base/dom";
import { bytes, milliseconds } from "../base/figures";
import type { Subject, Verdict } from "../rules/shapes";

/** An older event is not what a change comes from. */
const recent = 60_000;

export class Status {
  readonly element = h("p.status", { role: "status" }, "Loading the rules…");
  #began: { at: number; what: string } | undefined;

  constructor() {
    // The clock runs from the event itself, before the editor takes the text in.
    window.addEventListener("paste", ({ timeStamp }) => this.began(timeStamp, "the paste"), { capture: true });
    window.addEventListener("drop", ({ timeStamp }) => this.began(timeStamp, "the drop"), { capture: true });
  }

  /** A text is on its way into the editor. */
  began(at: number, what: string): void {
    this.#began = { at, what };
  }

  /** When the text that arrives at this moment set out. */
  since(): number {
    const now = performance.now();
    return this.#began && now - this.#began.at < recent ? this.#began.at : now;
  }

  ready(): void {
    if (this.element.textContent === "Loading the rules…") this.element.textContent = "Ready. Nothing leaves this page.";
  }

  fail(why: string): void {
    this.element.textContent = `The rules could not run: ${why}`;
  }

  /** Says how long it took until what is in the page now can be seen. */
  show({ text }: Subject, { took }: Verdict, since: number | undefined): void {
    const size = bytes(new Blob([text]).size);
    const rules = `rules ${milliseconds(took)}`;
    if (text === "" || since === undefined) {
      this.element.textContent = text === "" ? "Ready. Nothing leaves this page." : `${size}; ${rules}.`;
      return;
    }
    const what = this.#began?.what ?? "the change";
    // A frame is painted between the callback before it and a task after it.
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        const passed = performance.now() - since;
        this.element.dataset.passed = passed.toFixed(1);
        this.element.textContent = `${size}: issues on screen ${milliseconds(passed)} after ${what}; ${rules}.`;
      };
      port2.postMessage(undefined);
    });
  }
}
