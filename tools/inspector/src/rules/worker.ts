/**
 * Runs all rules in a worker, so that a large text does not block the page. Requests are processed in the order of
 * their arrival.
 */
import type { Rules } from "./types";

export interface RuleRequest {
  readonly id: number;
  readonly method: keyof Rules;
  readonly args: readonly unknown[];
}

export interface RuleResponse {
  readonly id: number;
  readonly result?: unknown;
  /** The message of the error that the method threw. */
  readonly error?: string;
}

/** A message that is sent once: whether the rules are loaded. */
export interface ReadyMessage {
  readonly ready: boolean;
  /** Why the rules could not be loaded. */
  readonly error?: string;
}

// A dynamic import, so that the listener below exists before the rules are loaded. Requests wait for the rules.
const rules: Promise<Rules> = import("./worker-methods").then((module) => module.rules);

self.onmessage = async ({ data }: MessageEvent<RuleRequest>) => {
  const { id, method, args } = data;
  try {
    const run = (await rules)[method] as (...args: readonly unknown[]) => unknown;
    self.postMessage({ id, result: run(...args) } satisfies RuleResponse);
  } catch (error) {
    self.postMessage({ id, error: error instanceof Error ? error.message : String(error) } satisfies RuleResponse);
  }
};

rules.then(
  () => self.postMessage({ ready: true } satisfies ReadyMessage),
  (error: unknown) => self.postMessage({ ready: false, error: String(error) } satisfies ReadyMessage),
);
