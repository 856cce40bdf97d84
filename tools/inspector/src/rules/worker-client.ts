/** The page's client of the rules worker: each method returns a promise. */
import type { Rules } from "./types";
import type { ReadyMessage, RuleRequest, RuleResponse } from "./worker";

type PendingCall = { resolve(value: unknown): void; reject(error: Error): void };

const pendingCalls = new Map<number, PendingCall>();
const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
let lastId = 0;

/** Resolves when the rules are loaded. Rejects if they cannot be loaded. */
export const ready = new Promise<void>((resolve, reject) => {
  worker.onmessage = ({ data }: MessageEvent<ReadyMessage | RuleResponse>) => {
    if ("ready" in data) return data.ready ? resolve() : reject(new Error(data.error));
    const { id, result, error } = data;
    const call = pendingCalls.get(id);
    pendingCalls.delete(id);
    if (error === undefined) call?.resolve(result);
    else call?.reject(new Error(error));
  };
  worker.onerror = ({ message }) => reject(new Error(message || "the worker could not be started"));
});

/** Calls a method of the rules in the worker. Rejects with the message of the error that the method throws. */
export function callRules<Name extends keyof Rules>(
  method: Name,
  ...args: Parameters<Rules[Name]>
): Promise<ReturnType<Rules[Name]>> {
  const id = ++lastId;
  return new Promise((resolve, reject) => {
    pendingCalls.set(id, { resolve: resolve as PendingCall["resolve"], reject });
    worker.postMessage({ id, method, args } satisfies RuleRequest);
  });
}
