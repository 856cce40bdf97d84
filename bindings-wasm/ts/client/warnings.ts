/** The warnings of the clients and journals. */
import { typeError } from "../util/arguments.js";
import { ignoreResult } from "../util/callbacks.js";

/**
 * Handles a warning of a client or a journal.
 *
 * @param message the warning, without values and ids
 */
export type WarningListener = (message: string) => void;

const listeners = new Set<WarningListener>();

/**
 * Calls `listener` after each warning of any client in this process: a failed call, webhook deliveries that failed or
 * were dropped, or a write that is unguarded because the server's `ETag` is not a strong one. In Node, also calls it
 * when `fileJournal` opens a journal with damaged lines. Its exceptions are ignored, and so is the rejection of the
 * promise that an asynchronous listener returns. Without a listener, the warnings of clients are discarded, and that
 * of a journal becomes a warning of the process (`process.emitWarning`).
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
 * @returns whether there is a listener
 *
 * @internal
 */
export function emitWarning(message: string): boolean {
  for (const listener of [...listeners]) {
    // Later, because the core is in the middle of a call here.
    queueMicrotask(() => {
      try {
        ignoreResult(listener(message));
      } catch {
        // A listener must not stop the process.
      }
    });
  }
  return listeners.size > 0;
}
