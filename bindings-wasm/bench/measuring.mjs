/** How the Node rows are measured and told: a JSON line a row, which `make bench` gathers. */

/** Seconds that one call takes, of so many. */
export function time(calls, work) {
  const start = process.hrtime.bigint();
  for (let call = 0; call < calls; call++) work();
  return Number(process.hrtime.bigint() - start) / 1e9 / calls;
}

export const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

/** The median of ours ÷ theirs over interleaved rounds, after both are warm. */
export function compare(row, work, peer, reach, ours, theirs) {
  const warm = Math.ceil(0.3 / time(20, theirs));
  time(warm, ours);
  time(warm, theirs);
  const calls = Math.max(1, Math.ceil(0.004 / time(100, theirs)));
  const rounds = Array.from({ length: 61 }, () => [time(calls, ours), time(calls, theirs)]);
  tell({
    row,
    work,
    peer,
    reach,
    ratio: median(rounds.map(([a, b]) => a / b)),
    ours_seconds: median(rounds.map(([a]) => a)),
    theirs_seconds: median(rounds.map(([, b]) => b)),
  });
}

export function tell(line) {
  console.log(JSON.stringify(line));
}
