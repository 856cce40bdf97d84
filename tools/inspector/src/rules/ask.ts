/** The page's side of the worker: each of its functions as a promise. */
import type { Asked } from "./worker";
import type { Rules } from "./shapes";

type Waiting = { resolve(value: unknown): void; reject(error: Error): void };

const waiting = new Map<number, Waiting>();
const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
let asked = 0;

/** Settles when the rules are there, and fails when they cannot be had. */
export const ready = new Promise<void>((resolve, reject) => {
  worker.onmessage = ({ data }) => {
    if (data.ready === true) return resolve();
    if (data.ready === false) return reject(new Error(data.failed));
    const { id, gives, failed } = data as { id: number; gives: unknown; failed?: string };
    const call = waiting.get(id);
    waiting.delete(id);
    if (failed === undefined) call?.resolve(gives);
    else call?.reject(new Error(failed));
  };
  worker.onerror = ({ message }) => reject(new Error(message || "the worker could not be started"));
});

export function ask<Name extends keyof Rules>(
  does: Name,
  ...given: Parameters<Rules[Name]>
): Promise<ReturnType<Rules[Name]>> {
  const id = ++asked;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve: resolve as Waiting["resolve"], reject });
    worker.postMessage({ id, does, given } satisfies Asked);
  });
}
