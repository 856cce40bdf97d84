/**
 * Returns a function that runs a task one call at a time. Calls during a run are coalesced into one further run with
 * the last argument.
 */
export function coalesce<Argument>(task: (argument: Argument) => Promise<void>): (argument: Argument) => void {
  let running = false;
  let next: { argument: Argument } | undefined;
  const run = async () => {
    running = true;
    for (let request = next; request; request = next) {
      next = undefined;
      await task(request.argument);
    }
    running = false;
  };
  return (argument) => {
    next = { argument };
    if (!running) void run();
  };
}
