/** Formats numbers for people. */
const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

export function formatCount(value: number, one: string, many = `${one}s`): string {
  return `${grouped.format(value)} ${value === 1 ? one : many}`;
}

export function formatNumber(value: number): string {
  return grouped.format(value);
}

export function formatBytes(value: number): string {
  if (value < 1000) return `${value} B`;
  if (value < 1_000_000) return `${short.format(value / 1000)} kB`;
  return `${short.format(value / 1_000_000)} MB`;
}

export function formatPercent(share: number): string {
  return `${share < 0.1 ? short.format(share * 100) : Math.round(share * 100)} %`;
}

export function formatMilliseconds(value: number): string {
  return value < 10 ? `${value.toFixed(1)} ms` : `${grouped.format(value)} ms`;
}
