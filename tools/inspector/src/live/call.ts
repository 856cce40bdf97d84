/** The page's side of the Live worker, which is started by the first call. */
import type { LiveAnswer, LiveCall } from "./shapes";

let worker: Worker | undefined;
let asked = 0;
const waiting = new Map<number, (answer: LiveAnswer) => void>();

export function call(call: LiveCall): Promise<LiveAnswer> {
  worker ??= start();
  const id = ++asked;
  return new Promise((resolve) => {
    waiting.set(id, resolve);
    worker?.postMessage({ id, call });
  });
}

function start(): Worker {
  const started = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  started.onmessage = ({ data: { id, answer } }) => {
    waiting.get(id)?.(answer);
    waiting.delete(id);
  };
  started.onerror = ({ message }) => {
    const failed = { name: "Error", message: message || "the client could not be loaded" };
    for (const resolve of waiting.values()) resolve({ took: 0, failed });
    waiting.clear();
  };
  return started;
}
