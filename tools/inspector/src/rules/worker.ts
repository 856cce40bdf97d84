/**
 * All rules run here, so that no text, however large, holds up the page. Messages are answered in
 * the order in which they came.
 */
import type { Rules } from "./shapes";

export interface Asked {
  readonly id: number;
  readonly does: keyof Rules;
  readonly given: readonly unknown[];
}

// The listener stands before the rules are there: they are loaded while the page is.
const rules: Promise<Rules> = import("./rules").then((module) => module.rules);

self.onmessage = async ({ data }: MessageEvent<Asked>) => {
  const { id, does, given } = data;
  try {
    const work = (await rules)[does] as (...given: readonly unknown[]) => unknown;
    self.postMessage({ id, gives: work(...given) });
  } catch (error) {
    self.postMessage({ id, failed: error instanceof Error ? error.message : String(error) });
  }
};

rules.then(
  () => self.postMessage({ ready: true }),
  (error: unknown) => self.postMessage({ ready: false, failed: String(error) }),
);
