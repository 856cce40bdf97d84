/**
 * Runs a task again and again, one at a time: what is asked for meanwhile is run once, with what was
 * asked for last.
 */
export function latest<Given>(task: (given: Given) => Promise<void>): (given: Given) => void {
  let running = false;
  let next: { given: Given } | undefined;
  const run = async () => {
    running = true;
    for (let turn = next; turn; turn = next) {
      next = undefined;
      await task(turn.given);
    }
    running = false;
  };
  return (given) => {
    next = { given };
    if (!running) void run();
  };
}
