/** The warnings that the clients log. */
import { typeError } from "../util/arguments.js";

/**
 * Handles a warning of a client.
 *
 * @param message the warning, without values and ids
 */
export type WarningListener = (message: string) => void;

const listeners = new Set<WarningListener>();

/**
 * Calls `listener` after each warning of any client in this process: a failed call, webhook deliveries that failed or
 * were dropped, or a write that is unguarded because the server's `ETag` is not a strong one. Its exceptions are
 * ignored. By default, warnings are discarded.
 *
 * @param listener receives the message
 * @returns a function that removes the listener
 * @throws {TypeError} when `listener` is not a function
 *
 * @example
 * ```js
 * onWarning((message) => console.warn(message));
 * ```
 */
export function onWarning(listener: WarningListener): () => void {
  if (typeof listener !== "function") throw typeError("listener", "a function", listener);
  // A new function, so that a listener that is added twice is called twice.
  const registered: WarningListener = (message) => listener(message);
  listeners.add(registered);
  return () => void listeners.delete(registered);
}

/**
 * Passes a warning to the listeners.
 *
 * @param message the message
 *
 * @internal
 */
export function emitWarning(message: string): void {
  for (const listener of [...listeners]) {
    // Later, because the core is in the middle of a call here.
    queueMicrotask(() => {
      try {
        listener(message);
      } catch {
        // A listener must not stop the process.
      }
    });
  }
}
