/** The page's client of the Live worker. The first call starts the worker. */
import type { LiveCall, LiveResult } from "./types";

let worker: Worker | undefined;
let lastId = 0;
const pendingCalls = new Map<number, (result: LiveResult) => void>();

/** Runs a call in the worker. A failed call resolves to a result with `error`. */
export function callLive(call: LiveCall): Promise<LiveResult> {
  worker ??= startWorker();
  const id = ++lastId;
  return new Promise((resolve) => {
    pendingCalls.set(id, resolve);
    worker?.postMessage({ id, call });
  });
}

function startWorker(): Worker {
  const started = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  started.onmessage = ({ data: { id, result } }) => {
    pendingCalls.get(id)?.(result);
    pendingCalls.delete(id);
  };
  started.onerror = ({ message }) => {
    const error = { name: "Error", message: message || "The client could not be loaded. Reload the page." };
    for (const resolve of pendingCalls.values()) resolve({ durationMs: 0, error });
    pendingCalls.clear();
  };
  return started;
}
