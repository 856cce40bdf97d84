/** Formats numbers for people. */
const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const threeDigits = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

/** Formats a count with its noun: `1 error`, `2 errors`. */
export function formatCount(value: number, singular: string, plural = `${singular}s`): string {
  return `${grouped.format(value)} ${value === 1 ? singular : plural}`;
}

/** Formats a number as an integer with separators: `60,000`. */
export function formatNumber(value: number): string {
  return grouped.format(value);
}

/** Formats a size in bytes, with up to three digits: `999 B`, `60 kB`, `1.05 MB`. */
export function formatBytes(value: number): string {
  if (value < 1000) return `${value} B`;
  if (value < 1_000_000) return `${threeDigits.format(value / 1000)} kB`;
  return `${threeDigits.format(value / 1_000_000)} MB`;
}

/** Formats a ratio as a percentage: `0.5` as `50 %`. */
export function formatPercent(ratio: number): string {
  return `${ratio < 0.1 ? threeDigits.format(ratio * 100) : Math.round(ratio * 100)} %`;
}

/** Formats a duration in milliseconds: `1.5 ms`, `1,200 ms`. */
export function formatMilliseconds(value: number): string {
  return value < 10 ? `${value.toFixed(1)} ms` : `${grouped.format(value)} ms`;
}
