/** Results of the caller's functions. */

/**
 * Ignores the result of a function whose exceptions are ignored. If the function is asynchronous, its result is a
 * promise; an unhandled rejection would end a Node process.
 */
export function ignoreResult(result: unknown): void {
  new Promise((resolve) => resolve(result)).catch(() => {});
}
