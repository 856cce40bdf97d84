/** The status line under the editor: the size of the text and the duration of its check. */
import { h } from "../base/dom";
import { formatBytes, formatMilliseconds } from "../base/format";
import type { CheckInput, CheckResult } from "../rules/types";

const loadingText = "Loading the rules…";
const readyText = "Ready. Checks run in this page.";

/** The maximum age, in milliseconds, of a recorded start. An older one belongs to an earlier change. */
const maxEventAgeMs = 60_000;

export class Status {
  readonly element = h("p.status", { role: "status" }, loadingText);
  #change: { startedAt: number; cause: string } | undefined;

  constructor() {
    // The measured time starts with the event, before the editor inserts the text.
    window.addEventListener("paste", ({ timeStamp }) => this.startTimer(timeStamp, "the paste"), { capture: true });
    window.addEventListener("drop", ({ timeStamp }) => this.startTimer(timeStamp, "the drop"), { capture: true });
  }

  /**
   * Records the start of a change of the text.
   *
   * @param startedAt the time in milliseconds, as `performance.now()` returns it
   * @param cause the cause of the change, for the status line
   */
  startTimer(startedAt: number, cause: string): void {
    this.#change = { startedAt, cause };
  }

  /** Returns the start time of the current change, in milliseconds; the current time if no change was recorded recently. */
  startTime(): number {
    const now = performance.now();
    return this.#change && now - this.#change.startedAt < maxEventAgeMs ? this.#change.startedAt : now;
  }

  /** Shows that the rules are loaded. */
  showReady(): void {
    if (this.element.textContent === loadingText) this.element.textContent = readyText;
  }

  /** Shows the reason why a check failed. */
  showError(reason: string): void {
    this.element.textContent = `The check failed: ${reason}. Reload the page.`;
  }

  /** Shows the size of the text. With `startedAt`, also shows the time until its issues were painted. */
  show({ text }: CheckInput, { durationMs }: CheckResult, startedAt: number | undefined): void {
    const size = formatBytes(new Blob([text]).size);
    const check = `check ${formatMilliseconds(durationMs)}`;
    if (text === "" || startedAt === undefined) {
      this.element.textContent = text === "" ? readyText : `${size}; ${check}.`;
      return;
    }
    const cause = this.#change?.cause ?? "the change";
    // The browser paints between an animation-frame callback and the next task.
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        const elapsed = performance.now() - startedAt;
        this.element.dataset.elapsed = elapsed.toFixed(1);
        this.element.textContent = `${size}: issues shown ${formatMilliseconds(elapsed)} after ${cause}; ${check}.`;
      };
      port2.postMessage(undefined);
    });
  }
}
