/** Counts in messages. */

/** Returns an integer with its digits in groups of three: `20,000`. */
export function groupDigits(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ",");
}
