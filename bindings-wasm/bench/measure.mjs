/** Measures the Node rows. Each row is printed as a JSON line, which `make bench` collects. */

/** Returns the mean seconds of `calls` calls. */
export function time(calls, run) {
  const start = process.hrtime.bigint();
  for (let call = 0; call < calls; call++) run();
  return Number(process.hrtime.bigint() - start) / 1e9 / calls;
}

/** Returns the median. Sorts `numbers`. */
export const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

/**
 * Measures both functions in 61 interleaved rounds of about 4 ms, after a warm-up of about 0.3 s. Prints the
 * medians of their times and of the ratio ours ÷ theirs. `peer` names the other implementation.
 */
export function compare(row, work, peer, reach, ours, theirs) {
  const warmUpCalls = Math.ceil(0.3 / time(20, theirs));
  time(warmUpCalls, ours);
  time(warmUpCalls, theirs);
  const calls = Math.max(1, Math.ceil(0.004 / time(100, theirs)));
  const rounds = Array.from({ length: 61 }, () => [time(calls, ours), time(calls, theirs)]);
  printRow({
    row,
    work,
    peer,
    reach,
    ratio: median(rounds.map(([a, b]) => a / b)),
    ours_seconds: median(rounds.map(([a]) => a)),
    theirs_seconds: median(rounds.map(([, b]) => b)),
  });
}

/** Prints a row. `reach` is the target that the figure or the ratio should reach. */
export function printRow(row) {
  console.log(JSON.stringify(row));
}
