/** The status line under the editor: the size of the text and the duration of its check. */
import { h } from "../base/dom";
import { formatBytes, formatMilliseconds } from "../base/format";
import type { CheckInput, Verdict } from "../rules/types";

/** The maximum age, in milliseconds, of an event that caused a change. */
const maxEventAgeMs = 60_000;

export class Status {
  readonly element = h("p.status", { role: "status" }, "Loading the rules…");
  #started: { at: number; cause: string } | undefined;

  constructor() {
    // The time starts at the event, before the editor inserts the text.
    window.addEventListener("paste", ({ timeStamp }) => this.start(timeStamp, "the paste"), { capture: true });
    window.addEventListener("drop", ({ timeStamp }) => this.start(timeStamp, "the drop"), { capture: true });
  }

  /** Records the start of a change of the text. */
  start(at: number, cause: string): void {
    this.#started = { at, cause };
  }

  /** Returns the start time of the current change. */
  startTime(): number {
    const now = performance.now();
    return this.#started && now - this.#started.at < maxEventAgeMs ? this.#started.at : now;
  }

  ready(): void {
    if (this.element.textContent === "Loading the rules…") this.element.textContent = "Ready. Nothing leaves this page.";
  }

  fail(reason: string): void {
    this.element.textContent = `The check failed: ${reason}. Reload the page.`;
  }

  /** Shows the time until the current issues were painted. */
  show({ text }: CheckInput, { durationMs }: Verdict, since: number | undefined): void {
    const size = formatBytes(new Blob([text]).size);
    const check = `check ${formatMilliseconds(durationMs)}`;
    if (text === "" || since === undefined) {
      this.element.textContent = text === "" ? "Ready. Nothing leaves this page." : `${size}; ${check}.`;
      return;
    }
    const cause = this.#started?.cause ?? "the change";
    // The browser paints between an animation-frame callback and the next task.
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        const elapsed = performance.now() - since;
        this.element.dataset.elapsed = elapsed.toFixed(1);
        this.element.textContent = `${size}: issues shown ${formatMilliseconds(elapsed)} after ${cause}; ${check}.`;
      };
      port2.postMessage(undefined);
    });
  }
}
